"""Operations that R4 defines, and what a browser asks first. https://hl7.org/fhir/R4/operations.html"""

from conformance.checks import Answer, Session, check, may, samples, shall
from profiles.json import Resource

_GENDERS = "http://hl7.org/fhir/administrative-gender"
_GENDER_SET = "http://hl7.org/fhir/ValueSet/administrative-gender"


def _parameters(answer: Answer) -> dict[str, Resource]:
    found = answer.expect_status(200).expect_type("Parameters").get("parameter") or ()
    return {str(one.get("name")): one for one in found}


def _severities(resource: Resource) -> set[object]:
    return {one.get("severity") for one in resource.get("issue") or ()}


@check(
    shall(
        "rest-validate-valid",
        "resource-operation-validate.html",
        "$validate 有效资源时返回无错误的 OperationOutcome",
        "$validate of a valid resource: an OperationOutcome without errors",
    ),
    claims=("Patient$validate",),
)
async def validate_valid(on: Session) -> None:
    answer = await on.post("Patient/$validate", samples.patient(on.unique))
    found = answer.expect_status(200).expect_type("OperationOutcome")
    met = {"error", "fatal"}.isdisjoint(_severities(found))
    answer.expect(met, "不应有错误", "there should be no error")


@check(
    shall(
        "rest-validate-invalid",
        "resource-operation-validate.html",
        "$validate 无效资源时返回 200 与错误",
        "$validate of an invalid resource: 200 and errors",
    ),
    claims=("Patient$validate",),
)
async def validate_invalid(on: Session) -> None:
    answer = await on.post("Patient/$validate", samples.patient(on.unique, gender="no-such-gender"))
    answer.expect_outcome()
    answer.advise(answer.status == 200, "应为 200", "it should be 200")


@check(
    shall(
        "rest-validate-parameters",
        "resource-operation-validate.html",
        "$validate 接受 Parameters，且不保存资源",
        "$validate takes Parameters, and stores nothing",
    ),
    claims=("Patient$validate", "Patient.search-type", "Patient?identifier"),
    after=("rest-validate-valid",),
)
async def validate_parameters(on: Session) -> None:
    part = {"name": "resource", "resource": samples.patient(on.unique)}
    answer = await on.post("Patient/$validate", {"resourceType": "Parameters", "parameter": [part]})
    answer.expect_status(200).expect_type("OperationOutcome")
    found = await on.get(f"Patient?identifier={samples.IDENTIFIERS}|{on.unique}")
    found.expect(not found.matches, "不应保存", "nothing should be stored")


@check(
    shall(
        "rest-everything",
        "patient-operation-everything.html",
        "$everything 含有患者本人及其资料",
        "$everything has the patient and what is about the patient",
    ),
    claims=("Patient$everything", "Patient.create", "Observation.create"),
    after=("rest-create",),
)
async def everything(on: Session) -> None:
    patient = await on.create(samples.patient(on.unique))
    other = await on.create(samples.patient(f"{on.unique}b"))
    observation = await on.create(samples.observation(f"Patient/{patient['id']}", on.unique))
    answer = (await on.get(f"Patient/{patient['id']}/$everything")).expect_status(200)
    kind = answer.expect_type("Bundle").get("type")
    answer.expect(kind == "searchset", "应为 searchset", "it should be a searchset")
    ids = {(one.get("resource") or {}).get("id") for one in answer.entries}
    met = {patient["id"], observation["id"]} <= ids
    answer.expect(met, "应有患者与其资料", "there should be the patient and what is about the patient")
    answer.expect(other["id"] not in ids, "不应有他人", "there should be nobody else")


@check(
    shall(
        "rest-expand",
        "valueset-operation-expand.html",
        "$expand 列出值集的代码",
        "$expand lists the codes of a value set",
    ),
    claims=("ValueSet$expand",),
)
async def expand(on: Session) -> None:
    answer = (await on.get(f"ValueSet/$expand?url={_GENDER_SET}")).expect_status(200)
    listed = (answer.expect_type("ValueSet").get("expansion") or {}).get("contains") or ()
    met = {"male", "female", "other", "unknown"} == {one.get("code") for one in listed}
    answer.expect(met, "应为四个代码", "it should be the four codes")


@check(
    shall(
        "rest-lookup", "codesystem-operation-lookup.html", "$lookup 返回代码的名称", "$lookup gives the name of a code"
    ),
    claims=("CodeSystem$lookup",),
)
async def lookup(on: Session) -> None:
    answer = await on.get(f"CodeSystem/$lookup?system={_GENDERS}&code=female")
    answer.expect("display" in _parameters(answer), "应有 display", "there should be a display")
    unknown = await on.get(f"CodeSystem/$lookup?system={_GENDERS}&code=no-such-code")
    unknown.expect(400 <= unknown.status < 500, "未知代码应返回 4xx", "an unknown code should answer 4xx")


@check(
    shall(
        "rest-validate-code",
        "valueset-operation-validate-code.html",
        "$validate-code 区分值集内外的代码",
        "$validate-code tells the codes of a value set from others",
    ),
    claims=("ValueSet$validate-code",),
)
async def validate_code(on: Session) -> None:
    for code, expected in (("female", True), ("no-such-code", False)):
        answer = await on.get(f"ValueSet/$validate-code?url={_GENDER_SET}&system={_GENDERS}&code={code}")
        said = _parameters(answer).get("result", {}).get("valueBoolean")
        answer.expect(said is expected, f"{code} 的结果应为 {expected}", f"the result for {code} should be {expected}")


@check(
    shall(
        "rest-subsumes",
        "codesystem-operation-subsumes.html",
        "$subsumes 对相同代码返回 equivalent",
        "$subsumes says equivalent of a code and itself",
    ),
    claims=("CodeSystem$subsumes",),
)
async def subsumes(on: Session) -> None:
    answer = await on.get(f"CodeSystem/$subsumes?system={_GENDERS}&codeA=female&codeB=female")
    said = _parameters(answer).get("outcome", {}).get("valueCode")
    answer.expect(said == "equivalent", "应为 equivalent", "it should be equivalent")


@check(
    may("rest-options", "http.html#options", "OPTIONS 说明地址支持的方法", "OPTIONS tells the methods of an address"),
    claims=("Patient.read",),
)
async def options(on: Session) -> None:
    answer = (await on.send("OPTIONS", "Patient")).expect_status(200, 204)
    answer.expect_header("Allow", r".*GET.*")


CHECKS = (
    validate_valid,
    validate_invalid,
    validate_parameters,
    everything,
    expand,
    lookup,
    validate_code,
    subsumes,
    options,
)
