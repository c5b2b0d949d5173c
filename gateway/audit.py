"""Who did what to which resource: one line per access, kept in the database and nowhere else.

A write's lines are part of its transaction. Those of reads and searches are collected and written together
by the time the next ones come, some milliseconds later, so that no reader waits for the disk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg
import psycopg_pool
import structlog

from gateway.storage.rows import Access
from gateway.storage.store import Store

_GATHER_SECONDS = 0.02
_log = structlog.get_logger()


class Audit:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[int, Access]] = []
        self._something = asyncio.Event()

    def add(self, tenant: int, access: Access) -> None:
        self._waiting.append((tenant, access))
        self._something.set()

    async def run(self) -> None:
        """Writes what waits, as soon as it waits; what the database refuses stays and is tried again."""
        while True:
            await self._something.wait()
            await self.flush()
            await asyncio.sleep(_GATHER_SECONDS)

    async def flush(self) -> None:
        self._something.clear()
        waiting, self._waiting = self._waiting, []
        try:
            await self._store.log(waiting)
        except BaseException as error:
            self._waiting = waiting + self._waiting
            self._something.set()
            if not isinstance(error, (psycopg.Error, psycopg_pool.PoolTimeout)):
                raise
            _log.error("audit-not-written", lines=len(waiting), error=type(error).__name__)
            await asyncio.sleep(0.5)


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Audit]:
    audit = Audit(store)
    task = asyncio.ensure_future(audit.run())
    try:
        yield audit
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await audit.flush()
