"""A region straight into an empty database: what the server would have written of it, by COPY and by two processes."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import count
from multiprocessing import get_context
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from conformance.region.population import batches
from gateway import clock
from gateway.drafts import Draft
from gateway.search import index
from gateway.search.parameters import Catalogue
from gateway.storage.reads import Reader
from gateway.storage.rows import Access, Change, Stored, Unit
from gateway.storage.store import Store
from gateway.validation import shipped
from gateway.work import Ground, Work
from gateway.workflows import RULEBOOK
from profiles.json import Resource

PROCESSES = 2
SEED = 1
TENANT = 1
_COLUMNS = {
    "resource": "tenant, rid, type, id, ref, sort, version, last_updated, deleted, content",
    "idx": "tenant, key, sort, rid",
    "link": "tenant, target, key, sort, rid",
    "words": "tenant, key, value, sort, rid",
    "span": "tenant, key, low, high, sort, rid",
    "amount": "tenant, key, low, high, sort, rid",
    "claim": "tenant, name, rid",
    "outbox": "tenant, oid, type, id, version, interaction, written",
    "audit": "tenant, aid, at, actor, interaction, type, id, request, results",
}
"""What is copied; a column of the transaction has it by default."""
_INDEXES = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
           format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = ANY(%(tables)s::regclass[])
    UNION ALL
    SELECT format('DROP INDEX %%s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
    WHERE i.indrelid = ANY(%(tables)s::regclass[]) AND c.oid IS NULL
"""
_special = re.compile(r"[\\\n\r\t]").search
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


_INDEXED = """
    INSERT INTO site (name, value) VALUES ('index', %(fingerprint)s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
"""A gateway that starts on the data finds its own index, and does not make it again."""


def load(database_url: str, patients: int, today: date) -> int:
    """How many resources there are then: those of the generator, and what the gateway's rules make of them."""
    first = clock.RowIds.first_of(clock.now())
    parts = [(database_url, patients, today, first, number) for number in range(PROCESSES)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        with _without_indexes(connection), ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
            counted = sum(processes.map(_load, parts))
        connection.execute(_INDEXED, {"fingerprint": index.fingerprint()})
        connection.execute("VACUUM (FREEZE, ANALYZE)")
    return counted


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """They are made anew as they were: sorting all rows once is cheaper than finding a place for each."""
    connection.execute("SET maintenance_work_mem = '1GB'")
    indexes = connection.execute(_INDEXES, {"tables": list(_COLUMNS)}).fetchall()
    for drop, _ in indexes:
        connection.execute(drop)
    yield
    for _, make in indexes:
        connection.execute(make)


def _load(part: tuple[str, int, date, int, int]) -> int:
    return asyncio.run(_copy_part(*part))


async def _copy_part(database_url: str, patients: int, today: date, first: int, part: int) -> int:
    """Every other batch; what is shared is made by all, for others to refer to, and copied by one."""
    shared = _Shared()
    row_id = count(first + part, PROCESSES).__next__
    ground = Ground(shared, RULEBOOK, Catalogue(), clock.now, row_id, shipped)
    copied = 0
    with psycopg.connect(database_url) as connection:
        for number, batch in enumerate(batches(SEED, today, patients)):
            mine = number % PROCESSES == part
            if not (mine or batch.shared):
                continue
            unit = await _unit(ground, batch.resources)
            if batch.shared:
                shared.learn(unit)
            if mine:
                _copy(connection, unit)
                copied += len(unit.changes)
    return copied


async def _unit(ground: Ground, resources: Iterable[Resource]) -> Unit:
    """What the server would commit."""
    work = Work(ground, TENANT)
    at = clock.milliseconds(work.now)

    def access(draft: Draft, interaction: str) -> Access:
        return Access(ground.row_id(), at, "developer", interaction, draft.type, draft.id, "load", 1)

    for resource in resources:
        work.create(resource)
    await work.apply_rules()
    unit, _ = await work.unit(access)
    return unit


class _Remembered(Reader):
    def __init__(self) -> None:
        super().__init__(AsyncConnectionPool(open=False))
        self.known: dict[tuple[str, str], Stored] = {}

    async def _by_id(self, _: int, keys: frozenset[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
        return {key: self.known[key] for key in keys & self.known.keys()}

    async def _by_claim(self, *_: object) -> dict[str, Stored]:
        return {}


class _Shared(Store):
    """The database as the rules see it while the people of a batch are written: it has the institutions, no people."""

    def __init__(self) -> None:
        self.reader = self._remembered = _Remembered()

    def learn(self, unit: Unit) -> None:
        self._remembered.known |= {(change.stored.type, change.stored.id): change.stored for change in unit.changes}

    async def query(self, *_: object) -> list[tuple[Any, ...]]:
        return []


def _copy(connection: psycopg.Connection[Any], unit: Unit) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for table, rows in _tables(unit).items():
            with cursor.copy(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN") as copy:
                copy.write("".join(rows))


def _tables(unit: Unit) -> dict[str, list[str]]:
    """Lines of COPY's text format. https://www.postgresql.org/docs/18/sql-copy.html"""
    tables: dict[str, list[str]] = {table: [] for table in _COLUMNS}
    for change in unit.changes:
        _add_resource(tables, change)
        _add_index(tables, change)
    tables["audit"] += ("\t".join(map(_text, (TENANT, *access))) + "\n" for access in unit.accesses)
    return tables


def _add_resource(tables: dict[str, list[str]], change: Change) -> None:
    kind, own, rid, version, updated, _, content = change.stored
    head = f"{TENANT}\t{rid}\t{kind}\t{own}\t{change.ref}\t{change.sort}"
    tables["resource"].append(f"{head}\t{version}\t{updated}\tf\t\\\\x{content.hex()}\n")
    tables["outbox"].append(f"{TENANT}\t{change.oid}\t{kind}\t{own}\t{version}\t{change.interaction}\t{updated}\n")
    tables["claim"] += (f"{TENANT}\t{_text(name)}\t{rid}\n" for name in change.claims)


def _add_index(tables: dict[str, list[str]], change: Change) -> None:
    rows = change.new
    tail = f"{rows.sort}\t{change.stored.rid}\n"
    tables["idx"] += (f"{TENANT}\t{key}\t{tail}" for key in rows.idx)
    tables["link"] += (f"{TENANT}\t{target}\t{key}\t{tail}" for target, key in rows.link)
    tables["words"] += (f"{TENANT}\t{key}\t{_text(value)}\t{tail}" for key, value in rows.words)
    tables["span"] += (f"{TENANT}\t{key}\t{low}\t{high}\t{tail}" for key, low, high in rows.span)
    tables["amount"] += (f"{TENANT}\t{key}\t{low}\t{high}\t{tail}" for key, low, high in rows.amount)


def _text(value: object) -> str:
    text = str(value)
    return text.translate(_ESCAPES) if _special(text) else text
