"""The database as the records use it: grouped writes, coalesced reads, queries."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from gateway.storage import arrays
from gateway.storage.engine import Pool, pool
from gateway.storage.reads import Reader
from gateway.storage.rows import Access, Stored
from gateway.storage.statements import statement
from gateway.storage.writes import Writer


class Store:
    def __init__(self, connections: Pool) -> None:
        self.reader = Reader(connections)
        self.writer = Writer(connections)
        self._pool = connections

    async def query(self, sql: str | bytes, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement that our own search compiler or `statements/` wrote; values are only ever bound."""
        async with self._pool.connection() as connection:
            cursor = await connection.cursor(binary=True).execute(sql, parameters)
            return await cursor.fetchall()

    async def execute(self, sql: str, parameters: Mapping[str, Any]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(sql, parameters)

    async def versions(self, tenant: int, resource_type: str, resource_id: str) -> list[Stored]:
        """Newest first; empty where the resource never was."""
        key = {"tenant": tenant, "type": resource_type, "id": resource_id}
        rows = await self.query(statement("versions"), key)
        return [Stored(resource_type, resource_id, 0, *row) for row in rows]

    async def version(self, tenant: int, resource_type: str, resource_id: str, version: int) -> Stored | None:
        key = {"tenant": tenant, "type": resource_type, "id": resource_id, "version": version}
        rows = await self.query(statement("version"), key)
        return Stored(resource_type, resource_id, 0, *rows[0]) if rows else None

    async def log(self, accesses: Sequence[tuple[int, Access]]) -> None:
        """Audit lines, each with its tenant, of accesses that wrote nothing else."""
        if not accesses:
            return
        aid, at, actor, action, types, ids, request, results = zip(*(access for _, access in accesses), strict=True)
        parameters = {
            "tenant": arrays.integers(tenant for tenant, _ in accesses),
            "aid": arrays.integers(aid),
            "at": arrays.integers(at),
            "actor": arrays.texts(actor),
            "action": arrays.texts(action),
            "audit_type": arrays.texts(types),
            "audit_id": arrays.texts(ids),
            "request": arrays.texts(request),
            "results": arrays.integers(results),
        }
        async with self._pool.connection() as connection:
            await connection.execute(statement("audit"), parameters)


@asynccontextmanager
async def opened(database_url: str, connections: int = 8) -> AsyncIterator[Store]:
    async with pool(database_url, connections) as ready:
        yield Store(ready)
