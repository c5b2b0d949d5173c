"""Connections to PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import psycopg_pool
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

_LONGEST_MS = 60_000
"""A statement that takes longer is ended, whoever waits for it."""

Pool = AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]]


def is_lost(error: Exception) -> bool:
    """Whether the database is away or shutting down, rather than unwilling to do what was asked."""
    state = getattr(error, "sqlstate", None)
    if isinstance(error, psycopg.errors.QueryCanceled):
        return False
    away = isinstance(error, (psycopg.OperationalError, psycopg_pool.PoolTimeout)) and state is None
    return away or (state or "")[:2] in {"08", "57"}


@asynccontextmanager
async def pool(database_url: str, size: int) -> AsyncIterator[Pool]:
    """Connections that commit every statement by itself and prepare it the first time it is seen."""
    async with AsyncConnectionPool(
        database_url,
        kwargs={"autocommit": True, "prepare_threshold": 0, "options": f"-c statement_timeout={_LONGEST_MS}"},
        min_size=min(2, size),
        max_size=size,
        open=False,
        timeout=3,
    ) as connections:
        await connections.wait(10)
        yield connections
