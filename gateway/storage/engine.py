"""Connections to PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]]


@asynccontextmanager
async def pool(database_url: str, size: int) -> AsyncIterator[Pool]:
    """Connections that commit every statement by itself and prepare it the first time it is seen."""
    async with AsyncConnectionPool(
        database_url,
        kwargs={"autocommit": True, "prepare_threshold": 0},
        min_size=min(2, size),
        max_size=size,
        open=False,
        timeout=10,
    ) as connections:
        await connections.wait(10)
        yield connections
