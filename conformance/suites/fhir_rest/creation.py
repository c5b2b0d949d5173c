"""Create. https://hl7.org/fhir/R4/http.html#create"""

from decimal import Decimal

from conformance.checks import Session, check, samples, shall, should
from conformance.suites.fhir_rest.stamps import expect_modified, expect_stamp

_CLAIMS = ("Patient.create", "Patient.read")


@check(shall("rest-create", "http.html#create", "新建返回 201", "create answers 201"), claims=_CLAIMS)
async def create(on: Session) -> None:
    answer = await on.post("Patient", samples.patient(on.unique))
    answer.expect_status(201)


@check(
    shall(
        "rest-create-location", "http.html#create", "201 带有资源的 Location", "201 has the Location of the resource"
    ),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def location(on: Session) -> None:
    answer = (await on.post("Patient", samples.patient(on.unique))).expect_status(201)
    kind, found, version = answer.place
    answer.expect(kind == "Patient", "Location 的类型应相同", "Location should have the same type")
    if on.claims("Patient.versioning"):
        answer.expect(bool(version), "Location 应带版本号", "Location should have a version")
    read = await on.get(f"Patient/{found}")
    read.expect_status(200)


@check(
    should(
        "rest-create-headers", "http.html#create", "201 带有 ETag 与 Last-Modified", "201 has ETag and Last-Modified"
    ),
    claims=(*_CLAIMS, "Patient.versioning"),
    after=("rest-create",),
)
async def headers(on: Session) -> None:
    answer = (await on.post("Patient", samples.patient(on.unique))).expect_status(201)
    version = answer.place[2]
    met = answer.etag == f'W/"{version}"'
    answer.expect(met, 'ETag 应为 W/"版本"', 'ETag should be W/"version"')
    answer.expect_header("Last-Modified", r".* GMT")


@check(
    shall(
        "rest-create-id-ignored",
        "http.html#create",
        "忽略客户端给出的 id",
        "an id that the client sends is ignored",
    ),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def id_ignored(on: Session) -> None:
    given = f"mine-{on.unique}"
    answer = (await on.post("Patient", samples.patient(on.unique, id=given))).expect_status(201)
    answer.expect(answer.place[1] != given, "id 应由服务器分配", "the id should be the server's")


@check(
    shall(
        "rest-create-meta",
        "http.html#create",
        "服务器填写 id、meta.versionId 与 meta.lastUpdated，不采用客户端的值",
        "the server fills id, meta.versionId and meta.lastUpdated, whatever the client sent",
    ),
    claims=(*_CLAIMS, "Patient.versioning"),
    after=("rest-create",),
)
async def meta(on: Session) -> None:
    sent = samples.patient(on.unique)
    sent["meta"] |= {"versionId": "987", "lastUpdated": "2001-02-03T04:05:06Z"}
    answer = (await on.post("Patient", sent)).expect_status(201)
    kind, found, version = answer.place
    read = await on.get(f"{kind}/{found}")
    expect_stamp(read, found, version)
    expect_modified(read)
    said = str(read.resource["meta"]["lastUpdated"])
    read.expect(not said.startswith("2001"), "lastUpdated 应为服务器的时间", "lastUpdated should be the server's time")


@check(
    should(
        "rest-create-kept",
        "http.html#transaction-integrity",
        "读回的内容就是送入的内容",
        "what is read is what was sent",
    ),
    claims=_CLAIMS,
    after=("rest-create",),
)
async def kept(on: Session) -> None:
    sent = samples.patient(on.unique, multipleBirthInteger=2, address=[{"text": "示例路1号", "city": "示例市"}])
    answer = (await on.post("Patient", sent)).expect_status(201)
    read = await on.get("/".join(answer.place[:2]))
    found = read.expect_status(200).resource
    lost = [name for name in sent if name not in {"meta", "text"} and found.get(name) != sent[name]]
    said = ", ".join(lost)
    read.expect(not lost, f"内容有变：{said}", f"these came back otherwise: {said}")


@check(
    shall(
        "rest-create-decimal", "datatypes.html#decimal", "小数保留精度（1.50）", "decimals keep their precision (1.50)"
    ),
    claims=("Observation.create", "Observation.read"),
    after=("rest-create",),
)
async def decimal(on: Session) -> None:
    subject = await on.create(samples.patient(on.unique))
    sent = samples.observation(f"Patient/{subject['id']}", on.unique, "1.50")
    answer = (await on.post("Observation", sent)).expect_status(201)
    read = await on.get("/".join(answer.place[:2]))
    value = read.expect_status(200).resource.get("valueQuantity", {}).get("value")
    met = isinstance(value, Decimal) and str(value) == "1.50"
    read.expect(met, "1.50 应原样读回", "1.50 should come back as it was")


CHECKS = (create, location, headers, id_ignored, meta, kept, decimal)
