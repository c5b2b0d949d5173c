"""What form a resource comes in: _format, _pretty, _summary, _elements. https://hl7.org/fhir/R4/http.html#parameters"""

from conformance.checks import Answer, Session, check, samples, should
from profiles.json import Resource

_CLAIMS = ("Patient.create", "Patient.read")
_SUBSETTED = "SUBSETTED"


async def _read(on: Session, query: str) -> Answer:
    made = await on.create(samples.patient(on.unique, maritalStatus={"text": "invented"}))
    return (await on.get(f"Patient/{made['id']}?{query}")).expect_status(200)


def _tags(resource: Resource) -> set[object]:
    return {one.get("code") for one in (resource.get("meta") or {}).get("tag") or ()}


@check(
    should("rest-format", "http.html#mime-type", "_format 优先于 Accept", "_format counts more than Accept"),
    claims=(*_CLAIMS, "format.json"),
    after=("rest-read",),
)
async def format_(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    for said in ("json", "application/fhir%2Bjson"):
        answer = await on.get(f"Patient/{made['id']}?_format={said}", headers={"Accept": "text/html"})
        answer.expect_status(200).expect_header("Content-Type", r"application/(fhir\+)?json.*")


@check(
    should(
        "rest-pretty", "http.html#parameters", "_pretty=true 排版而不改内容", "_pretty=true changes only white space"
    ),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def pretty(on: Session) -> None:
    answer = await _read(on, "_pretty=true")
    plain = await on.get(f"Patient/{answer.resource['id']}?_pretty=false")
    answer.expect(b"\n" in answer.content.strip(), "应有换行", "there should be line breaks")
    answer.expect(answer.resource == plain.resource, "内容应相同", "the content should be the same")


@check(
    should(
        "rest-summary-true", "search.html#summary", "_summary=true 只留摘要元素", "_summary=true: summary elements only"
    ),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def summary(on: Session) -> None:
    answer = await _read(on, "_summary=true")
    found = answer.resource
    met = "maritalStatus" not in found and "name" in found
    answer.expect(met, "应只有摘要元素", "there should be summary elements only")


@check(
    should(
        "rest-summary-text", "search.html#summary", "_summary=text 不含 data 元素", "_summary=text: no data elements"
    ),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def summary_text(on: Session) -> None:
    answer = await _read(on, "_summary=text")
    met = {*answer.resource} <= {"resourceType", "id", "meta", "text", "implicitRules", "language"}
    answer.expect(met, "应只有 text、id、meta", "there should be text, id and meta only")


@check(
    should(
        "rest-subsetted",
        "search.html#summary",
        "不完整的资源带 SUBSETTED 标记",
        "a resource that is not whole is tagged SUBSETTED",
    ),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def subsetted(on: Session) -> None:
    for query in ("_summary=true", "_elements=gender"):
        answer = await _read(on, query)
        answer.expect(_SUBSETTED in _tags(answer.resource), "应有 SUBSETTED 标记", "it should be tagged SUBSETTED")


@check(
    should("rest-elements", "search.html#elements", "_elements 只留所列元素", "_elements: those that are listed only"),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def elements(on: Session) -> None:
    answer = await _read(on, "_elements=gender,birthDate")
    found = answer.resource
    met = {"gender", "birthDate"} <= {*found} and not {"name", "identifier"} & {*found}
    answer.expect(met, "应只有所列元素", "there should be what was listed only")


CHECKS = (format_, pretty, summary, summary_text, subsetted, elements)
