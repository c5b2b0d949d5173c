"""$validate: what is wrong with a resource, or with writing it. https://hl7.org/fhir/R4/resource-operation-validate.html"""

from collections.abc import Iterator

from gateway import clock
from gateway.errors import BadRequest, FhirError, Forbidden, Issue
from gateway.planning import Write
from gateway.records import Records
from gateway.rest import interactions, outcome
from gateway.rest.addresses import known_type, read_id
from gateway.rest.exchange import Request, Response
from gateway.rest.operations import validate_request
from gateway.rest.operations.validate_request import Asked
from profiles import json
from profiles.json import Resource

_WORST_FIRST = ("fatal", "error", "warning", "information")
_FINE = Issue("informational", "FD-VALID", "未发现问题。", "No issues found.", severity="information")


async def validate(request: Request, records: Records) -> Response:
    """An OperationOutcome, with status 200 whatever it says of the resource; nothing is stored."""
    resource_type = known_type(request.segments[0])
    resource_id = read_id(request.segments[1]) if len(request.segments) == 3 else None
    _require_allowed(records, resource_type)
    asked = validate_request.read(request, resource_type, resource_id)
    issues = await _issues(records, asked)
    issues.sort(key=lambda one: _WORST_FIRST.index(one.severity))
    return Response(200, json.dumps(outcome.outcome(issues or [_FINE])))


def _require_allowed(records: Records, resource_type: str) -> None:
    if not any(records.grant.allows(resource_type, one) for one in ("create", "update", "search")):
        records.grant.require(resource_type, "read")


async def _issues(records: Records, asked: Asked) -> list[Issue]:
    if asked.mode == "delete":
        stored = await records.read(asked.type, str(asked.id))
        return await _refused(records, Write(stored.type, stored.id))
    resource = asked.resource
    if resource is None:
        resource = (await records.read(asked.type, str(asked.id))).resource()
    found = await records.check(resource, asked.profiles)
    issues = [Issue(one.code, one.key, one.zh, one.en, one.expression, one.severity) for one in found]
    issues += [*_type(resource, asked.type), *_identity(resource, asked)]
    if asked.mode in {"create", "update"} and isinstance(resource, dict) and not _has_errors(issues):
        issues += await _refused(records, _write(resource, asked))
    return issues


def _has_errors(issues: list[Issue]) -> bool:
    return any(one.severity in {"error", "fatal"} for one in issues)


def _type(resource: object, resource_type: str) -> Iterator[Issue]:
    if isinstance(resource, dict):
        try:
            interactions.typed(resource, resource_type)
        except BadRequest as error:
            yield from error.issues


def _identity(resource: object, asked: Asked) -> Iterator[Issue]:
    """An update is of the resource in the address, or else of the one that the resource says it is."""
    if asked.mode != "update" or not isinstance(resource, dict):
        return
    try:
        if asked.id is not None:
            interactions.identified(resource, asked.type, asked.id)
        elif "id" not in resource:
            interactions.identified({}, asked.type, "?")
    except BadRequest as error:
        yield from error.issues


def _write(resource: Resource, asked: Asked) -> Write:
    if asked.mode == "create":
        return Write(asked.type, clock.uuid7(), resource, new=True)
    return Write(asked.type, str(resource["id"]), resource)


async def _refused(records: Records, write: Write) -> list[Issue]:
    """What the write would be refused for; whoever may not write at all is told so by HTTP."""
    try:
        await records.rehearse(write)
    except Forbidden:
        raise
    except FhirError as error:
        return list(error.issues)
    return []
