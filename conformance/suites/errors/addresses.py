"""What is not there, or not in that form. https://hl7.org/fhir/R4/http.html#read"""

from conformance.checks import Session, check, samples, shall, should
from conformance.suites.errors.refusals import refused

_READ = ("Patient.read",)
_CREATE = ("Patient.create", "Patient.read")


@check(
    shall("errors-unknown-type", "http.html#read", "未知资源类型返回 404", "an unknown resource type answers 404"),
    claims=_READ,
)
async def unknown_type(on: Session) -> None:
    refused(await on.get(f"NoSuchType/{on.unique}"), 404)
    refused(await on.get("NoSuchType"), 404, 400)


@check(
    shall("errors-unknown-id", "http.html#read", "不存在的资源返回 404", "a resource that is not there answers 404"),
    claims=_READ,
)
async def unknown_id(on: Session) -> None:
    refused(await on.get(f"Patient/not-there-{on.unique}"), 404)


@check(
    should(
        "errors-deleted",
        "http.html#read",
        "已删除的资源返回 410 与 OperationOutcome",
        "a deleted resource answers 410 with an OperationOutcome",
    ),
    claims=(*_CREATE, "Patient.delete", "Patient.versioning"),
)
async def deleted(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    await on.delete(f"Patient/{made['id']}")
    refused(await on.get(f"Patient/{made['id']}"), 410)


@check(
    should(
        "errors-diagnostics",
        "operationoutcome-definitions.html#OperationOutcome.issue.details",
        "OperationOutcome 用文字说明原因",
        "the OperationOutcome says in words what is wrong",
    ),
    claims=_READ,
)
async def diagnostics(on: Session) -> None:
    answer = await on.get(f"Patient/not-there-{on.unique}")
    issue = answer.expect_outcome()["issue"][0]
    met = bool(issue.get("diagnostics") or (issue.get("details") or {}).get("text"))
    answer.expect(met, "应有 diagnostics 或 details.text", "there should be diagnostics or details.text")


@check(
    should(
        "errors-method",
        "https://www.rfc-editor.org/rfc/rfc9110#status.405",
        "地址不支持的方法返回 405 与 Allow",
        "a method that the address does not have answers 405 with Allow",
    ),
    claims=_READ,
)
async def method(on: Session) -> None:
    answer = refused(await on.send("DELETE", "metadata"), 405, 404, 400)
    answer.expect_status(405)
    answer.expect_header("Allow", r".*GET.*")


@check(
    should(
        "errors-content-type",
        "http.html#mime-type",
        "不支持的 Content-Type 返回 415",
        "a Content-Type that is not supported answers 415",
    ),
    claims=_CREATE,
)
async def content_type(on: Session) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(await on.post("Patient", "a=b", headers=headers), 415, 400)
    answer = await on.post("Patient", samples.patient(on.unique), headers={"Content-Type": "text/css"})
    refused(answer, 415)


@check(
    should(
        "errors-accept",
        "http.html#mime-type",
        "不能提供的 Accept 返回 406",
        "an Accept that cannot be served answers 406",
    ),
    claims=_CREATE,
)
async def accept(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    answer = await on.get(f"Patient/{made['id']}", headers={"Accept": "image/png"})
    answer.expect_status(406)


@check(
    shall(
        "errors-operation",
        "operations.html#executing",
        "未知操作返回 4xx 与 OperationOutcome",
        "an unknown operation answers 4xx with an OperationOutcome",
    ),
    claims=_READ,
)
async def operation(on: Session) -> None:
    refused(await on.post("Patient/$no-such-operation", "{}"), 400, 404, 405)


CHECKS = (unknown_type, unknown_id, deleted, diagnostics, method, content_type, accept, operation)
