"""The whole index made again before the server serves, when what it depends on has changed.

The five tables are emptied and filled in one transaction, so that a crash leaves what was there before.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context
from typing import Any, NamedTuple

import psycopg

from gateway import search_parameters
from gateway.jobs import Job
from gateway.search import index
from gateway.search.parameters import Catalogue
from gateway.storage import arrays
from gateway.storage.hashes import target
from gateway.storage.rows import Rows
from gateway.storage.statements import statement
from gateway.storage.tables import INDEX_TABLES
from gateway.storage.writes import INDEX_COLUMNS
from profiles import json

_LOCK = target("fdgw index")
_CHUNK = 2000
"""Resources that are made in one piece."""
_FEW = 4
"""Pieces that are not worth another process."""
_TOLD_EVERY_SECONDS = 5
_MEMORY = "SET LOCAL maintenance_work_mem = '256MB'"
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_DATED = """
    UPDATE resource r SET sort = n.sort FROM unnest(%(rid)s::bigint[], %(sort)s::bigint[]) AS n (rid, sort)
    WHERE r.tenant = %(tenant)s::smallint AND r.rid = n.rid"""
_KEPT = """
    INSERT INTO site (name, value) VALUES ('index', %(value)s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""

Connection = psycopg.Connection[tuple[Any, ...]]


class Chunk(NamedTuple):
    """Resources of a tenant from one row id up to another, and how many they are."""

    tenant: int
    first: int
    last: int
    size: int


class Made(NamedTuple):
    chunk: Chunk
    lines: dict[str, str]
    """Table → its rows in COPY's text format."""
    dated: list[tuple[int, int]]
    """Row ids of resources whose own date is another now, with that date."""
    failed: list[int]
    """Row ids of resources of which no rows could be made."""


def ensure(database_url: str) -> int | None:
    """Makes the index again where it is not this program's; of how many resources, None where there was nothing to do.

    Processes that start together take turns.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        if _is_ours(connection):
            return None
        connection.execute("SELECT pg_advisory_lock(%(key)s)", {"key": _LOCK})
        if _is_ours(connection):
            return None
        with connection.transaction():
            connection.execute("LOCK TABLE resource IN SHARE ROW EXCLUSIVE MODE")
            chunks = [Chunk(*row) for row in connection.execute(statement("rebuild_chunks"), {"size": _CHUNK})]
            if chunks:
                _rebuild(connection, database_url, chunks)
            connection.execute(_KEPT, {"value": index.fingerprint()})
        if chunks:
            connection.execute(f"ANALYZE {', '.join(INDEX_TABLES)}")
        return sum(chunk.size for chunk in chunks) or None


def _is_ours(connection: Connection) -> bool:
    row = connection.execute("SELECT value FROM site WHERE name = 'index'").fetchone()
    return row is not None and row[0] == index.fingerprint()


def _rebuild(connection: Connection, database_url: str, chunks: Sequence[Chunk]) -> None:
    rows = connection.execute(statement("job_list"), {"tenant": 1, "kind": "search-parameter"}).fetchall()
    known = tuple(job for job in (Job(*row) for row in rows) if job.state != "ending")
    done, total = 0, sum(chunk.size for chunk in chunks)
    started = told = time.monotonic()
    _tell(f"检索索引需要重建 / the search index is to be made again: {total}")
    connection.execute(f"TRUNCATE {', '.join(INDEX_TABLES)}")
    with _without_indexes(connection):
        for made in _all(partial(_make, database_url, known), chunks):
            _fill(connection, made)
            done += made.chunk.size
            if made.failed:
                _tell(f"无法索引的资源行 / rows of resources that cannot be indexed: {made.failed}")
            if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                told = time.monotonic()
                _tell(f"正在重建检索索引 / making the search index again: {done} / {total}")
    _tell(f"检索索引已重建 / the search index was made again: {total} ({time.monotonic() - started:.1f} s)")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - for the operator who waits for the start


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    """They are made anew as they were: sorting all rows once is cheaper than finding a place for each."""
    connection.execute(_MEMORY)
    definitions = connection.execute(statement("index_definitions"), {"tables": list(INDEX_TABLES)}).fetchall()
    for drop, _ in definitions:
        connection.execute(drop)
    yield
    for _, make in definitions:
        connection.execute(make)


def _all(make: "partial[Made]", chunks: Sequence[Chunk]) -> Iterator[Made]:
    """In order, made by as many processes as there are cores, a few ahead of what is filled in."""
    if len(chunks) < _FEW:
        yield from map(make, chunks)
        return
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn")) as processes:
        ahead: deque[Future[Made]] = deque()
        for chunk in chunks:
            ahead.append(processes.submit(make, chunk))
            if len(ahead) > 2 * cores:
                yield ahead.popleft().result()
        for future in ahead:
            yield future.result()


def _make(database_url: str, known: tuple[Job, ...], chunk: Chunk) -> Made:
    catalogue = _catalogue(known)
    lines: dict[str, list[str]] = {table: [] for table in INDEX_TABLES}
    dated: list[tuple[int, int]] = []
    failed: list[int] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for rid, sort, content in connection.execute(statement("rebuild_read"), chunk._asdict(), binary=True):
            try:
                rows = index.rows(catalogue, json.loads(content))
            except Exception:  # noqa: BLE001 - one resource that cannot be read does not keep the server from starting
                failed.append(rid)
                continue
            _add(lines, chunk.tenant, rid, rows)
            if rows.sort != sort:
                dated.append((rid, rows.sort))
    return Made(chunk, {table: "".join(own) for table, own in lines.items()}, dated, failed)


@cache
def _catalogue(known: tuple[Job, ...]) -> Catalogue:
    catalogue = Catalogue()
    search_parameters.tell(catalogue, known)
    return catalogue


def _add(lines: dict[str, list[str]], tenant: int, rid: int, rows: Rows) -> None:
    tail = f"{rows.sort}\t{rid}\n"
    lines["idx"] += (f"{tenant}\t{key}\t{tail}" for key in rows.idx)
    lines["link"] += (f"{tenant}\t{leads_to}\t{key}\t{tail}" for leads_to, key in rows.link)
    lines["words"] += (f"{tenant}\t{key}\t{value.translate(_ESCAPES)}\t{tail}" for key, value in rows.words)
    lines["span"] += (f"{tenant}\t{key}\t{low}\t{high}\t{tail}" for key, low, high in rows.span)
    lines["amount"] += (f"{tenant}\t{key}\t{low}\t{high}\t{tail}" for key, low, high in rows.amount)


def _fill(connection: Connection, made: Made) -> None:
    with connection.cursor() as cursor:
        for table, lines in made.lines.items():
            columns = ", ".join(("tenant", *INDEX_COLUMNS[table], "sort", "rid"))
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write(lines)
        if made.dated:
            rids, sorts = zip(*made.dated, strict=True)
            own = {"tenant": made.chunk.tenant, "rid": arrays.integers(rids), "sort": arrays.integers(sorts)}
            cursor.execute(_DATED, own)
