"""Bodies that cannot be taken. https://hl7.org/fhir/R4/http.html#create"""

from conformance.checks import Session, check, samples, shall, should
from conformance.suites.errors.refusals import refused

_CREATE = ("Patient.create", "Patient.read")
_UPDATE = (*_CREATE, "Patient.update")


@check(
    shall("errors-malformed", "http.html#create", "不是 JSON 的内容返回 400", "what is not JSON answers 400"),
    claims=_CREATE,
)
async def malformed(on: Session) -> None:
    for body in ('{"resourceType": "Patient", ', "no json at all", "", "[]", '"Patient"', "null"):
        refused(await on.post("Patient", body), 400, 422)


@check(
    should(
        "errors-unknown-element",
        "http.html#create",
        "含未定义元素的资源被拒绝（400 或 422）",
        "a resource with an element that is not defined is refused (400 or 422)",
    ),
    claims=_CREATE,
)
async def unknown_element(on: Session) -> None:
    refused(await on.post("Patient", samples.patient(on.unique, noSuchElement="1")), 400, 422)


@check(
    shall(
        "errors-wrong-type",
        "http.html#create",
        "内容的 resourceType 与地址不符时拒绝",
        "a body of another resourceType than the address is refused",
    ),
    claims=_CREATE,
)
async def wrong_type(on: Session) -> None:
    refused(await on.post("Patient", samples.binary("aW52ZW50ZWQ=")), 400, 422)


@check(
    shall(
        "errors-invalid",
        "http.html#create",
        "值不合法的资源被拒绝（400 或 422）",
        "a resource with a wrong value is refused (400 or 422)",
    ),
    claims=_CREATE,
)
async def invalid(on: Session) -> None:
    for wrong in ({"gender": "no-such-gender"}, {"birthDate": "1970-13-45"}, {"active": "yes"}, {"name": "text"}):
        refused(await on.post("Patient", samples.patient(on.unique, **wrong)), 400, 422)


@check(
    should(
        "errors-expression",
        "operationoutcome-definitions.html#OperationOutcome.issue.expression",
        "OperationOutcome 的 expression 指出有误的元素",
        "the expression of the OperationOutcome leads to the element that is wrong",
    ),
    claims=_CREATE,
    after=("errors-invalid",),
)
async def expression(on: Session) -> None:
    answer = await on.post("Patient", samples.patient(on.unique, gender="no-such-gender"))
    issues = answer.expect_outcome()["issue"]
    places = [place for one in issues for place in one.get("expression") or ()]
    answer.expect("Patient.gender" in places, "应指向 Patient.gender", "it should lead to Patient.gender")


@check(
    shall(
        "errors-id-mismatch",
        "http.html#update",
        "更新时内容的 id 与地址不符返回 400",
        "an update whose body has another id than the address answers 400",
    ),
    claims=_UPDATE,
)
async def id_mismatch(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    refused(await on.put(f"Patient/{made['id']}", {**made, "id": f"other-{on.unique}"}), 400)


@check(
    shall(
        "errors-id-missing",
        "http.html#update",
        "更新时内容没有 id 返回 400",
        "an update whose body has no id answers 400",
    ),
    claims=_UPDATE,
)
async def id_missing(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    without = {name: value for name, value in made.items() if name != "id"}
    refused(await on.put(f"Patient/{made['id']}", without), 400)


@check(
    should(
        "errors-too-large",
        "https://www.rfc-editor.org/rfc/rfc9110#status.413",
        "过大的内容返回 413",
        "a body that is too large answers 413",
    ),
    claims=_CREATE,
    inputs=("body_limit",),
)
async def too_large(on: Session) -> None:
    answer = await on.post("Patient", b" " * (int(on.inputs["body_limit"]) + 1))
    refused(answer, 413)


CHECKS = (malformed, unknown_element, wrong_type, invalid, expression, id_mismatch, id_missing, too_large)
