"""Makes the index rows of stored resources again while the server serves, in batches, resumable at every one."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import structlog

from gateway.jobs import Job, Jobs
from gateway.logs import frames
from gateway.search import index
from gateway.search.parameters import Catalogue
from gateway.storage import arrays
from gateway.storage.rows import Rows
from gateway.storage.statements import statement
from gateway.storage.store import Store
from gateway.storage.writes import INDEX_COLUMNS
from profiles import definitions, json
from profiles.json import Resource

_BATCH = 100
"""Resources that are put in at once; meanwhile writers wait, some hundredths of a second."""
_log = structlog.get_logger()


class Read(NamedTuple):
    """A resource as it was read: its row, and what the row says its rows are dated by."""

    rid: int
    version: int
    sort: int
    content: bytes

    def resource(self) -> Resource:
        decoded: Resource = json.loads(self.content)
        return decoded


@dataclass(frozen=True, slots=True)
class Aim:
    """Which resources, and which of their rows."""

    types: Sequence[str]
    rows: Callable[[Read], Rows]
    whole: bool
    """These are all rows that there should be: others end."""


def everything(catalogue: Catalogue, types: Iterable[str]) -> Aim:
    """All rows of all resources of some types, of every type where none is named."""
    asked = tuple(types) or tuple(sorted(definitions.resource_types()))
    return Aim(asked, lambda read: index.rows(catalogue, read.resource()), whole=True)


def of_parameter(catalogue: Catalogue, types: Iterable[str], code: str) -> Aim:
    """The rows of a search parameter that some types have by this code."""

    def rows(read: Read) -> Rows:
        resource = read.resource()
        parameter = catalogue.of(resource["resourceType"]).get(code)
        return index.rows_of(parameter, resource, read.sort) if parameter else Rows(read.sort)

    return Aim(tuple(types), rows, whole=False)


async def total(store: Store, tenant: int, types: Sequence[str]) -> int:
    """How many resources there are to do."""
    counted: int = (await store.query(statement("reindex_total"), {"tenant": tenant, "types": list(types)}))[0][0]
    return counted


async def run(store: Store, jobs: Jobs, job: Job, aim: Aim) -> bool:
    """From the job's place to the end; False where the job is no longer ours. `about` counts what went wrong."""
    while True:
        started = time.monotonic()
        batch = await _next(store, job, aim)
        if not batch:
            return await jobs.advance(job, job._replace(state="done", total=job.done))
        failed = await _put(store, job.tenant, batch, aim)
        after = job._replace(done=job.done + len(batch), place=batch[-1].rid)
        if failed:
            about = json.loads(job.about)
            after = after._replace(about=json.dumps({**about, "errors": about.get("errors", 0) + failed}).decode())
        if not await jobs.advance(job, after):
            return False
        job = after
        await asyncio.sleep(time.monotonic() - started)  # as long for the others as for us


async def _next(store: Store, job: Job, aim: Aim) -> list[Read]:
    asked = {"tenant": job.tenant, "place": job.place, "types": list(aim.types), "count": _BATCH}
    return [Read(*row) for row in await store.query(statement("reindex_next"), asked)]


async def _put(store: Store, tenant: int, batch: list[Read], aim: Aim) -> int:
    """How many could not be done; what somebody changes meanwhile is read and done again."""
    failed = 0
    while batch:
        made = [(read, rows) for read in batch if (rows := _rows(read, aim)) is not None]
        failed += len(batch) - len(made)
        versions = {read.rid: read.version for read, _ in made}
        done = await store.reindex(tenant, versions, partial(_parameters, tenant, made, aim.whole))
        changed = {"tenant": tenant, "rids": arrays.integers(read.rid for read, _ in made if read.rid not in done)}
        batch = [Read(*row) for row in await store.query(statement("reindex_again"), changed)]
    return failed


def _rows(read: Read, aim: Aim) -> Rows | None:
    try:
        return aim.rows(read)
    except Exception as error:  # noqa: BLE001 - one resource that cannot be read does not stop the others
        _log.error("not-indexed", row=read.rid, error=type(error).__name__, at=frames(error))
        return None


def _parameters(tenant: int, read: Sequence[tuple[Read, Rows]], whole: bool, same: set[int]) -> dict[str, Any]:  # noqa: FBT001 - of our own `partial`
    made = [(one, rows) for one, rows in read if one.rid in same]
    columns: dict[str, Any] = {
        "tenant": tenant,
        "whole": whole,
        "rid": arrays.integers(one.rid for one, _ in made),
        "sort": arrays.integers(rows.sort for _, rows in made),
        "idx_old": arrays.integers(one.sort for one, rows in made for _ in rows.idx),
    }
    for table, names in INDEX_COLUMNS.items():
        listed = [
            (*(row if len(names) > 1 else (row,)), rows.sort, one.rid)
            for one, rows in made
            for row in getattr(rows, table)
        ]
        values = zip(*listed, strict=True) if listed else ((),) * (len(names) + 2)
        for name, column in zip((*names, "sort", "rid"), values, strict=True):
            columns[f"{table}_{name}"] = (arrays.texts if name == "value" else arrays.integers)(column)
    return columns
