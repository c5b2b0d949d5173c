"""Coalesced reads: everybody who asks at the same moment shares one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import psycopg
import psycopg_pool

from gateway.storage import arrays
from gateway.storage.engine import Pool, is_lost
from gateway.storage.hashes import target
from gateway.storage.rows import Stored
from gateway.storage.statements import statement

_K = TypeVar("_K")
_V = TypeVar("_V")
SHARED_PAGE = 50
"""Matches on a page of the searches that share a statement."""
_PARALLEL = 2
"""Statements under way at once; while they are, those who ask are gathered for the next."""


class _Asked(NamedTuple, Generic[_K, _V]):
    tenant: int
    keys: frozenset[_K]
    answer: "asyncio.Future[dict[_K, _V]]"


class Coalesced(Generic[_K, _V]):
    """One kind of read, made by `read(tenant, keys)` for many askers at once."""

    def __init__(self, read: Callable[[int, frozenset[_K]], Awaitable[dict[_K, _V]]]) -> None:
        self._read = read
        self._waiting: list[_Asked[_K, _V]] = []
        self._reading: set[asyncio.Task[None]] = set()

    async def get(self, tenant: int, keys: Iterable[_K]) -> dict[_K, _V]:
        """What there is under those keys."""
        asked = _Asked(tenant, frozenset(keys), asyncio.get_running_loop().create_future())
        if not asked.keys:
            return {}
        self._waiting.append(asked)
        self._start()
        return await asked.answer

    def _start(self) -> None:
        if self._waiting and len(self._reading) < _PARALLEL:
            task = asyncio.ensure_future(self._read_waiting())
            self._reading.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._reading.discard(task)
        self._start()

    async def _read_waiting(self) -> None:
        await asyncio.sleep(0)  # everybody who asks in this tick comes along
        waiting, self._waiting = self._waiting, []
        for tenant in {asked.tenant for asked in waiting}:
            await self._answer(tenant, [asked for asked in waiting if asked.tenant == tenant])

    async def _answer(self, tenant: int, group: list[_Asked[_K, _V]]) -> None:
        """What one asker may not ask fails for that one alone."""
        try:
            found = await self._read(tenant, frozenset().union(*(asked.keys for asked in group)))
        except (psycopg.Error, psycopg_pool.PoolTimeout) as error:
            if len(group) > 1 and not is_lost(error):
                for asked in group:
                    await self._answer(tenant, [asked])
                return
            for asked in group:
                if not asked.answer.done():
                    asked.answer.set_exception(error)
            return
        for asked in group:
            if not asked.answer.done():
                asked.answer.set_result({key: found[key] for key in asked.keys if key in found})


class Reader:
    """Current versions: by (type, id) with the deleted ones, by the name of a claim, by a key that few share."""

    def __init__(self, connections: Pool) -> None:
        self._pool = connections
        self.by_id = Coalesced(self._by_id)
        self.by_claim = Coalesced(self._by_claim)
        self.by_key = Coalesced(self._by_key)

    async def _by_id(self, tenant: int, keys: frozenset[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
        refs = arrays.integers(target(f"{kind}/{own}") for kind, own in keys)
        rows = await self._rows("read", {"tenant": tenant, "ref": refs})
        return {(row[0], row[1]): Stored(*row) for row in rows}

    async def _by_claim(self, tenant: int, names: frozenset[str]) -> dict[str, Stored]:
        rows = await self._rows("held", {"tenant": tenant, "name": arrays.texts(names)})
        return {row[0]: Stored(*row[1:]) for row in rows}

    async def _by_key(self, tenant: int, keys: frozenset[int]) -> dict[int, list[tuple[Any, ...]]]:
        """Rows as a page of a search has them, one more than `SHARED_PAGE`."""
        asked = {"tenant": tenant, "key": arrays.integers(keys), "limit": SHARED_PAGE + 1}
        found: dict[int, list[tuple[Any, ...]]] = {key: [] for key in keys}
        for row in await self._rows("identified", asked):
            found[row[0]].append(row[1:])
        return found

    async def _rows(self, name: str, parameters: dict[str, object]) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as connection:
            cursor = await connection.cursor(binary=True).execute(statement(name), parameters)
            return await cursor.fetchall()
