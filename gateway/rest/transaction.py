"""Batch and transaction: many interactions in one request. https://hl7.org/fhir/R4/http.html#transaction"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateway import clock
from gateway.errors import BadRequest, FhirError, TooLarge
from gateway.finding import Place
from gateway.planning import Outcome
from gateway.records import Records
from gateway.rest import addresses, entries, failures, interactions, links, outcome, prefer
from gateway.rest.entries import Entry, paced
from gateway.rest.exchange import FHIR_JSON, Request, Response
from profiles import json
from profiles.json import Resource

Handler = Callable[[Request, Records], Awaitable[Response]]
Route = Callable[[str, tuple[str, ...]], tuple[str, Handler]]
"""Method and path → name and handler, as the table of routes has them."""

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2}
_READS = frozenset({"GET", "HEAD"})
_MOST_ENTRIES = 5000
_TOGETHER = 100
"""Entries of a batch that are under way at once."""


def processing(route: Route) -> Handler:
    """The handler of POST [base]; its entries go wherever the table sends such requests."""

    async def process(request: Request, records: Records) -> Response:
        """A Bundle of type batch or transaction; the answers stand in the order of the entries."""
        body = request.resource()
        interactions.typed(body, "Bundle")
        match body.get("type"):
            case "transaction":
                kind, answers = "transaction-response", await _transaction(route, request, records, _listed(body))
            case "batch":
                kind, answers = "batch-response", await _batch(route, request, records, _listed(body))
            case _:
                raise BadRequest(
                    "FD-BUNDLE-TYPE",
                    "此处只接受 batch 或 transaction 类型的 Bundle。",
                    "Only a Bundle of type batch or transaction is accepted here.",
                    "Bundle.type",
                )
        joined = b",".join(answers)
        head = json.dumps({"resourceType": "Bundle", "type": kind})
        return Response(200, b'%s,"entry":[%s]}' % (head[:-1], joined) if joined else head)

    return process


async def _transaction(route: Route, request: Request, records: Records, listed: list[Any]) -> list[bytes]:
    """What can be refused is refused before anything is written; afterwards, a read that finds nothing fails alone."""
    parsed = [entries.parse(request, number, one) async for number, one in paced(enumerate(listed))]
    reads = [entry for entry in parsed if entry.method in _READS or "$" in "".join(entry.segments)]
    async for entry in paced(reads):
        _require_possible(route, records, entry, lenient=request.lenient)
    writes = sorted((one for one in parsed if one not in reads), key=lambda entry: _ORDER[entry.method])
    wanted = [entries.write(entry, many=records.multiple_delete) async for entry in paced(writes)]
    outcomes = await records.write(wanted, links.linking(writes, request.base))
    pairs = zip(writes, outcomes, strict=True)
    answers = {entry.number: _written(request, made) async for entry, made in paced(pairs)}
    for entry in reads:
        answers[entry.number] = await _alone(request, _requested(route, request, records, entry))
    return [answers[number] for number in range(len(listed))]


async def _batch(route: Route, request: Request, records: Records, listed: list[Any]) -> list[bytes]:
    answers: list[bytes] = []
    for start in range(0, len(listed), _TOGETHER):
        part = enumerate(listed[start : start + _TOGETHER], start)
        answers += await asyncio.gather(
            *(_alone(request, _interaction(route, request, records, number, one)) for number, one in part)
        )
    return answers


async def _interaction(
    route: Route,
    request: Request,
    records: Records,
    number: int,
    listed: Any,
) -> bytes:
    entry = entries.parse(request, number, listed)
    if entry.resource is not None and entry.method in {"POST", "PUT"}:
        links.linked(entry.resource, {}, f"{entry.place}.resource")
    try:
        return await _requested(route, request, records, entry)
    except FhirError as error:
        raise error.at(entry.place) from error


async def _alone(request: Request, answer: Awaitable[bytes]) -> bytes:
    """The answer of an entry, or the outcome of what went wrong with it."""
    try:
        return await answer
    except Exception as error:  # noqa: BLE001 - the other entries have their answers, whatever it is
        told = failures.told(error, request.id, "process")
        return json.dumps({"response": {"status": str(told.status), "outcome": outcome.outcome(told.issues)}})


def _require_possible(route: Route, records: Records, entry: Entry, *, lenient: bool) -> None:
    route(entry.method, entry.segments)
    match entry.segments:
        case ("metadata",):
            pass
        case (kind,) if not kind.startswith(("$", "_")):
            resource_type = addresses.known_type(kind)
            records.grant.require(resource_type, "search")
            records.finder.parsed(Place(resource_type), entry.query, lenient=lenient)
        case (kind, _, other) if not other.startswith(("$", "_")):
            records.grant.require(addresses.known_type(kind), "read")
            if other != "*":
                records.grant.require(addresses.known_type(other), "search")
        case (kind, *_) if not kind.startswith(("$", "_")):
            records.grant.require(addresses.known_type(kind), "read")


async def _requested(route: Route, request: Request, records: Records, entry: Entry) -> bytes:
    """What the request that the entry stands for is answered with."""
    _, handle = route(entry.method, entry.segments)
    response = await handle(entries.subrequest(request, entry), records)
    said = dict(response.headers)
    about = {"status": str(response.status)}
    for name, header in (("location", b"location"), ("etag", b"etag")):
        if header in said:
            about[name] = said[header].decode()
    resource = b"" if not response.body or response.media_type != FHIR_JSON else b'"resource":%s,' % response.body
    return b'{%s"response":%s}' % (resource, json.dumps(about))


def _listed(body: Resource) -> list[Any]:
    listed = body.get("entry", [])
    if not isinstance(listed, list):
        raise BadRequest("FD-BUNDLE-ENTRY", "entry 应为数组。", "entry must be an array.", "Bundle.entry")
    if len(listed) > _MOST_ENTRIES:
        raise TooLarge(
            "FD-TOO-MANY-ENTRIES",
            f"条目超过 {_MOST_ENTRIES} 个;请分批提交。",
            f"There are more than {_MOST_ENTRIES} entries; send them in parts.",
            "Bundle.entry",
        )
    return listed


def _written(request: Request, made: Outcome) -> bytes:
    stored = made.stored
    if stored is None or stored.deleted:
        return b'{"response":{"status":"204"}}'
    about: dict[str, object] = {
        "status": "201" if made.created else "200",
        "location": f"{request.base}/{stored.type}/{stored.id}/_history/{stored.version}",
        "etag": f'W/"{stored.version}"',
        "lastModified": clock.instant(stored.last_updated),
    }
    if request.prefer.returns == "OperationOutcome":
        about["outcome"] = outcome.outcome([prefer.ALL_OK])
    content = interactions.preferred(request, stored.content)
    resource = b'"resource":%s,' % content if content is stored.content else b""
    return b'{%s"response":%s}' % (resource, json.dumps(about))
