"""Grouped commits: units of work that wait at the same moment share one statement and one flush to disk."""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
import psycopg_pool
from psycopg import errors

from gateway.storage import arrays
from gateway.storage.engine import Pool, is_lost
from gateway.storage.rows import Change, Unit
from gateway.storage.statements import statement

_MOST_PARTS = 256
_PARALLEL = 2


class Stale(Exception):
    """Somebody else wrote first: what the unit was planned on is no longer so."""


class StillReferred(Exception):
    """Something else refers to what was to be deleted."""


class ClaimTaken(Exception):
    """Another resource holds what at most one may hold; the arguments are references of the holders where known."""


_Waiting = tuple[Unit, "asyncio.Future[None]"]


class Writer:
    """Commits units; concurrent ones are grouped, and one that is refused is refused alone."""

    def __init__(self, connections: Pool) -> None:
        self._pool = connections
        self._waiting: list[_Waiting] = []
        self._busy: set[int | str] = set()
        self._flushing: set[asyncio.Task[bool]] = set()

    async def commit(self, unit: Unit) -> None:
        """Durable when it returns; raises `Stale` or `ClaimTaken` and leaves nothing behind."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((unit, done))
        self._flush()
        await done

    def _flush(self) -> None:
        if self._waiting and len(self._flushing) < _PARALLEL:
            task = asyncio.ensure_future(self._write_waiting())
            self._flushing.add(task)
            task.add_done_callback(self._flushed)

    def _flushed(self, task: "asyncio.Task[bool]") -> None:
        self._flushing.discard(task)
        if task.result():
            self._flush()

    async def _write_waiting(self) -> bool:
        """False when all that waits must wait for what is being written now."""
        await asyncio.sleep(0)  # everybody who is ready in this tick comes along
        group = self._next_group()
        touched = {part for unit, _ in group for part in _parts(unit)}
        self._busy |= touched
        try:
            await self._write_group(group)
        finally:
            self._busy -= touched
        return bool(group)

    async def _write_group(self, group: list[_Waiting]) -> None:
        """One statement for all; when it is refused, halves of the group, down to the one that is refused alone."""
        if not group:
            return
        try:
            await self._write([unit for unit, _ in group])
        except (Stale, ClaimTaken, StillReferred, psycopg.Error, psycopg_pool.PoolTimeout) as error:
            if len(group) == 1 or is_lost(error):
                for _, done in group:
                    _settle(done, error)
                return
            middle = len(group) // 2
            await self._write_group(group[:middle])
            await self._write_group(group[middle:])
        else:
            for _, done in group:
                _settle(done, None)

    def _next_group(self) -> list[_Waiting]:
        """Units of one tenant that touch nothing twice, nor what is being written now; the others wait."""
        group: list[_Waiting] = []
        later: list[_Waiting] = []
        touched = set(self._busy)
        for unit, done in self._waiting:
            own = _parts(unit)
            of_tenant = not group or unit.tenant == group[0][0].tenant
            room = not group or len(touched) - len(self._busy) + len(own) <= _MOST_PARTS
            if of_tenant and room and touched.isdisjoint(own):
                group.append((unit, done))
            else:
                later.append((unit, done))
            touched |= own
        self._waiting = later
        return group

    async def _write(self, units: Sequence[Unit]) -> None:
        parameters = _parameters(units)
        try:
            async with self._pool.connection() as connection:
                removed = [change for unit in units if unit.guarded for change in unit.changes if change.stored.deleted]
                if removed:
                    await _write_guarded(connection, parameters, removed)
                else:
                    await connection.execute(statement("write"), parameters)
        except errors.UniqueViolation as violation:
            if violation.diag.constraint_name == "claim_pkey":
                raise ClaimTaken from violation
            raise Stale from violation
        except (errors.SerializationFailure, errors.DeadlockDetected) as failure:
            raise Stale from failure


async def _write_guarded(
    connection: psycopg.AsyncConnection[Any], parameters: dict[str, Any], removed: Sequence[Change]
) -> None:
    """Whoever refers to what is deleted here has either committed when we look, or waits until we have."""
    own = {
        "tenant": parameters["tenant"],
        "rid": arrays.integers(change.stored.rid for change in removed),
        "ref": arrays.integers(change.ref for change in removed),
    }
    async with connection.transaction():
        await connection.execute(statement("lock"), own)
        await connection.execute(statement("write"), parameters)
        cursor = await connection.execute(statement("referrers"), {**own, "count": 1})
        if await cursor.fetchone():
            raise StillReferred


def _parts(unit: Unit) -> set[int | str]:
    """The rows and claims that a unit locks: two statements never hold them in different order."""
    rows = {change.stored.rid for change in unit.changes}
    return rows.union(*(change.claims | {name for name, _ in change.released} for change in unit.changes))


def _settle(done: "asyncio.Future[None]", error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _parameters(units: Sequence[Unit]) -> dict[str, Any]:
    changes = [change for unit in units for change in unit.changes]
    accesses = [access for unit in units for access in unit.accesses]
    columns = {
        "tenant": units[0].tenant,
        "changes": sum(change.stored.version > 1 for change in changes),
        "needed": arrays.integers(needed := frozenset[int]().union(*(unit.needed for unit in units))),
        "referred": len(needed),
        "interaction": arrays.texts(change.interaction for change in changes),
        "oid": arrays.integers(change.oid for change in changes),
    }
    columns |= _resource_columns(changes)
    for prefix, part in (("", "new"), ("gone_", "gone")):
        columns |= _index_columns(changes, prefix, part)
    columns |= _claim_columns(changes)
    aid, at, *texts, results = zip(*accesses, strict=True) if accesses else ((),) * 8
    columns |= dict(
        zip(("actor", "action", "audit_type", "audit_id", "request"), map(arrays.texts, texts), strict=True)
    )
    return columns | {"aid": arrays.integers(aid), "at": arrays.integers(at), "results": arrays.integers(results)}


def _resource_columns(changes: Sequence[Change]) -> dict[str, Any]:
    stored = [change.stored for change in changes]
    types, ids, rid, version, updated, deleted, content = zip(*stored, strict=True) if stored else ((),) * 7
    return {
        "type": arrays.texts(types),
        "id": arrays.texts(ids),
        "rid": arrays.integers(rid),
        "ref": arrays.integers(change.ref for change in changes),
        "sort": arrays.integers(change.sort for change in changes),
        "version": arrays.integers(version),
        "updated": arrays.integers(updated),
        "deleted": arrays.booleans(deleted),
        "content": arrays.bytes_(content),
    }


INDEX_COLUMNS = {
    "idx": ("key",),
    "link": ("target", "key"),
    "words": ("key", "value"),
    "span": ("key", "low", "high"),
    "amount": ("key", "low", "high"),
}


def _index_columns(changes: Sequence[Change], prefix: str, part: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for table, names in INDEX_COLUMNS.items():
        rows = [
            (*(row if len(names) > 1 else (row,)), rows.sort, change.stored.rid)
            for change in changes
            for rows in (getattr(change, part),)
            for row in getattr(rows, table)
        ]
        values = zip(*rows, strict=True) if rows else ((),) * (len(names) + 2)
        for name, column in zip((*names, "sort", "rid"), values, strict=True):
            columns[f"{table}_{prefix}{name}"] = (arrays.texts if name == "value" else arrays.integers)(column)
    return columns


def _claim_columns(changes: Sequence[Change]) -> dict[str, Any]:
    taken = [(name, change.stored.rid) for change in changes for name in change.claims]
    gone = [pair for change in changes for pair in change.released]
    return {
        "claim_name": arrays.texts(name for name, _ in taken),
        "claim_rid": arrays.integers(rid for _, rid in taken),
        "claim_gone_name": arrays.texts(name for name, _ in gone),
        "claim_gone_rid": arrays.integers(rid for _, rid in gone),
    }
