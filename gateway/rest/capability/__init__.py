"""GET /metadata: what this server can do, made from the tables that it runs on.

https://hl7.org/fhir/R4/http.html#capabilities
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version

from gateway.errors import BadRequest
from gateway.records import Records
from gateway.rest import patching, shaping, tagged
from gateway.rest.capability import by_type, declared, terms
from gateway.rest.capability.declared import Table
from gateway.rest.exchange import Request, Response
from gateway.search.parameters import Catalogue
from profiles import canonical, definitions, json, package
from profiles.definitions import SearchParameter
from profiles.json import Resource

_MODES = ("full", "normative", "terminology")
_NORMATIVE = frozenset(
    [
        "Binary",
        "Bundle",
        "CapabilityStatement",
        "CodeSystem",
        "Observation",
        "OperationDefinition",
        "OperationOutcome",
        "Parameters",
        "Patient",
        "StructureDefinition",
        "ValueSet",
    ]
)
"""Of R4: https://hl7.org/fhir/R4/history.html"""
_ZONE = "Asia/Shanghai"
_DESCRIPTION = (
    "家庭医生签约服务网关;不带时区的日期按 Asia/Shanghai(+08:00)理解。 Gateway for family-doctor contract services; "
    "a date without a zone means Asia/Shanghai (+08:00)."
)
_SECURITY = "Bearer token with SMART v2 system scopes (development tokens). /metadata needs none."
_HTTP = {"system": "http://terminology.hl7.org/CodeSystem/message-transport", "code": "http"}


@dataclass(frozen=True, slots=True)
class _Served:
    """All that a statement depends on."""

    table: Callable[[], Table]
    catalogue: Catalogue
    added: frozenset[tuple[SearchParameter, bool]]
    rules: by_type.Rules
    normative: bool


def telling(table: Callable[[], Table]) -> Callable[[Request, Records], Awaitable[Response]]:
    """The handler of /metadata, which tells of this table."""

    async def capabilities(request: Request, records: Records) -> Response:
        """The same for everybody but for the address, which is where the client found us."""
        mode = _mode(request)
        if mode == "terminology":
            content = terms.statement()
        else:
            rules = by_type.Rules(records.referential_integrity, records.multiple_delete)
            catalogue = records.catalogue
            content = _statement(_Served(table, catalogue, catalogue.added, rules, mode == "normative"))
        about = _here(request.base, messages=mode != "terminology")
        shape = shaping.shape(request.query)
        return tagged.answer(request, _shaped(b"%s,%s" % (content[:-1], json.dumps(about)[1:]), shape))

    return capabilities


def _mode(request: Request) -> str:
    modes = [value for name, value in request.query if name == "mode" and value] or ["full"]
    if len(modes) > 1 or modes[0] not in _MODES:
        raise BadRequest(
            "FD-METADATA-MODE",
            f"mode 应为 {'、'.join(_MODES)} 之一。",
            f"mode must be one of {', '.join(_MODES)}.",
        )
    return modes[0]


@lru_cache(maxsize=16)
def _shaped(content: bytes, shape: shaping.Shape) -> bytes:
    return shaping.shaped(content, shape)


def _here(base: str, *, messages: bool) -> Resource:
    """What a statement says of the address."""
    zone = {"url": canonical.structure("site-time-zone"), "valueCode": _ZONE}
    implementation = {"extension": [zone], "description": _DESCRIPTION, "url": base}
    return {"implementation": implementation, **({"messaging": [_messaging(base)]} if messages else {})}


def _messaging(base: str) -> Resource:
    known = package.resources("message-definitions")
    return {
        "endpoint": [{"protocol": _HTTP, "address": f"{base}/$process-message"}],
        "documentation": "同一 Bundle.identifier 的消息只生效一次。 A message takes effect once, by Bundle.identifier.",
        "supportedMessage": [{"mode": "receiver", "definition": one["url"]} for one in known],
    }


@lru_cache(maxsize=4)
def _statement(served: _Served) -> bytes:
    release = version("fdgw")
    statement: Resource = {
        "resourceType": "CapabilityStatement",
        "url": f"{canonical.BASE}/CapabilityStatement/fdgw",
        "version": release,
        "name": "Fdgw",
        "title": "fdgw",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "fdgw", "version": release},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": [patching.JSON_PATCH, patching.FHIR_JSON[0]],
        "rest": [_rest(served)],
    }
    return json.dumps(statement)


def _rest(served: _Served) -> Resource:
    table = served.table()
    types = sorted(definitions.resource_types() & _NORMATIVE if served.normative else definitions.resource_types())
    of_system = [one for one in declared.named(table) if not one.type]
    return {
        "mode": "server",
        "documentation": by_type.SEARCHING,
        "security": {"description": _SECURITY},
        "resource": by_type.resources(types, table, served.catalogue, served.rules),
        "interaction": [{"code": code} for code in declared.of_system(table)],
        "searchParam": by_type.common(),
        **by_type.operations(of_system),
        "compartment": [f"http://hl7.org/fhir/CompartmentDefinition/{one.lower()}" for one in _COMPARTMENTS],
    }


_COMPARTMENTS = ("Device", "Encounter", "Patient", "Practitioner", "RelatedPerson")
