"""The interactions of one resource, its type and its history. https://hl7.org/fhir/R4/http.html"""

from urllib.parse import parse_qsl

from gateway import clock
from gateway.errors import BadRequest, NotFound, UnsupportedMediaType
from gateway.records import Outcome, Records, Write
from gateway.rest import bundle, headers
from gateway.rest.addresses import known_type, read_id, written_id
from gateway.rest.exchange import Request, Response
from gateway.search import query
from profiles.json import Resource

_VERSIONS = 100
"""Of a history, where the client says nothing else."""


async def read(request: Request, records: Records) -> Response:
    stored = await records.read(known_type(request.segments[0]), read_id(request.segments[1]))
    return headers.unchanged(request, stored) or Response(200, stored.content, headers.versioned(stored))


async def vread(request: Request, records: Records) -> Response:
    resource_type, resource_id, _, version = request.segments
    if not version.isdecimal() or len(version) > 9:
        raise NotFound("FD-NOT-FOUND", "没有这个版本。", "There is no such version.")
    stored = await records.vread(known_type(resource_type), read_id(resource_id), int(version))
    return Response(200, stored.content, headers.versioned(stored))


async def history(request: Request, records: Records) -> Response:
    count = query.count(dict(request.query).get("_count"), _VERSIONS)
    versions = await records.history(known_type(request.segments[0]), read_id(request.segments[1]))
    return Response(200, bundle.history(request, versions, count))


async def search(request: Request, records: Records) -> Response:
    resource_type = known_type(request.segments[0])
    pairs = [*request.query, *(_form(request) if request.method == "POST" else ())]
    page = await records.search(resource_type, pairs, lenient=request.lenient)
    return Response(200, bundle.searchset(request, resource_type, page))


async def create(request: Request, records: Records) -> Response:
    resource = request.resource()
    resource_type = typed(resource, known_type(request.segments[0]))
    _refuse(request, b"if-none-exist")
    resource_id = clock.uuid7()
    [outcome] = await records.write([Write(resource_type, resource_id, {**resource, "id": resource_id}, new=True)])
    return _written(request, outcome)


async def update(request: Request, records: Records) -> Response:
    resource_type, resource_id = known_type(request.segments[0]), written_id(request.segments[1])
    resource = request.resource()
    identified(resource, typed(resource, resource_type), resource_id)
    [outcome] = await records.write([Write(resource_type, resource_id, resource, headers.if_match(request))])
    return _written(request, outcome)


async def delete(request: Request, records: Records) -> Response:
    resource_type, resource_id = known_type(request.segments[0]), written_id(request.segments[1])
    await records.write([Write(resource_type, resource_id, None, headers.if_match(request))])
    return Response(204)


def typed(resource: Resource, resource_type: str) -> str:
    """Checks that the body is of the type in the URL."""
    if resource.get("resourceType") != resource_type:
        raise BadRequest(
            "FD-TYPE-MISMATCH",
            f"请求体的 resourceType 应为 {resource_type}。",
            f"The resourceType of the body must be {resource_type}.",
            "resourceType",
        )
    return resource_type


def identified(resource: Resource, resource_type: str, resource_id: str | None) -> None:
    """Checks that the body's id is the one in the URL."""
    if resource.get("id") != resource_id:
        raise BadRequest(
            "FD-ID-MISMATCH",
            "请求体的 id 应与 URL 中的 id 相同。",
            "The id of the body must be the id in the URL.",
            f"{resource_type}.id",
        )


def _written(request: Request, outcome: Outcome) -> Response:
    stored = outcome.stored
    assert stored is not None  # noqa: S101 - only a delete leaves nothing
    return Response(
        201 if outcome.created else 200, b"" if request.minimal else stored.content, headers.located(request, stored)
    )


def _form(request: Request) -> list[tuple[str, str]]:
    media = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if request.body and media != b"application/x-www-form-urlencoded":
        raise UnsupportedMediaType(
            "FD-MEDIA-TYPE",
            "POST _search 的请求体应为 application/x-www-form-urlencoded。",
            "The body of POST _search must be application/x-www-form-urlencoded.",
        )
    return parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)


def _refuse(request: Request, header: bytes) -> None:
    if header in request.headers:
        raise BadRequest(
            "FD-CONDITIONAL",
            f"暂不支持请求头 {header.decode()}。",
            f"The header {header.decode()} is not supported.",
        )
