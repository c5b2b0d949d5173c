"""$diff: what changed between two versions of a resource, or is different between two resources.

The answer is a FHIRPath Patch: https://hl7.org/fhir/R4/fhirpatch.html
"""

import re

from gateway.errors import BadRequest, Unprocessable
from gateway.records import Records
from gateway.rest import parameters
from gateway.rest.addresses import known_type, read_id
from gateway.rest.exchange import Request, Response
from gateway.rest.operations.difference import difference
from gateway.storage.rows import Stored
from profiles import json
from profiles.json import Resource
from profiles.operations import Parameter

_META = Parameter("includeMeta", "boolean")
_OF_VERSIONS = {
    "fromVersion": Parameter("fromVersion", "positiveInt"),
    "toVersion": Parameter("toVersion", "positiveInt"),
    "includeMeta": _META,
}
_OF_TWO = {
    "from": Parameter("from", "uri", required=True),
    "to": Parameter("to", "uri", required=True),
    "includeMeta": _META,
}
_REFERENCE = re.compile(r"(?:([A-Za-z]+)/)?([A-Za-z0-9.-]{1,64})(?:/_history/([1-9][0-9]{0,8}))?")


async def of_versions(request: Request, records: Records) -> Response:
    """From `fromVersion`, else the one before, to `toVersion`, else the current one."""
    resource_type, resource_id = known_type(request.segments[0]), read_id(request.segments[1])
    given = parameters.read(request, _OF_VERSIONS)
    until = parameters.one(given, "toVersion")
    after = await _version(records, resource_type, resource_id, until)
    since = parameters.one(given, "fromVersion", after.version - 1)
    if since < 1:
        raise Unprocessable(
            "FD-DIFF-FIRST",
            "这是第一个版本,之前没有可比较的版本;请给出 fromVersion。",
            "This is the first version and there is none before it; say which one by fromVersion.",
        )
    before = await _version(records, resource_type, resource_id, since)
    return _answer(before, after, whole=parameters.one(given, "includeMeta", default=False))


async def of_two(request: Request, records: Records) -> Response:
    """From the resource `from` to the resource `to`, each as `Patient/1`, `1` or with `/_history/2`."""
    resource_type = known_type(request.segments[0])
    given = parameters.read(request, _OF_TWO)
    before, after = [
        await _named(request, records, resource_type, str(parameters.one(given, name))) for name in ("from", "to")
    ]
    return _answer(before, after, whole=parameters.one(given, "includeMeta", default=False))


async def _named(request: Request, records: Records, resource_type: str, reference: str) -> Stored:
    match = _REFERENCE.fullmatch(reference.removeprefix(f"{request.base}/"))
    if match is None or match.group(1) not in {None, resource_type}:
        raise BadRequest(
            "FD-DIFF-REFERENCE",
            f"from 与 to 应写作 {resource_type}/id 或 {resource_type}/id/_history/版本。",
            f"from and to are written {resource_type}/id or {resource_type}/id/_history/version.",
        )
    version = int(match.group(3)) if match.group(3) else None
    return await _version(records, resource_type, match.group(2), version)


async def _version(records: Records, resource_type: str, resource_id: str, version: int | None) -> Stored:
    if version is None:
        return await records.read(resource_type, resource_id)
    return await records.vread(resource_type, resource_id, version)


def _answer(before: Stored, after: Stored, *, whole: bool) -> Response:
    old, new = before.resource(), after.resource()
    if not whole:
        old, new = _without_meta(old), _without_meta(new)
    return Response(200, json.dumps(difference(old, new)))


def _without_meta(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "meta"}
