"""GET /metadata: the CapabilityStatement, made from the tables that the server itself runs on.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from functools import cache
from importlib.metadata import version

from gateway.records import Records
from gateway.rest.exchange import Request, Response
from gateway.search import parameters
from profiles import canonical, definitions, json
from profiles.json import Resource

_INTERACTIONS = ("create", "read", "vread", "update", "delete", "history-instance", "search-type")
_COMMON = (
    {"name": "_id", "type": "token", "definition": "http://hl7.org/fhir/SearchParameter/Resource-id"},
    {"name": "_lastUpdated", "type": "date", "definition": "http://hl7.org/fhir/SearchParameter/Resource-lastUpdated"},
)
_DESCRIPTION = "家庭医生签约服务网关 Gateway for family-doctor contract services (Asia/Shanghai)"
_PROCESS_MESSAGE = {
    "name": "process-message",
    "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
}


async def capabilities(request: Request, _: Records) -> Response:
    """The statement is the same for everybody but for the address, which is where the client found us."""
    implementation = json.dumps({"description": _DESCRIPTION, "url": request.base})
    return Response(200, b'%s,"implementation":%s}' % (_statement()[:-1], implementation))


@cache
def _statement() -> bytes:
    release = version("fdgw")
    statement: Resource = {
        "resourceType": "CapabilityStatement",
        "url": f"{canonical.BASE}/CapabilityStatement/fdgw",
        "version": release,
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "fdgw", "version": release},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Bearer token with SMART v2 system scopes (development tokens)."},
                "resource": [_resource(name) for name in sorted(definitions.resource_types())],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [_PROCESS_MESSAGE],
            }
        ],
    }
    return json.dumps(statement)


def _resource(name: str) -> Resource:
    known = parameters.parameters(name).values()
    own = [{"name": one.name.code, "type": one.kind, "definition": one.url} for one in known]
    return {
        "type": name,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalRead": "not-match",
        "searchParam": [*_COMMON, *sorted(own, key=lambda one: one["name"])],
    }
