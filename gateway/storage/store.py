"""The database as the records use it: grouped writes, coalesced reads, queries."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from gateway.storage import arrays
from gateway.storage.engine import Pool, pool
from gateway.storage.hashes import target
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

    async def estimate(self, sql: str, parameters: Mapping[str, Any]) -> int:
        """How many rows the planner expects of a statement."""
        plan = await self.explained(sql, parameters)
        rows: int = plan[0]["Plan"]["Plan Rows"]
        return rows

    async def explained(self, sql: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - PostgreSQL's own JSON
        """The planner's plan of a statement, which is not run."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters, prepare=False)
            row = await cursor.fetchone()
        return row[0] if row else []

    async def execute(self, sql: str | bytes, parameters: Mapping[str, Any]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(sql, parameters)

    async def version(self, tenant: int, resource_type: str, resource_id: str, version: int) -> Stored | None:
        key = {"tenant": tenant, "ref": target(f"{resource_type}/{resource_id}"), "version": version}
        rows = await self.query(statement("version"), key)
        return Stored(*rows[0]) if rows else None

    async def site(self, name: str, make: Callable[[], str]) -> str:
        """A value that all processes of this database share, made by the first that asks for it."""
        sql = "INSERT INTO site (name, value) VALUES (%(name)s, %(value)s) ON CONFLICT DO NOTHING"
        await self.execute(sql, {"name": name, "value": make()})
        rows = await self.query("SELECT value FROM site WHERE name = %(name)s", {"name": name})
        return str(rows[0][0])

    async def present(self, tenant: int, refs: Iterable[int]) -> set[int]:
        """Which of these exist and are not deleted."""
        rows = await self.query(statement("present"), {"tenant": tenant, "ref": arrays.integers(refs)})
        return {row[0] for row in rows}

    async def referrers(self, tenant: int, refs: Iterable[int], count: int = 5) -> list[str]:
        """References of some resources that refer to any of these."""
        asked = {"tenant": tenant, "ref": arrays.integers(refs), "count": count}
        return [f"{kind}/{own}" for kind, own in await self.query(statement("referrers"), asked)]

    async def reindex(
        self, tenant: int, versions: Mapping[int, int], parameters: Callable[[set[int]], Mapping[str, Any]]
    ) -> set[int]:
        """Puts rows into the index while nobody writes: of those of the resources (row id → version) that are still so.

        Which they are is given to `parameters`, and returned.
        """
        read = {"tenant": tenant, "rid": arrays.integers(versions), "version": arrays.integers(versions.values())}
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(statement("reindex_lock"))
            cursor = await connection.execute(statement("reindex_same"), read)
            same = {row[0] for row in await cursor.fetchall()}
            await connection.execute(statement("reindex_put"), parameters(same))
        return same

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
