"""$validate in all its forms. https://hl7.org/fhir/R4/resource-operation-validate.html"""

from collections.abc import Iterator

from conformance.checks import Answer, Check, Session, check, samples, shall
from profiles.json import Resource

_PAGE = "resource-operation-validate.html"
_BASE = "http://hl7.org/fhir/StructureDefinition/Patient"
_CLAIMS = ("Patient$validate",)
_STORED = ("Patient$validate", "Patient.create")

VALID = shall("validate-valid", _PAGE, "有效的资源没有错误", "a valid resource has no errors")
INVALID = shall(
    "validate-invalid",
    _PAGE,
    "无效的资源：状态 200，错误在 OperationOutcome 中",
    "an invalid resource: status 200, and the errors in the OperationOutcome",
)


def _parameters(*parameters: Resource) -> Resource:
    return {"resourceType": "Parameters", "parameter": [*parameters]}


def _resource(resource: Resource) -> Resource:
    return {"name": "resource", "resource": resource}


def _code(name: str, value: str) -> Resource:
    return {"name": name, "valueCode": value}


def _issues(answer: Answer) -> Iterator[Resource]:
    for issue in answer.expect_status(200).expect_type("OperationOutcome").get("issue", ()):
        if issue.get("severity") in {"error", "fatal"}:
            yield issue


def _fine(answer: Answer) -> None:
    answer.expect(not [*_issues(answer)], "不应有错误", "there should be no errors")


def _wrong(answer: Answer, place: str = "") -> None:
    found = [*_issues(answer)]
    answer.expect(bool(found), "应有错误", "there should be errors")
    if place:
        told = [one for issue in found for one in issue.get("expression", ())]
        answer.advise(place in told, f"错误应指向 {place}", f"an error should point to {place}")


@check(VALID, id="validate-body", zh="资源即请求体", en="the resource is the body", claims=_CLAIMS)
async def body(on: Session) -> None:
    _fine(await on.post("Patient/$validate", samples.patient(on.unique)))


@check(VALID, id="validate-wrapped", zh="资源在 Parameters 中", en="the resource is in Parameters", claims=_CLAIMS)
async def wrapped(on: Session) -> None:
    _fine(await on.post("Patient/$validate", _parameters(_resource(samples.patient(on.unique)))))


@check(VALID, id="validate-profile", zh="指定 profile", en="by a profile that is asked for", claims=_CLAIMS)
async def profile(on: Session) -> None:
    asked = {"name": "profile", "valueUri": _BASE}
    _fine(await on.post("Patient/$validate", _parameters(_resource(samples.patient(on.unique)), asked)))
    resource = {**samples.patient(on.unique), "gender": "no-such-gender"}
    _wrong(await on.post("Patient/$validate", _parameters(_resource(resource), asked)), "Patient.gender")


@check(INVALID, id="validate-unknown-code", zh="代码错误", en="a code that does not exist", claims=_CLAIMS)
async def unknown_code(on: Session) -> None:
    resource = {**samples.patient(on.unique), "gender": "no-such-gender"}
    _wrong(await on.post("Patient/$validate", resource), "Patient.gender")


@check(INVALID, id="validate-unknown-element", zh="没有的元素", en="an element that does not exist", claims=_CLAIMS)
async def unknown_element(on: Session) -> None:
    _wrong(await on.post("Patient/$validate", {**samples.patient(on.unique), "noSuchElement": True}))


@check(INVALID, id="validate-other-type", zh="类型与地址不符", en="a resource of another type", claims=_CLAIMS)
async def other_type(on: Session) -> None:
    """Refused as a request, or found wrong."""
    organization = {"resourceType": "Organization", "name": f"Conformance{on.unique}"}
    answer = await on.post("Patient/$validate", organization)
    if 400 <= answer.status < 500:
        answer.expect_outcome()
    else:
        _wrong(answer)


@check(
    shall("validate-stores-nothing", _PAGE, "$validate 不保存任何内容", "$validate stores nothing"),
    claims=(*_CLAIMS, "Patient?identifier"),
)
async def stores_nothing(on: Session) -> None:
    resource = samples.patient(on.unique)
    for parameters in (resource, _parameters(_resource(resource), _code("mode", "create"))):
        await on.post("Patient/$validate", parameters)
    answer = await on.get(f"Patient?identifier={samples.IDENTIFIERS}|{on.unique}")
    answer.expect(not answer.matches, "不应保存", "nothing should be stored")


@check(VALID, id="validate-mode-create", zh="以 mode=create 校验", en="mode=create", claims=_CLAIMS)
async def mode_create(on: Session) -> None:
    resource = _resource(samples.patient(on.unique))
    _fine(await on.post("Patient/$validate", _parameters(resource, _code("mode", "create"))))


@check(
    VALID,
    id="validate-mode-update",
    zh="以 mode=update 校验已存储的资源",
    en="mode=update, of a stored instance",
    claims=_STORED,
)
async def mode_update(on: Session) -> None:
    stored = await on.create(samples.patient(on.unique))
    path, update = f"Patient/{stored['id']}/$validate", _code("mode", "update")
    _fine(await on.post(path, _parameters(_resource({**stored, "active": False}), update)))
    _wrong(
        await on.post(path, _parameters(_resource({**stored, "gender": "no-such-gender"}), update)), "Patient.gender"
    )
    after = await on.read(f"Patient/{stored['id']}")
    on.expect(after["meta"] == stored["meta"], "$validate 不应改变资源", "$validate should not change the resource")


@check(
    VALID,
    id="validate-mode-delete",
    zh="以 mode=delete 校验已存储的资源",
    en="mode=delete, of a stored instance",
    claims=_STORED,
)
async def mode_delete(on: Session) -> None:
    stored = await on.create(samples.patient(on.unique))
    _fine(await on.post(f"Patient/{stored['id']}/$validate", _parameters(_code("mode", "delete"))))
    (await on.get(f"Patient/{stored['id']}")).expect_status(200)


@check(VALID, id="validate-instance", zh="已存储的资源 (GET)", en="a stored instance, by GET", claims=_STORED)
async def instance(on: Session) -> None:
    stored = await on.create(samples.patient(on.unique))
    _fine(await on.get(f"Patient/{stored['id']}/$validate"))


@check(
    shall("validate-unknown-mode", _PAGE, "没有的 mode 以 4xx 应答", "a mode that does not exist is answered 4xx"),
    claims=_CLAIMS,
)
async def unknown_mode(on: Session) -> None:
    resource = _resource(samples.patient(on.unique))
    answer = await on.post("Patient/$validate", _parameters(resource, _code("mode", "no-such-mode")))
    answer.expect_status(400, 422).expect_outcome()


CHECKS: tuple[Check, ...] = (
    body,
    wrapped,
    profile,
    unknown_code,
    unknown_element,
    other_type,
    stores_nothing,
    mode_create,
    mode_update,
    mode_delete,
    instance,
    unknown_mode,
)
