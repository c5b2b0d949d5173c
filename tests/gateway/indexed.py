"""What the index of a database holds, against what the resources say it should."""

from collections import Counter
from typing import Any

import psycopg

from gateway.search import index
from gateway.search.parameters import Catalogue
from gateway.storage.tables import EVER
from profiles import json

_COLUMNS = {
    "idx": "key",
    "link": "target, key",
    "words": "key, value",
    "span": "key, low, high",
    "amount": "key, low, high",
}


def differences(database_url: str, resource_type: str | None = None) -> dict[str, Counter[Any]]:
    """Table → rows that are missing (-) or too much (+), and `sort` of resources that have a wrong one."""
    with psycopg.connect(database_url) as connection:
        held = connection.execute("SELECT rid, type, sort, content FROM resource WHERE NOT deleted").fetchall()
        own = {rid: (sort, content) for rid, kind, sort, content in held if resource_type in {None, kind}}
        made = {rid: index.rows(Catalogue(), json.loads(content)) for rid, (_, content) in own.items()}
        found = {"sort": Counter({rid: 1 for rid, (sort, _) in own.items() if made[rid].sort != sort})}
        for table, columns in _COLUMNS.items():
            wanted = Counter(
                (*(row if isinstance(row, tuple) else (row,)), rows.sort, rid)
                for rid, rows in made.items()
                for row in getattr(rows, table)
            )
            sql = f"SELECT {columns}, sort, rid FROM {table} WHERE until = '{EVER}'::xid8"  # noqa: S608 - our own names
            there = Counter(row for row in connection.execute(sql) if row[-1] in own)
            there.subtract(wanted)
            found[table] = Counter({row: count for row, count in there.items() if count})
    return {table: wrong for table, wrong in found.items() if wrong}
