"""The region that the benchmarks load by COPY is the one that the server would have written."""

import re
from collections import Counter
from typing import Any

import psycopg
from psycopg import sql

from conformance.region.population import batches, bundle
from profiles.json import dumps
from tests.benchmarks import loading
from tests.conftest import Gateway

PATIENTS = 20
_MINUTE = 60_000
_of_the_moment = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00", re.ASCII
)
"""Ids that the server makes, and the time at which it writes."""
_INDEX = {
    "idx": "SELECT rid, key, sort, until::text FROM idx",
    "link": "SELECT rid, target, key, sort, until::text FROM link",
    "words": "SELECT rid, key, value, sort, until::text FROM words",
    "span": "SELECT rid, key, low, high, sort, until::text FROM span",
    "amount": "SELECT rid, key, low, high, sort, until::text FROM amount",
    "claim": "SELECT rid, name FROM claim",
}
_OTHERS = {
    "outbox": "SELECT type || '/' || id, version, interaction FROM outbox",
    "audit": "SELECT type || '/' || id, actor, interaction, results FROM audit",
}
_SAME = {
    "history": "SELECT * FROM history",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
}


def tables(database_url: str) -> dict[str, Any]:
    """Everything that is stored; a resource is known by its content, without what depends on when it was written."""
    with psycopg.connect(database_url) as connection:
        found = {name: connection.execute(text).fetchall() for name, text in {**_INDEX, **_OTHERS, **_SAME}.items()}
        resources = connection.execute(
            "SELECT rid, ref, type || '/' || id, last_updated, version, deleted, sort, content FROM resource"
        ).fetchall()
    own = {rid: _of_the_moment.sub("", content.decode()) for rid, *_, content in resources}
    refs = {ref: own[rid] for rid, ref, *_ in resources}
    ids = {one: own[rid] for rid, _, one, *_ in resources}
    moments = {rid: updated for rid, _, _, updated, *_ in resources}

    def told(value: Any, rid: int) -> Any:
        now = isinstance(value, int) and abs(value - moments[rid]) < _MINUTE
        return "now" if now else refs.get(value, value) if isinstance(value, int) else value

    stored: dict[str, Any] = {name: found[name] for name in _SAME}
    for name in _INDEX:
        stored[name] = Counter((own[rid], *(told(value, rid) for value in row)) for rid, *row in found[name])
    for name in _OTHERS:
        stored[name] = Counter((ids[one], *row) for one, *row in found[name])
    stored["resource"] = Counter(
        (own[rid], *(told(value, rid) for value in row)) for rid, _, _, _, *row, _ in resources
    )
    return stored


def test_a_copied_region_is_what_the_server_writes(gateway: Gateway, server_url: str, template: str) -> None:
    today = gateway.clock().date()
    for batch in batches(loading.SEED, today, PATIENTS):
        assert gateway.client.post("", content=dumps(bundle(batch))).status_code == 200
    copied_url = _copy_of(server_url, template)
    count = loading.load(copied_url, PATIENTS, today)
    copied, written = tables(copied_url), tables(gateway.database_url)
    assert count == copied["resource"].total()
    assert copied.keys() == written.keys()
    for table, rows in written.items():
        assert copied[table] == rows, table


def _copy_of(server_url: str, template: str) -> str:
    name = f"{template}_region"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return psycopg.conninfo.make_conninfo(server_url, dbname=name)
