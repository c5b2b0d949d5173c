"""Grouped commits: units of work that wait at the same moment share one statement and one flush to disk."""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors

from gateway.storage import arrays
from gateway.storage.engine import Pool
from gateway.storage.rows import Change, Unit
from gateway.storage.statements import statement

_MOST_CHANGES = 256
_PARALLEL = 2


class Stale(Exception):
    """Somebody else wrote first: what the unit was planned on is no longer so."""


class ClaimTaken(Exception):
    """Another resource holds what at most one may hold."""


class Writer:
    """Commits units; concurrent ones are grouped, and one that fails is tried alone so that it fails alone."""

    def __init__(self, connections: Pool) -> None:
        self._pool = connections
        self._waiting: list[tuple[Unit, asyncio.Future[None]]] = []
        self._flushing: set[asyncio.Task[None]] = set()

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

    def _flushed(self, task: "asyncio.Task[None]") -> None:
        self._flushing.discard(task)
        self._flush()

    async def _write_waiting(self) -> None:
        await asyncio.sleep(0)  # everybody who is ready in this tick comes along
        group = self._next_group()
        if not group:
            return
        try:
            await self._write([unit for unit, _ in group])
        except (Stale, ClaimTaken) as error:
            await self._write_alone(group, error)
        except psycopg.Error as error:
            for _, done in group:
                _settle(done, error)
        else:
            for _, done in group:
                _settle(done, None)

    async def _write_alone(self, group: list[tuple[Unit, "asyncio.Future[None]"]], error: Exception) -> None:
        if len(group) == 1:
            _settle(group[0][1], error)
            return
        for unit, done in group:
            try:
                await self._write([unit])
            except (Stale, ClaimTaken, psycopg.Error) as own:
                _settle(done, own)
            else:
                _settle(done, None)

    def _next_group(self) -> list[tuple[Unit, "asyncio.Future[None]"]]:
        """Units of one tenant that touch no row twice; the others wait for the next statement."""
        group: list[tuple[Unit, asyncio.Future[None]]] = []
        later: list[tuple[Unit, asyncio.Future[None]]] = []
        rows: set[int] = set()
        for unit, done in self._waiting:
            own = {change.stored.rid for change in unit.changes}
            fits = not group or (
                unit.tenant == group[0][0].tenant and rows.isdisjoint(own) and len(rows) + len(own) <= _MOST_CHANGES
            )
            if fits:
                group.append((unit, done))
                rows |= own
            else:
                later.append((unit, done))
        self._waiting = later
        return group

    async def _write(self, units: Sequence[Unit]) -> None:
        parameters = _parameters(units)
        try:
            async with self._pool.connection() as connection:
                await connection.execute(statement("write"), parameters)
        except errors.UniqueViolation as violation:
            if violation.diag.constraint_name == "claim_pkey":
                raise ClaimTaken from violation
            raise Stale from violation
        except (errors.SerializationFailure, errors.DeadlockDetected) as failure:
            raise Stale from failure


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
        "version": arrays.integers(version),
        "updated": arrays.integers(updated),
        "deleted": arrays.booleans(deleted),
        "content": arrays.bytes_(content),
    }


_INDEX_COLUMNS = {"idx": ("key", "sort"), "words": ("key", "value"), "span": ("key", "low", "high")}


def _index_columns(changes: Sequence[Change], prefix: str, part: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for table, names in _INDEX_COLUMNS.items():
        rows = [(*row, change.stored.rid) for change in changes for row in getattr(getattr(change, part), table)]
        values = zip(*rows, strict=True) if rows else ((),) * (len(names) + 1)
        for name, column in zip((*names, "rid"), values, strict=True):
            columns[f"{table}_{prefix}{name}"] = (arrays.texts if name == "value" else arrays.integers)(column)
    return columns


def _claim_columns(changes: Sequence[Change]) -> dict[str, Any]:
    taken = [(name, change.stored.rid) for change in changes for name in change.claims]
    gone = [(name, change.stored.rid) for change in changes for name in change.released]
    return {
        "claim_name": arrays.texts(name for name, _ in taken),
        "claim_rid": arrays.integers(rid for _, rid in taken),
        "claim_gone_name": arrays.texts(name for name, _ in gone),
        "claim_gone_rid": arrays.integers(rid for _, rid in gone),
    }
