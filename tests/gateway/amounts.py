"""Numbers and quantities as they are indexed and asked for, evaluated by PostgreSQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg

from gateway.search import quantity
from gateway.search.terms import AnyOf, Asked, Clause, Condition, Found, Name

NAME = Name("Observation", "value-quantity")
COLUMNS = {"at": "int", "key": "bigint", "low": "numeric", "high": "numeric"}


def asked_for(values: Sequence[str], modifier: str = "") -> Asked:
    return Asked(NAME, modifier, list(values), (), datetime.now(UTC))


def conditions(clause: Clause) -> Iterator[Condition]:
    if isinstance(clause, AnyOf):
        for one in clause.clauses:
            yield from conditions(one)
    else:
        assert isinstance(clause, Condition)
        assert clause.table == "amount"
        yield clause


def answers(server_url: str, cases: Sequence[tuple[set[tuple[int, Decimal, Decimal]], Clause]]) -> list[bool]:
    """Whether the rows of each case satisfy its clause, in one statement."""
    rows = [(at, *row) for at, (found, _) in enumerate(cases) for row in found]
    parameters: dict[str, object] = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    asked: dict[int, tuple[Clause, list[int]]] = {}
    for at, (_, clause) in enumerate(cases):
        asked.setdefault(id(clause), (clause, []))[1].append(at)
    tests = []
    for clause, those in asked.values():
        for condition in conditions(clause):
            n = len(tests)
            parameters |= {f"{name}_{n}": value for name, value in condition.parameters.items()}
            parameters |= {f"those_{n}": those, f"keys_{n}": list(condition.keys)}
            where = f"x.at = ANY(%(those_{n})s::int[]) AND x.key = ANY(%(keys_{n})s::bigint[])"
            tests.append(f"SELECT x.at FROM x WHERE {where} AND ({condition.sql.format(n=n)})")  # noqa: S608 - our own words
    unnested = ", ".join(f"%({name})s::{cast}[]" for name, cast in COLUMNS.items())
    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute(
            f"WITH x(at, key, low, high) AS (SELECT * FROM unnest({unnested})) " + " UNION ALL ".join(tests),  # noqa: S608 - as above
            parameters,
        ).fetchall()
    matched = {at for (at,) in found}
    return [at in matched for at in range(len(cases))]


def indexed(*values: tuple[str, Any], module: Any = quantity) -> set[tuple[int, Decimal, Decimal]]:
    into = Found()
    module.rows(NAME, values, into)
    return into.amount
