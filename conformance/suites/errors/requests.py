"""Searches, patches and bundles that make no sense. https://hl7.org/fhir/R4/search.html#errors"""

from conformance.checks import Answer, Session, check, samples, shall, should
from conformance.suites.errors.refusals import refused

_READ = ("Patient.read",)
_CREATE = ("Patient.create", "Patient.read")
_SEARCH = ("Patient.search-type",)
_JSON_PATCH = "application/json-patch+json"


@check(
    should(
        "errors-search-value",
        "search.html#errors",
        "检索参数的值不合法时返回 4xx",
        "a search parameter with a wrong value answers 4xx",
    ),
    claims=(*_SEARCH, "Patient?birthdate"),
)
async def search_value(on: Session) -> None:
    for query in ("birthdate=not-a-date", "birthdate=xx2020", "_count=many"):
        refused(await on.get(f"Patient?{query}"), 400, 422)


@check(
    shall(
        "errors-search-modifier",
        "search.html#modifiers",
        "不支持的修饰符返回 4xx",
        "a modifier that is not supported answers 4xx",
    ),
    claims=(*_SEARCH, "Patient?birthdate"),
)
async def search_modifier(on: Session) -> None:
    answer = await on.get("Patient?birthdate:no-such-modifier=2020")
    answer.expect(400 <= answer.status < 500, "应返回 4xx", "it should answer 4xx")
    answer.expect_outcome()


@check(
    shall(
        "errors-patch",
        "http.html#patch",
        "无法执行的 PATCH 返回 4xx 与 OperationOutcome",
        "a patch that cannot be applied answers 4xx with an OperationOutcome",
    ),
    claims=(*_CREATE, "Patient.patch", f"patch.{_JSON_PATCH}"),
)
async def patch(on: Session) -> None:
    made = await on.create(samples.patient(on.unique))
    for body in ('[{"op": "replace", "path": "/nothing/here", "value": 1}]', '[{"op": "no-such"}]', "{}", "["):
        answer = await on.patch(f"Patient/{made['id']}", body, headers={"Content-Type": _JSON_PATCH})
        refused(answer, 400, 409, 412, 422)


@check(
    shall(
        "errors-bundle",
        "http.html#transaction",
        "不是事务的 Bundle 与坏条目返回 4xx",
        "a Bundle that is no transaction, or has a broken entry, answers 4xx",
    ),
    claims=("system.transaction",),
)
async def bundle(on: Session) -> None:
    nowhere = samples.entry("POST", "NoSuchType", samples.patient(on.unique))
    nothing = {"resource": samples.patient(on.unique)}
    kinds = (samples.bundle("collection", nothing), samples.bundle("transaction", nothing))
    for one in (*kinds, samples.bundle("transaction", nowhere), samples.patient(on.unique)):
        answer = await on.post("", one)
        refused(answer, 400, 404, 405, 422)


@check(
    shall("errors-never-500", "http.html#general", "任何输入都不致 5xx", "no input brings about a 5xx"),
    claims=_READ,
)
async def never_500(on: Session) -> None:
    deep = '{"resourceType":"Patient","extension":' + "[{" * 300
    for path in (
        "Patient/%00",
        "Patient/..%2f..",
        "Patient?%ff=%ff",
        "Patient?_count=-1",
        "Patient?_count=99999999999",
    ):
        _expect_no_5xx(await on.get(path))
    for body in (
        deep,
        '{"resourceType":"Patient","birthDate":1e999}',
        b"\xff\xfe",
        '{"resourceType":{}}',
        '{"a":"\\ud800"}',
    ):
        _expect_no_5xx(await on.post("Patient", body))


def _expect_no_5xx(answer: Answer) -> None:
    answer.expect(answer.status < 500, "不应为 5xx", "it should not be 5xx")


CHECKS = (search_value, search_modifier, patch, bundle, never_500)
