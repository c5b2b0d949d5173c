"""Parameters that need resources of their own: number and uri; compartments and the whole system."""

from decimal import Decimal

from conformance.checks import Answer, Session, check, samples, shall
from conformance.suites.search.scene import scene
from profiles.json import Resource

_AFTER = ("search-basic",)
_ADDRESS = "http://conformance.example.org/ValueSet"


@check(
    shall(
        "search-number",
        "search.html#number",
        "数值按隐含精度与前缀匹配",
        "a number matches by implicit precision and prefix",
    ),
    claims=("Patient.create", "RiskAssessment.create", "RiskAssessment.search-type", "RiskAssessment?probability"),
    after=_AFTER,
)
async def number(on: Session) -> None:
    patient = await on.create(samples.patient(on.unique))
    made = await on.create(_risk(f"Patient/{patient['id']}"))
    cases = {"0.8": True, "0.80": True, "0.75": False, "gt0.5": True, "lt0.5": False, "ne0.8": False}
    for value, expected in cases.items():
        answer = await on.get(f"RiskAssessment?_id={made['id']}&probability={value}")
        _expect_found(answer, value, expected=expected)


def _risk(subject: str) -> Resource:
    prediction = [{"outcome": {"text": "invented"}, "probabilityDecimal": Decimal("0.80")}]
    found = {"status": "final", "subject": {"reference": subject}, "prediction": prediction}
    return {"resourceType": "RiskAssessment", "meta": {"tag": [samples.TAG]}, **found}


@check(
    shall(
        "search-uri", "search.html#uri", "uri 全文匹配，:below 按层级匹配", "a uri matches whole; :below by its levels"
    ),
    claims=("ValueSet.create", "ValueSet.search-type", "ValueSet?url", "ValueSet?_id"),
    after=_AFTER,
)
async def uri(on: Session) -> None:
    url = f"{_ADDRESS}/{on.unique}"
    found = {"url": url, "status": "draft", "experimental": True, "name": "Invented"}
    made = await on.create({"resourceType": "ValueSet", "meta": {"tag": [samples.TAG]}, **found})
    cases = {f"url={url}": True, f"url={url}x": False, f"url={_ADDRESS}": False, f"url:below={_ADDRESS}": True}
    for query, expected in cases.items():
        answer = await on.get(f"ValueSet?_id={made['id']}&{query}")
        _expect_found(answer, query, expected=expected)


def _expect_found(answer: Answer, query: str, *, expected: bool) -> None:
    met = bool(answer.matches) == expected
    wanted = ("应找到", "should find it") if expected else ("不应找到", "should not find it")
    answer.expect(met, f"{query} {wanted[0]}", f"{query} {wanted[1]}")


@check(
    shall(
        "search-compartment",
        "compartmentdefinition.html",
        "在患者的区间内检索只找到其资料",
        "a search in a patient's compartment finds what is that patient's only",
    ),
    claims=(
        "Patient.create",
        "Observation.create",
        "Observation.search-type",
        "compartment.http://hl7.org/fhir/CompartmentDefinition/patient",
    ),
    after=_AFTER,
)
async def compartment(on: Session) -> None:
    here = await scene(on)
    answer = await on.get(f"Patient/{here.of('Patient', 'anna')}/Observation")
    found = sorted(here.names("Observation", answer.matches))
    answer.expect(found == ["low", "middle"], "应只有其资料", "there should be that patient's only")


@check(
    shall("search-system", "http.html#search", "在系统层按 _type 检索", "a search of the whole system by _type"),
    claims=("Patient.create", "Observation.create", "system.search-system"),
    after=_AFTER,
)
async def system(on: Session) -> None:
    here = await scene(on)
    ids = ",".join([here.of("Patient", "anna"), here.of("Observation", "low"), here.of("Observation", "high")])
    answer = await on.get(f"?_type=Patient,Observation&_id={ids}")
    kinds = sorted(str(one.get("resourceType")) for one in answer.matches)
    met = kinds == ["Observation", "Observation", "Patient"]
    answer.expect(met, "应找到两种类型的资源", "it should find resources of both types")


CHECKS = (number, uri, compartment, system)
