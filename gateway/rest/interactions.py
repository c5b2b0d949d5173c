"""The interactions of one resource and its type. https://hl7.org/fhir/R4/http.html"""

from collections.abc import Callable
from urllib.parse import parse_qsl

from gateway import clock, references
from gateway.drafts import Expected
from gateway.errors import BadRequest, NotFound
from gateway.planning import Outcome, Write
from gateway.records import Records
from gateway.rest import binary, conditions, headers, outcome, patching, prefer, shaping
from gateway.rest.addresses import known_type, read_id, written_id
from gateway.rest.exchange import Request, Response
from gateway.storage.rows import Stored
from profiles import json
from profiles.json import Resource

_DIGITS = 9
"""Of a version, at most."""


async def read(request: Request, records: Records) -> Response:
    stored = await records.read(known_type(request.segments[0]), read_id(request.segments[1]))
    return headers.unchanged(request, stored) or _shown(request, stored)


async def vread(request: Request, records: Records) -> Response:
    resource_type, resource_id, _, version = request.segments
    if not version.isdecimal() or len(version) > _DIGITS:
        raise NotFound("FD-NOT-FOUND", "没有这个版本。", "There is no such version.")
    return _shown(request, await records.vread(known_type(resource_type), read_id(resource_id), int(version)))


def _shown(request: Request, stored: Stored) -> Response:
    content = shaping.shaped(stored.content, shaping.shape(request.query)) if request.query else stored.content
    if stored.type == "Binary":
        return binary.outgoing(request, content, headers.versioned(stored))
    return Response(200, content, headers.versioned(stored))


async def create(request: Request, records: Records) -> Response:
    resource = _body(request)
    resource_type = typed(resource, known_type(request.segments[0]))
    given = request.headers.get(b"if-none-exist")
    made = Write(resource_type, clock.uuid7(), resource, new=True, criteria=criteria(given))
    return _written(request, await _one(records, made))


async def update(request: Request, records: Records) -> Response:
    resource_type, resource_id = known_type(request.segments[0]), written_id(request.segments[1])
    resource = _body(request)
    identified(resource, typed(resource, resource_type), resource_id)
    return _written(request, await _one(records, Write(resource_type, resource_id, resource, _expected(request))))


async def update_matching(request: Request, records: Records) -> Response:
    """PUT [base]/Type?criteria."""
    resource = _body(request)
    resource_type = typed(resource, known_type(request.segments[0]))
    write = Write(resource_type, None, resource, _expected(request), criteria=_asked(request))
    return _written(request, await _one(records, write))


async def change(request: Request, records: Records) -> Response:
    """PATCH [base]/Type/id."""
    resource_type, resource_id = known_type(request.segments[0]), written_id(request.segments[1])
    write = Write(resource_type, resource_id, expected=_expected(request), change=_patch(request))
    return _written(request, await _one(records, write))


async def change_matching(request: Request, records: Records) -> Response:
    """PATCH [base]/Type?criteria."""
    resource_type = known_type(request.segments[0])
    write = Write(resource_type, None, None, _expected(request), criteria=_asked(request), change=_patch(request))
    return _written(request, await _one(records, write))


async def delete(request: Request, records: Records) -> Response:
    resource_type, resource_id = known_type(request.segments[0]), written_id(request.segments[1])
    await records.write([Write(resource_type, resource_id, None, _expected(request))])
    return _deleted(request)


async def delete_matching(request: Request, records: Records) -> Response:
    """DELETE [base]/Type?criteria: one resource, or all that match where the site allows it."""
    resource_type = known_type(request.segments[0])
    write = Write(resource_type, None, criteria=_asked(request), many=records.multiple_delete)
    await records.write([write])
    return _deleted(request)


def typed(resource: Resource, resource_type: str, place: str = "") -> str:
    """Checks that the body, or what is at `Bundle.entry[0].resource.`, is of the type in the URL."""
    if resource.get("resourceType") != resource_type:
        raise BadRequest(
            "FD-TYPE-MISMATCH",
            f"请求体的 resourceType 应为 {resource_type}。",
            f"The resourceType of the body must be {resource_type}.",
            f"{place}resourceType",
        )
    return resource_type


def identified(resource: Resource, place: str, resource_id: str | None) -> None:
    """Checks that the body's id is the one in the URL."""
    if resource.get("id") != resource_id:
        raise BadRequest(
            "FD-ID-MISMATCH",
            "请求体的 id 应与 URL 中的 id 相同。",
            "The id of the body must be the id in the URL.",
            f"{place}.id",
        )


async def _one(records: Records, write: Write) -> Outcome:
    [made] = await records.write([write])
    return made


def _body(request: Request) -> Resource:
    resource = binary.incoming(request) if request.segments[0] == "Binary" else request.resource()
    return references.relative(resource, request.base) if _is_named(request) else resource


def _is_named(request: Request) -> bool:
    """Whether the body may refer to resources of ours by our own address."""
    return f"{request.base}/".encode() in request.body


def _expected(request: Request) -> Expected | None:
    tags = conditions.expected(request.headers)
    return tags.have if tags else None


def _asked(request: Request) -> tuple[tuple[str, str], ...]:
    """The criteria in the URL."""
    return tuple(pair for pair in request.query if pair[0] not in {"_format", "_pretty"})


def criteria(header: bytes | None) -> tuple[tuple[str, str], ...] | None:
    """If-None-Exist: the query part of a search, with a URL before it or without."""
    if header is None:
        return None
    text = header.decode("utf-8", "replace").strip()
    before, mark, after = text.partition("?")
    return tuple(parse_qsl(after if mark and "=" not in before else text, keep_blank_values=True))


def _patch(request: Request) -> Callable[[Resource], Resource]:
    media = request.headers.get(b"content-type", b"").decode("latin-1")

    def change(resource: Resource) -> Resource:
        made = patching.apply(resource, request.body, media)
        return references.relative(made, request.base) if _is_named(request) else made

    return change


def _written(request: Request, made: Outcome) -> Response:
    stored = made.stored
    assert stored is not None  # noqa: S101 - only a delete leaves nothing
    return Response(201 if made.created else 200, preferred(request, stored.content), headers.located(request, stored))


def preferred(request: Request, content: bytes) -> bytes:
    """What the client wants to hear of a write. https://hl7.org/fhir/R4/http.html#ops"""
    match request.prefer.returns:
        case "minimal":
            return b""
        case "OperationOutcome":
            return json.dumps(outcome.outcome([prefer.ALL_OK]))
        case _:
            return content


def _deleted(request: Request) -> Response:
    if request.prefer.returns == "OperationOutcome":
        return Response(200, json.dumps(outcome.outcome([prefer.ALL_OK])))
    return Response(204)
