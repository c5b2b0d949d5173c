"""$everything and $meta. https://hl7.org/fhir/R4/patient-operation-everything.html, https://hl7.org/fhir/R4/resource-operation-meta.html"""

from typing import Any

from conformance.checks import Answer, Check, Session, check, samples, shall
from profiles.json import Resource

_EVERYTHING = ("Patient$everything", "Patient.create", "Observation.create")
_MARK = "urn:oid:2.25.167438261930385719.1"
EVERYTHING = shall(
    "everything-whole",
    "patient-operation-everything.html",
    "$everything 给出该患者及其全部记录，不含他人",
    "$everything gives the patient and what is about them, and nobody else's",
)
META = shall(
    "meta-tags",
    "resource-operation-meta.html",
    "$meta、$meta-add、$meta-delete 读写标签",
    "$meta, $meta-add and $meta-delete read and write tags",
)


async def _everything(on: Session, path: str) -> list[str]:
    """The references of all pages."""
    found: list[str] = []
    url: str | None = path
    while url:
        answer = (await on.get(url)).expect_status(200)
        resources = [entry["resource"] for entry in answer.entries if "resource" in entry]
        found += [f"{one['resourceType']}/{one['id']}" for one in resources if "id" in one]
        url = answer.link("next")
    return found


@check(EVERYTHING, id="everything-patient", zh="患者的全部记录", en="all about a patient", claims=_EVERYTHING)
async def everything(on: Session) -> None:
    patient, other = [await on.create(samples.patient(f"{on.unique}{name}")) for name in ("a", "b")]
    mine = await on.create(samples.observation(f"Patient/{patient['id']}", f"{on.unique}a"))
    others = await on.create(samples.observation(f"Patient/{other['id']}", f"{on.unique}b"))
    found = await _everything(on, f"Patient/{patient['id']}/$everything")
    wanted = {f"Patient/{patient['id']}", f"Observation/{mine['id']}"}
    on.expect(wanted <= {*found}, "应含患者本人及其检查", "the patient and the observation should be in it")
    alien = {f"Patient/{other['id']}", f"Observation/{others['id']}"}
    on.expect(alien.isdisjoint(found), "不应含他人的记录", "nobody else's should be in it")
    on.expect(len(found) == len({*found}), "不应重复", "nothing should be in it twice")


@check(
    EVERYTHING,
    id="everything-type",
    zh="_type 限定类型",
    en="of the types asked for",
    claims=(*_EVERYTHING, "Encounter.create"),
)
async def of_types(on: Session) -> None:
    patient = await on.create(samples.patient(on.unique))
    subject = f"Patient/{patient['id']}"
    mine = await on.create(samples.observation(subject, on.unique))
    await on.create(samples.encounter(subject, on.unique, {"start": "2024-05-06", "end": "2024-05-06"}))
    found = await _everything(on, f"{subject}/$everything?_type=Observation")
    on.expect(f"Observation/{mine['id']}" in found, "应含检查", "the observation should be in it")
    kinds = {one.partition("/")[0] for one in found} - {"Patient"}
    on.expect(kinds == {"Observation"}, "不应含其他类型", "no other types should be in it")


@check(
    shall(
        "everything-unknown",
        "patient-operation-everything.html",
        "没有的患者以 404 应答",
        "a patient that does not exist is answered 404",
    ),
    claims=("Patient$everything",),
)
async def nobody(on: Session) -> None:
    (await on.get(f"Patient/no-{on.unique}/$everything")).expect_status(404).expect_outcome()


def _meta(answer: Answer) -> dict[str, Any]:
    parameters = answer.expect_status(200).expect_type("Parameters").get("parameter", ())
    found = [one["valueMeta"] for one in parameters if one.get("name") == "return" and "valueMeta" in one]
    answer.expect(len(found) == 1, "应有 return (Meta)", "there should be a return with a Meta")
    meta: dict[str, Any] = found[0]
    return meta


def _tags(meta: Resource) -> set[tuple[str, str]]:
    return {(one.get("system", ""), one.get("code", "")) for one in meta.get("tag", ())}


@check(META, claims=("Patient$meta", "Patient$meta-add", "Patient$meta-delete", "Patient.create"))
async def tags(on: Session) -> None:
    patient = await on.create(samples.patient(on.unique))
    path, tag = f"Patient/{patient['id']}", {"system": _MARK, "code": on.unique}
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [tag]}}]}
    added = _tags(_meta(await on.post(f"{path}/$meta-add", parameters)))
    on.expect((_MARK, on.unique) in added, "应已添加标签", "the tag should have been added")
    kept = _tags(_meta(await on.get(f"{path}/$meta")))
    on.expect(kept == added, "$meta 应给出全部标签", "$meta should give all tags")
    left = _tags(_meta(await on.post(f"{path}/$meta-delete", parameters)))
    on.expect(left == added - {(_MARK, on.unique)}, "应只删除该标签", "that tag should be gone, and no other")


CHECKS: tuple[Check, ...] = (everything, of_types, nobody, tags)
