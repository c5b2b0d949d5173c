"""No resource that breaks a profile gets in: valid examples are stored, invalid ones are refused. https://hl7.org/fhir/R4/http.html#create"""

from collections.abc import Iterator, Mapping
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from conformance.checks import Check, Requirement, Session, Unable, check, removal, shall
from conformance.checks.answer import place
from conformance.suites.profiles import guide, outcomes
from profiles.invalid_examples import Case
from profiles.json import Resource

STORED = shall(
    "profiles-examples-stored",
    "https://hl7.org/fhir/R4/http.html#create",
    "本规范的有效示例可以保存",
    "valid examples of the guide can be stored",
)
REFUSED = shall(
    "profiles-invalid-refused",
    "https://hl7.org/fhir/R4/http.html#create",
    "违反本规范的资源不能保存，无论是否声明 profile",
    "a resource that breaks a profile cannot be stored, whether or not it claims the profile",
)
LENIENT = shall(
    "profiles-lenient-refused",
    "https://hl7.org/fhir/R4/http.html#handling",
    "handling=lenient 不放宽对资源内容的要求",
    "handling=lenient does not weaken what is asked of a resource",
)
REMOVED = shall(
    "profiles-examples-removed",
    "https://hl7.org/fhir/R4/http.html#trules",
    "相互引用的资源可以在一个事务中一并删除",
    "resources that refer to one another can be deleted in one transaction",
)
_CLAIMS = ("system.transaction",)


async def stored(on: Session) -> Mapping[str, str]:
    """The examples on the server: `Type/id` as the guide has it → as the server has it. All in one transaction."""
    named = {name: f"urn:uuid:{uuid5(NAMESPACE_URL, f'{on.unique}/{name}')}" for name in guide.examples()}
    places = {_reference(one): named[name] for name, one in guide.examples().items()}
    entries = [_entry(guide.referring(one, places), named[name]) for name, one in guide.examples().items()]
    answer = await on.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    if answer.status == 409:
        raise Unable("服务器上已有这些示例（409）", "the examples are on the server already (409)")
    answer.expect_status(200)
    answered = answer.expect_type("Bundle").get("entry", ())
    answer.expect(len(answered) == len(entries), "每个条目都应有应答", "every entry should have a response")
    found = {}
    for one, response in zip(guide.examples().values(), answered, strict=True):
        location = place(str(response.get("response", {}).get("location", "")))
        answer.expect(location is not None, "每个条目都应有 location", "every entry should have a location")
        found[_reference(one)] = "/".join((location or ("", "", ""))[:2])
    return found


def _entry(resource: Resource, full_url: str) -> Resource:
    body = {name: value for name, value in resource.items() if name != "id"}
    return {"fullUrl": full_url, "resource": body, "request": {"method": "POST", "url": resource["resourceType"]}}


def _reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


@check(STORED, claims=_CLAIMS)
async def examples_stored(on: Session) -> None:
    await on.once(stored)


@check(REMOVED, claims=_CLAIMS, after=(STORED.id,))
async def examples_removed(on: Session) -> None:
    """In one transaction: they refer to one another in circles, and cannot go one by one."""
    places = [*(await on.once(stored)).values()]
    followed = await removal.about(on.target, [one for one in places if one.startswith("Patient/")])
    answer = await on.post("", removal.transaction([*places, *followed]))
    answer.expect_status(200)
    for reference in places:
        (await on.get(reference)).expect_status(404, 410)


def checks() -> Iterator[Check]:
    yield examples_stored
    for definition in guide.structure_definitions():
        broken = [case for case in guide.cases(definition) if any(one.severity == "error" for one in case.expect)]
        for case in broken:
            yield _check(REFUSED, f"refused-{definition['id']}-{case.name}", definition, case, {})
        for case in broken[:1]:
            yield _check(LENIENT, f"lenient-{definition['id']}", definition, case, {"Prefer": "handling=lenient"})
    yield examples_removed


def _check(requirement: Requirement, id_: str, definition: Resource, case: Case, headers: Mapping[str, str]) -> Check:
    zh, _, en = case.why.partition(" / ")
    title = f"{definition['id']}: {zh}", f"{definition['id']}: {en or zh}"
    claims = (f"{case.resource['resourceType']}.create", *_CLAIMS)
    body = partial(_refused, definition, case, headers)
    return Check(id_, requirement, *title, body, claims=claims, after=(STORED.id,))


async def _refused(definition: Resource, case: Case, headers: Mapping[str, str], on: Session) -> None:
    kind = case.resource["resourceType"]
    outcomes.supported(on, kind, definition)
    resource = guide.tagged(guide.referring(case.resource, await on.once(stored)))
    if guide.implied(case, definition["url"]):
        resource = guide.unclaimed(resource)
    answer = await on.post(kind, resource, headers=headers)
    answer.expect_status(400, 422)
    answer.expect_outcome()
    outcomes.errors_found(answer, case)
