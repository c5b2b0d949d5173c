"""What the server says of itself. https://hl7.org/fhir/R4/http.html#capabilities"""

from conformance.checks import Session, check, shall, should
from conformance.checks.claims import Claims
from profiles import validator


@check(
    shall(
        "rest-capability",
        "http.html#capabilities",
        "metadata 返回 CapabilityStatement",
        "metadata answers with a CapabilityStatement",
    )
)
async def offered(on: Session) -> None:
    answer = await on.get("metadata")
    answer.expect_status(200).expect_type("CapabilityStatement")


@check(
    shall(
        "rest-capability-valid",
        "capabilitystatement.html",
        "CapabilityStatement 符合其结构",
        "the CapabilityStatement is valid",
    ),
    after=("rest-capability",),
)
async def valid(on: Session) -> None:
    answer = await on.get("metadata")
    errors = [one for one in validator.check(answer.resource) if one.severity == "error"]
    first = f"{errors[0].expression} {errors[0].key}" if errors else ""
    answer.expect(not errors, f"结构有 {len(errors)} 处错误，首处 {first}", f"{len(errors)} errors, the first: {first}")


@check(
    shall(
        "rest-capability-version",
        "capabilitystatement-definitions.html#CapabilityStatement.fhirVersion",
        "声明 FHIR 4.0",
        "it says FHIR 4.0",
    ),
    after=("rest-capability",),
)
async def version(on: Session) -> None:
    answer = await on.get("metadata")
    said = str(answer.resource.get("fhirVersion", ""))
    answer.expect(said.startswith("4.0"), "fhirVersion 应为 4.0.x", "fhirVersion should be 4.0.x")


@check(
    shall(
        "rest-capability-server",
        "capabilitystatement-definitions.html#CapabilityStatement.rest",
        "rest 以 server 模式列出资源类型及其交互",
        "rest lists, in mode server, resource types and what may be done with them",
    ),
    after=("rest-capability",),
)
async def server(on: Session) -> None:
    answer = await on.get("metadata")
    modes = [one for one in answer.resource.get("rest") or () if one.get("mode") == "server"]
    kinds = [kind for one in modes for kind in one.get("resource") or () if kind.get("interaction")]
    answer.expect(bool(kinds), "应列出有交互的资源类型", "there should be resource types with interactions")


@check(
    shall(
        "rest-capability-json",
        "http.html#mime-type",
        "以 application/fhir+json 应答，并声明支持 JSON",
        "it answers as application/fhir+json, and claims JSON",
    ),
    after=("rest-capability",),
)
async def media_type(on: Session) -> None:
    answer = await on.get("metadata")
    answer.expect_header("Content-Type", r"application/fhir\+json(\s*;.*)?")
    met = "format.json" in Claims(answer.resource)
    answer.expect(met, "format 应含 json", "format should have json")


@check(
    should(
        "rest-capability-software",
        "capabilitystatement-definitions.html#CapabilityStatement.software",
        "声明软件名称与版本",
        "it names the software and its version",
    ),
    after=("rest-capability",),
)
async def software(on: Session) -> None:
    answer = await on.get("metadata")
    named = answer.resource.get("software") or {}
    met = bool(named.get("name") and named.get("version"))
    answer.expect(met, "应有 software.name 与 version", "there should be software.name and version")


CHECKS = (offered, valid, version, server, media_type, software)
