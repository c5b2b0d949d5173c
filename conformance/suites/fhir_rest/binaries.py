"""Binary, raw and as a resource. https://hl7.org/fhir/R4/binary.html"""

from base64 import b64encode

from conformance.checks import Session, check, samples, shall

_CLAIMS = ("Binary.create", "Binary.read")
_CONTENT = "虚构的内容 invented".encode()


@check(
    shall(
        "rest-binary-json",
        "binary.html#rest",
        "Accept 为 FHIR JSON 时返回 Binary 资源",
        "asked for as FHIR JSON, it comes as a Binary resource",
    ),
    claims=_CLAIMS,
)
async def as_resource(on: Session) -> None:
    data = b64encode(_CONTENT).decode()
    answer = (await on.post("Binary", samples.binary(data))).expect_status(201)
    read = await on.get("/".join(answer.place[:2]))
    found = read.expect_status(200).expect_type("Binary")
    read.expect(found.get("data") == data, "data 应相同", "data should be the same")


@check(
    shall(
        "rest-binary-raw",
        "binary.html#rest",
        "Accept 为其内容类型时返回原始字节",
        "asked for as its own type, it comes as the bytes",
    ),
    claims=_CLAIMS,
    after=("rest-binary-json",),
)
async def raw(on: Session) -> None:
    answer = (await on.post("Binary", samples.binary(b64encode(_CONTENT).decode()))).expect_status(201)
    read = await on.get("/".join(answer.place[:2]), headers={"Accept": "text/plain"})
    read.expect_status(200).expect_header("Content-Type", r"text/plain.*")
    read.expect(read.content == _CONTENT, "应为原始字节", "it should be the bytes themselves")


@check(
    shall(
        "rest-binary-raw-in",
        "binary.html#rest",
        "以原始字节新建，按内容类型保存",
        "created from bytes, it keeps them and their type",
    ),
    claims=_CLAIMS,
    after=("rest-binary-raw",),
)
async def raw_in(on: Session) -> None:
    answer = await on.post("Binary", _CONTENT, headers={"Content-Type": "text/plain"})
    path = "/".join(answer.expect_status(201).place[:2])
    read = await on.get(path, headers={"Accept": "text/plain"})
    read.expect(read.content == _CONTENT, "应为原始字节", "it should be the bytes themselves")


CHECKS = (as_resource, raw, raw_in)
