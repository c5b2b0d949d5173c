"""Batch and transaction: many interactions in one request. https://hl7.org/fhir/R4/http.html#transaction"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from gateway import clock
from gateway.errors import BadRequest, TooLarge
from gateway.records import Outcome, Records
from gateway.rest import addresses, entries, failures, interactions, links, outcome
from gateway.rest import bundle as bundles
from gateway.rest.entries import Entry, paced
from gateway.rest.exchange import Request, Response
from gateway.search import query
from profiles import json
from profiles.json import Resource

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2}
_MOST_ENTRIES = 5000
_TOGETHER = 100
"""Entries of a batch that are under way at once."""


async def process(request: Request, records: Records) -> Response:
    """POST [base] with a Bundle of type batch or transaction; the answers stand in the order of the entries."""
    body = request.resource()
    interactions.typed(body, "Bundle")
    match body.get("type"):
        case "transaction":
            kind, answer = "transaction-response", _transaction
        case "batch":
            kind, answer = "batch-response", _batch
        case _:
            raise BadRequest(
                "FD-BUNDLE-TYPE",
                "此处只接受 batch 或 transaction 类型的 Bundle。",
                "Only a Bundle of type batch or transaction is accepted here.",
                "Bundle.type",
            )
    joined = b",".join(await answer(request, records, _listed(body)))
    head = json.dumps({"resourceType": "Bundle", "type": kind})
    return Response(200, b'%s,"entry":[%s]}' % (head[:-1], joined) if joined else head)


async def _transaction(request: Request, records: Records, listed: list[Any]) -> list[bytes]:
    """What can be refused is refused before anything is written; afterwards, a read that finds nothing fails alone."""
    parsed = [entries.parse(request, number, one) async for number, one in paced(enumerate(listed))]
    reads = [entry for entry in parsed if entry.method == "GET"]
    async for entry in paced(reads):
        _require_possible(records, entry)
    writes = sorted((entry for entry in parsed if entry.method != "GET"), key=lambda entry: _ORDER[entry.method])
    outcomes = await records.write(await links.writes(writes))
    pairs = zip(writes, outcomes, strict=True)
    answers = {entry.number: _written(request, made) async for entry, made in paced(pairs)}
    for entry in reads:
        answers[entry.number] = await _alone(request, _read(request, records, entry))
    return [answers[number] for number in range(len(listed))]


async def _batch(request: Request, records: Records, listed: list[Any]) -> list[bytes]:
    answers: list[bytes] = []
    for start in range(0, len(listed), _TOGETHER):
        part = enumerate(listed[start : start + _TOGETHER], start)
        answers += await asyncio.gather(
            *(_alone(request, _interaction(request, records, number, one)) for number, one in part)
        )
    return answers


async def _interaction(request: Request, records: Records, number: int, listed: Any) -> bytes:  # noqa: ANN401 - as above
    entry = entries.parse(request, number, listed)
    if entry.method == "GET":
        return await _read(request, records, entry)
    [made] = await records.write(await links.writes([entry]))
    return _written(request, made)


async def _alone(request: Request, answer: Awaitable[bytes]) -> bytes:
    """The answer of an entry, or the outcome of what went wrong with it."""
    try:
        return await answer
    except Exception as error:  # noqa: BLE001 - the other entries have their answers, whatever it is
        told = failures.told(error, request.id, "process")
        return json.dumps({"response": {"status": str(told.status), "outcome": outcome.outcome(told.issues)}})


def _require_possible(records: Records, entry: Entry) -> None:
    records.grant.require(entry.type, "search" if entry.id is None else "read")
    if entry.id is None:
        query.parse(entry.type, entry.query, records.now)


async def _read(request: Request, records: Records, entry: Entry) -> bytes:
    if entry.id is None:
        content = bundles.searchset(request, entry.type, await records.search(entry.type, entry.query))
    else:
        content = (await records.read(entry.type, addresses.read_id(entry.id))).content
    return b'{"resource":%s,"response":{"status":"200"}}' % content


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
    about = {
        "status": "201" if made.created else "200",
        "location": f"{request.base}/{stored.type}/{stored.id}/_history/{stored.version}",
        "etag": f'W/"{stored.version}"',
        "lastModified": clock.instant(stored.last_updated),
    }
    resource = b"" if request.minimal else b'"resource":%s,' % stored.content
    return b'{%s"response":%s}' % (resource, json.dumps(about))
