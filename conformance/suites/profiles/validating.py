"""$validate knows our profiles: valid examples pass, every invalid case is found. https://hl7.org/fhir/R4/resource-operation-validate.html"""

from collections.abc import Iterator
from functools import partial

from conformance.checks import Check, Session, shall
from conformance.suites.profiles import guide, outcomes
from profiles.invalid_examples import Case
from profiles.json import Resource

VALID = shall(
    "profiles-valid-example",
    "https://hl7.org/fhir/R4/resource-operation-validate.html",
    "本规范的有效示例通过 $validate",
    "valid examples of the guide pass $validate",
)
INVALID = shall(
    "profiles-invalid-found",
    "https://hl7.org/fhir/R4/profiling.html#resources",
    "$validate 在所指元素处报告违反本规范之处，无论资源是否声明 profile",
    "$validate finds what breaks a profile, at its element, whether or not the resource claims the profile",
)


def checks() -> Iterator[Check]:
    for definition in guide.structure_definitions():
        name = definition["id"]
        for example in guide.examples_of(definition["url"]):
            title = f"{name}：有效示例 {example}", f"{name}: valid example {example}"
            kind = guide.examples()[example]["resourceType"]
            body = partial(_valid, definition, example)
            yield Check(f"valid-{name}-{example}".lower(), VALID, *title, body, claims=(f"{kind}$validate",))
        for case in guide.cases(definition):
            zh, _, en = case.why.partition(" / ")
            kind = case.resource["resourceType"]
            body = partial(_invalid, definition, case)
            id_ = f"invalid-{name}-{case.name}"
            yield Check(id_, INVALID, f"{name}: {zh}", f"{name}: {en or zh}", body, claims=(f"{kind}$validate",))


async def _valid(definition: Resource, example: str, on: Session) -> None:
    resource = guide.examples()[example]
    kind = resource["resourceType"]
    outcomes.supported(on, kind, definition)
    outcomes.no_errors(await on.post(f"{kind}/$validate", resource))
    asked = {"name": "profile", "valueUri": definition["url"]}
    parameters = [{"name": "resource", "resource": guide.unclaimed(resource)}, asked]
    outcomes.no_errors(await on.post(f"{kind}/$validate", {"resourceType": "Parameters", "parameter": parameters}))


async def _invalid(definition: Resource, case: Case, on: Session) -> None:
    kind = case.resource["resourceType"]
    outcomes.supported(on, kind, definition)
    answer = await on.post(f"{kind}/$validate", case.resource)
    outcomes.found(answer.expect_status(200), case)
    if guide.implied(case, definition["url"]):
        answer = await on.post(f"{kind}/$validate", guide.unclaimed(case.resource))
        outcomes.found(answer.expect_status(200), case)
