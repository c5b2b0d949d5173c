"""$lookup, $validate-code and $subsumes of code systems. https://hl7.org/fhir/R4/codesystem-operations.html"""

from collections.abc import Iterator

from gateway.errors import BadRequest
from gateway.records import Records
from gateway.rest import parameters
from gateway.rest.exchange import Request, Response
from gateway.rest.parameters import Given, group, one, parameter
from gateway.rest.terminology import verdicts, vocabulary
from profiles import operations
from profiles.json import Resource
from profiles.terminology import Found


async def validate_code(request: Request, records: Records) -> Response:
    records.grant.require("CodeSystem", "read")
    given = parameters.read(request, operations.inputs("CodeSystem-validate-code"))
    resource = await vocabulary.subject(request, records, given, "codeSystem")
    url = vocabulary.url_of(resource) if resource else one(given, "url")
    codings = vocabulary.codings(given, system=url)
    if url and any(coding.get("system", url) != url for coding in codings):
        raise _other_system()
    systems = {url or vocabulary.coded(coding)[0] for coding in codings}
    known = await vocabulary.about(records, [("CodeSystem", system) for system in systems], resource)
    with vocabulary.answering():
        found = [
            known.validate_code(verdicts.claim({"system": url} | coding, given), version=coding.get("version"))
            for coding in codings
        ]
    return parameters.answer(verdicts.told(found))


def _other_system() -> BadRequest:
    return BadRequest(
        "FD-TERMINOLOGY-SYSTEM",
        "coding.system 与所问的代码系统不同。",
        "The system of the coding is not the code system that is asked.",
    )


async def lookup(request: Request, records: Records) -> Response:
    records.grant.require("CodeSystem", "read")
    given = parameters.read(request, operations.inputs("CodeSystem-lookup"))
    [coding] = vocabulary.codings(given)
    system, code = vocabulary.coded(coding)
    known = await vocabulary.about(records, [("CodeSystem", system)])
    with vocabulary.answering():
        found = known.lookup(system, code, coding.get("version"), one(given, "displayLanguage", ""))
    return parameters.answer(_told(found, frozenset(given.get("property", ()))))


def _told(found: Found, wanted: frozenset[str]) -> Iterator[Resource | None]:
    every = not wanted or "*" in wanted
    yield parameter("name", "string", found.name)
    yield parameter("version", "string", found.version)
    yield parameter("display", "string", found.display)
    yield parameter("abstract", "boolean", found.abstract or None)
    for said in found.designations if every or "designation" in wanted else ():
        parts = (("language", "code"), ("use", "Coding"), ("value", "string"))
        yield group("designation", (parameter(name, kind, said.get(name)) for name, kind in parts))
    for code, kind, value in found.properties:
        if every or code in wanted:
            yield group("property", (parameter("code", "code", code), parameter("value", kind, value)))


async def subsumes(request: Request, records: Records) -> Response:
    records.grant.require("CodeSystem", "read")
    given = parameters.read(request, operations.inputs("CodeSystem-subsumes"))
    resource = await vocabulary.subject(request, records, given, "codeSystem")
    url = vocabulary.url_of(resource) if resource else one(given, "system")
    codes = [_side(given, side, url) for side in "AB"]
    if codes[0][0] != codes[1][0]:
        raise _other_system()
    system = codes[0][0]
    known = await vocabulary.about(records, [("CodeSystem", system)], resource)
    with vocabulary.answering():
        outcome_code = known.subsumes(system, codes[0][1], codes[1][1], one(given, "version"))
    return parameters.answer([parameter("outcome", "code", outcome_code)])


def _side(given: Given, side: str, url: str | None) -> tuple[str, str]:
    code = one(given, f"code{side}")
    said = {"code": code} if code else one(given, f"coding{side}", {})
    return vocabulary.coded(({"system": url} if url else {}) | said)
