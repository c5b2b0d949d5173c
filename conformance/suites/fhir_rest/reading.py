"""Read and vread, with their conditions. https://hl7.org/fhir/R4/http.html#read"""

from conformance.checks import Session, check, may, samples, shall, should
from conformance.suites.fhir_rest.stamps import expect_modified, expect_stamp
from profiles.json import Resource

_CLAIMS = ("Patient.create", "Patient.read")
_VERSIONED = (*_CLAIMS, "Patient.vread", "Patient.versioning")


async def _patient(on: Session) -> Resource:
    return await on.create(samples.patient(on.unique))


@check(
    shall("rest-read", "http.html#read", "读取返回 200 与该资源", "read answers 200 and the resource"),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def read(on: Session) -> None:
    made = await _patient(on)
    answer = (await on.get(f"Patient/{made['id']}")).expect_status(200)
    answer.expect_type("Patient")
    expect_stamp(answer, made["id"], "")


@check(
    should("rest-read-etag", "http.html#read", "读取带有当前版本的 ETag", "read has the ETag of the current version"),
    claims=(*_CLAIMS, "Patient.versioning"),
    after=("rest-read",),
)
async def etag(on: Session) -> None:
    made = await _patient(on)
    answer = await on.get(f"Patient/{made['id']}")
    met = answer.etag == f'W/"{made["meta"]["versionId"]}"'
    answer.expect(met, 'ETag 应为 W/"versionId"', 'ETag should be W/"versionId"')


@check(
    should("rest-read-modified", "http.html#read", "读取带有 Last-Modified", "read has Last-Modified"),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def last_modified(on: Session) -> None:
    made = await _patient(on)
    answer = await on.get(f"Patient/{made['id']}")
    answer.expect_header("Last-Modified", r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT")


@check(
    shall(
        "rest-read-modified-agrees",
        "http.html#versioning",
        "Last-Modified 与 meta.lastUpdated 一致",
        "Last-Modified agrees with meta.lastUpdated",
    ),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def modified_agrees(on: Session) -> None:
    made = await _patient(on)
    expect_modified(await on.get(f"Patient/{made['id']}"))


@check(
    shall("rest-vread", "http.html#vread", "vread 返回指定的旧版本", "vread answers with the version asked for"),
    claims=(*_VERSIONED, "Patient.update"),
    after=("rest-read",),
)
async def vread(on: Session) -> None:
    made = await _patient(on)
    old = made["meta"]["versionId"]
    await on.put(f"Patient/{made['id']}", {**made, "gender": "other"})
    answer = (await on.get(f"Patient/{made['id']}/_history/{old}")).expect_status(200)
    expect_stamp(answer, made["id"], old)
    met = answer.resource.get("gender") == made["gender"]
    answer.expect(met, "应为旧版本的内容", "it should be the content of the old version")


@check(
    shall("rest-vread-unknown", "http.html#vread", "不存在的版本返回 404", "a version that is not there answers 404"),
    claims=_VERSIONED,
    after=("rest-read",),
)
async def vread_unknown(on: Session) -> None:
    made = await _patient(on)
    (await on.get(f"Patient/{made['id']}/_history/999999")).expect_status(404)


@check(
    shall(
        "rest-if-none-match",
        "http.html#cread",
        "If-None-Match 为当前版本时返回 304 且无内容",
        "If-None-Match of the current version answers 304 without a body",
    ),
    claims=(*_CLAIMS, "Patient.conditionalRead", "Patient.versioning"),
    after=("rest-read",),
)
async def if_none_match(on: Session) -> None:
    made = await _patient(on)
    path, version = f"Patient/{made['id']}", made["meta"]["versionId"]
    answer = (await on.get(path, headers={"If-None-Match": f'W/"{version}"'})).expect_status(304)
    answer.expect(not answer.content, "304 不应有内容", "304 should have no body")
    (await on.get(path, headers={"If-None-Match": 'W/"no-such-version"'})).expect_status(200)


@check(
    shall(
        "rest-if-modified-since",
        "http.html#cread",
        "If-Modified-Since 之后未变则 304，变过则 200",
        "If-Modified-Since answers 304 when nothing changed since, and 200 otherwise",
    ),
    claims=(*_CLAIMS, "Patient.conditionalRead"),
    after=("rest-read",),
)
async def if_modified_since(on: Session) -> None:
    made = await _patient(on)
    path = f"Patient/{made['id']}"
    when = (await on.get(path)).expect_header("Last-Modified")
    (await on.get(path, headers={"If-Modified-Since": when})).expect_status(304)
    (await on.get(path, headers={"If-Modified-Since": "Sat, 03 Feb 2001 04:05:06 GMT"})).expect_status(200)


@check(
    may("rest-head", "http.html#general", "HEAD 与 GET 同头而无内容", "HEAD answers as GET does, without a body"),
    claims=_CLAIMS,
    after=("rest-read",),
)
async def head(on: Session) -> None:
    made = await _patient(on)
    answer = (await on.head(f"Patient/{made['id']}")).expect_status(200)
    answer.expect(not answer.content, "HEAD 不应有内容", "HEAD should have no body")
    full = await on.get(f"Patient/{made['id']}")
    met = answer.headers.get("ETag") == full.headers.get("ETag")
    answer.expect(met, "ETag 应与 GET 相同", "the ETag should be that of GET")


CHECKS = (read, etag, last_modified, modified_agrees, vread, vread_unknown, if_none_match, if_modified_since, head)
