"""Batch and transaction: many interactions in one request. https://hl7.org/fhir/R4/http.html#transaction"""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from gateway import clock
from gateway.errors import BadRequest, FhirError, NotSupported
from gateway.records import Outcome, Records, Write
from gateway.rest import bundle as bundles
from gateway.rest import headers, interactions, outcome
from gateway.rest.exchange import Request, Response
from profiles import json
from profiles.json import Resource

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3}


class _Entry(NamedTuple):
    number: int
    method: str
    path: str
    full_url: str | None
    resource: Resource | None
    if_match: int | None


async def process(request: Request, records: Records) -> Response:
    """POST [base] with a Bundle of type batch or transaction; the answers stand in the order of the entries."""
    body = request.resource()
    interactions.typed(body, "Bundle")
    kind = body.get("type")
    if kind not in {"batch", "transaction"}:
        raise BadRequest(
            "FD-BUNDLE-TYPE",
            "此处只接受 batch 或 transaction 类型的 Bundle。",
            "Only a Bundle of type batch or transaction is accepted here.",
            "Bundle.type",
        )
    entries = [_entry(number, entry) for number, entry in enumerate(_listed(body))]
    answer = await (_transaction if kind == "transaction" else _batch)(request, records, entries)
    head = {"resourceType": "Bundle", "type": f"{kind}-response"}
    joined = b",".join(answer[number] for number in range(len(entries)))
    return Response(200, b'%s,"entry":[%s]}' % (json.dumps(head)[:-1], joined) if joined else json.dumps(head))


async def _transaction(request: Request, records: Records, entries: list[_Entry]) -> dict[int, bytes]:
    ordered = sorted(entries, key=lambda entry: _ORDER[entry.method])
    writes = [entry for entry in ordered if entry.method != "GET"]
    outcomes = await records.write(_resolved(request, writes))
    answers = {entry.number: _answer(request, made) for entry, made in zip(writes, outcomes, strict=True)}
    for entry in ordered[len(writes) :]:
        answers[entry.number] = await _get(request, records, entry)
    return answers


async def _batch(request: Request, records: Records, entries: list[_Entry]) -> dict[int, bytes]:
    answers = await asyncio.gather(*(_alone(request, records, entry) for entry in entries))
    return dict(enumerate(answers))


async def _alone(request: Request, records: Records, entry: _Entry) -> bytes:
    try:
        if entry.method == "GET":
            return await _get(request, records, entry)
        [made] = await records.write(_resolved(request, [entry]))
        return _answer(request, made)
    except FhirError as error:
        return json.dumps({"response": {"status": str(error.status), "outcome": outcome.outcome(error.issues)}})


async def _get(request: Request, records: Records, entry: _Entry) -> bytes:
    path, _, query = entry.path.partition("?")
    match [unquote(segment) for segment in path.split("/")]:
        case [resource_type, resource_id]:
            content = (await records.read(interactions.known_type(resource_type), resource_id)).content
        case [resource_type]:
            page = await records.search(
                interactions.known_type(resource_type), parse_qsl(query, keep_blank_values=True)
            )
            content = bundles.searchset(request, resource_type, page)
        case _:
            raise _bad_url(entry.number)
    return b'{"resource":%s,"response":{"status":"200"}}' % content


def _listed(body: Resource) -> list[Any]:
    entries = body.get("entry", [])
    if not isinstance(entries, list):
        raise BadRequest("FD-BUNDLE-ENTRY", "entry 应为数组。", "entry must be an array.", "Bundle.entry")
    return entries


def _entry(number: int, entry: Any) -> _Entry:  # noqa: ANN401 - whatever the client sent
    where = f"Bundle.entry[{number}]"
    match entry:
        case {"request": {"method": "GET" | "DELETE" as method, "url": str(url)}}:
            resource = None
        case {"request": {"method": "POST" | "PUT" as method, "url": str(url)}, "resource": dict(resource)}:
            pass
        case _:
            raise BadRequest(
                "FD-BUNDLE-REQUEST",
                "每个条目需要 request.method(GET、POST、PUT、DELETE)与 request.url;POST、PUT 还需要 resource。",
                "Every entry needs request.method (GET, POST, PUT, DELETE) and request.url; POST and PUT a resource.",
                f"{where}.request",
            )
    asked = entry["request"]
    if "ifNoneExist" in asked or (method != "GET" and "?" in url):
        raise NotSupported(
            "FD-CONDITIONAL", "暂不支持条件写入。", "Conditional writes are not supported.", f"{where}.request"
        )
    version = asked.get("ifMatch")
    if_match = headers.etag_version(version.encode()) if isinstance(version, str) else None
    full_url = entry.get("fullUrl")
    return _Entry(number, method, url, full_url if isinstance(full_url, str) else None, resource, if_match)


def _resolved(request: Request, entries: Iterable[_Entry]) -> list[Write]:
    """The writes, with ids of ours for new resources and every reference to a fullUrl made literal."""
    targets: dict[str, str] = {}
    planned = []
    for entry in entries:
        resource_type, resource_id = _target(request, entry)
        created = entry.method == "POST"
        planned.append((entry, resource_type, clock.uuid7() if created else resource_id))
        if entry.full_url:
            targets[entry.full_url] = f"{resource_type}/{planned[-1][2]}"
    return [
        Write(
            resource_type,
            resource_id,
            None if entry.resource is None else _identified(_relinked(entry.resource, targets), resource_id),
            entry.if_match,
            new=entry.method == "POST",
        )
        for entry, resource_type, resource_id in planned
    ]


def _target(request: Request, entry: _Entry) -> tuple[str, str]:
    segments = [unquote(segment) for segment in entry.path.removeprefix(f"{request.base}/").split("/")]
    wanted = 1 if entry.method == "POST" else 2
    if len(segments) != wanted:
        raise _bad_url(entry.number)
    resource_type = interactions.known_type(segments[0])
    if entry.resource is not None:
        interactions.typed(entry.resource, resource_type)
    if entry.method == "PUT" and entry.resource is not None:
        interactions.identified(entry.resource, resource_type, segments[1])
    return resource_type, segments[-1]


def _identified(resource: Resource, resource_id: str) -> Resource:
    return {**resource, "id": resource_id}


def _relinked(value: Any, targets: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """A copy in which every reference to one of the targets points to what it became."""
    if isinstance(value, dict):
        return {
            name: targets.get(inner, inner)
            if name == "reference" and isinstance(inner, str)
            else _relinked(inner, targets)
            for name, inner in value.items()
        }
    return [_relinked(inner, targets) for inner in value] if isinstance(value, list) else value


def _answer(request: Request, made: Outcome) -> bytes:
    stored = made.stored
    if stored is None or stored.deleted:
        return b'{"response":{"status":"204"}}'
    about = {
        "status": "201" if made.created else "200",
        "location": f"{request.base}/{stored.type}/{stored.id}/_history/{stored.version}",
        "etag": f'W/"{stored.version}"',
        "lastModified": clock.instant(stored.last_updated),
    }
    resource = b"" if request.minimal else b'"resource":%s,' % stored.content
    return b'{%s"response":%s}' % (resource, json.dumps(about))


def _bad_url(number: int) -> BadRequest:
    return BadRequest(
        "FD-BUNDLE-URL",
        "request.url 应为 类型(POST、检索)或 类型/id(GET、PUT、DELETE)。",
        "request.url must be Type (POST, search) or Type/id (GET, PUT, DELETE).",
        f"Bundle.entry[{number}].request.url",
    )
