"""Coalesced reads: everybody who asks by id at the same moment shares one statement."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import psycopg

from gateway.storage import arrays
from gateway.storage.engine import Pool
from gateway.storage.rows import Stored
from gateway.storage.statements import statement

Found = dict[tuple[str, str], Stored]
"""By (type, id)."""

_PARALLEL = 2


class _Asked(NamedTuple):
    tenant: int
    keys: frozenset[tuple[str, str]]
    answer: "asyncio.Future[Found]"


class Reader:
    def __init__(self, connections: Pool) -> None:
        self._pool = connections
        self._waiting: list[_Asked] = []
        self._flushing: set[asyncio.Task[None]] = set()

    async def get(self, tenant: int, keys: Iterable[tuple[str, str]]) -> Found:
        """The current versions of those (type, id) that exist, deleted ones included."""
        asked = _Asked(tenant, frozenset(keys), asyncio.get_running_loop().create_future())
        if not asked.keys:
            return {}
        self._waiting.append(asked)
        self._flush()
        return await asked.answer

    def _flush(self) -> None:
        if self._waiting and len(self._flushing) < _PARALLEL:
            task = asyncio.ensure_future(self._read_waiting())
            self._flushing.add(task)
            task.add_done_callback(self._flushed)

    def _flushed(self, task: "asyncio.Task[None]") -> None:
        self._flushing.discard(task)
        self._flush()

    async def _read_waiting(self) -> None:
        await asyncio.sleep(0)  # everybody who asks in this tick comes along
        waiting, self._waiting = self._waiting, []
        for tenant in {asked.tenant for asked in waiting}:
            group = [asked for asked in waiting if asked.tenant == tenant]
            try:
                found = await self._read(tenant, frozenset().union(*(asked.keys for asked in group)))
            except psycopg.Error as error:
                for asked in group:
                    if not asked.answer.done():
                        asked.answer.set_exception(error)
                continue
            for asked in group:
                if not asked.answer.done():
                    asked.answer.set_result({key: found[key] for key in asked.keys if key in found})

    async def _read(self, tenant: int, keys: frozenset[tuple[str, str]]) -> Found:
        types, ids = zip(*keys, strict=True)
        wanted = {"tenant": tenant, "type": arrays.texts(types), "id": arrays.texts(ids)}
        async with self._pool.connection() as connection:
            cursor = await connection.cursor(binary=True).execute(statement("read"), wanted)
            return {(row[0], row[1]): Stored(*row) for row in await cursor.fetchall()}
