"""Any order: everything that matches is gathered, and sorted by what it is found to have."""

from collections.abc import Sequence

from gateway.search import clauses
from gateway.search.order import WRITTEN, Sort
from gateway.search.query import Query
from gateway.search.sql import Sql
from gateway.search.terms import LAST, Keyed, everything

_COLUMNS = {"words": ("value", "text"), "span": ("low", "bigint"), "amount": ("low", "numeric")}

Column = tuple[str, str, bool]
"""Expression, type and direction of a sort key, of a match `m` and its resource `r`."""


def everything_of(query: Query) -> Keyed:
    return Keyed(tuple(map(everything, query.types)), LAST)


def matches(query: Query, sql: Sql) -> str:
    """SELECT of (sort, rid) of everything that matches, each once."""
    best, rest = clauses.start(query.clause, everything_of(query))
    return f"SELECT DISTINCT g.sort, g.rid FROM ({clauses.rows(best, rest, sql)}) g"


def page(query: Query, sql: Sql, place: Sequence[object]) -> str:
    """SELECT of the sort keys, `o0` and so on, and the row id."""
    columns = [(*_expression(sort, sql, alone=len(query.sorts) == 1), sort.descending) for sort in query.sorts]
    names = [f"o{number}" for number in range(len(columns))]
    computed = ", ".join(f"{text} AS {name}" for name, (text, _, _) in zip(names, columns, strict=True))
    whole = any(sort.kind in {"updated", "id", "content"} for sort in query.sorts)
    joined = f" CROSS JOIN LATERAL {clauses.itself('r', 'm', sql)}" if whole else ""
    return (
        f"SELECT g.* FROM (SELECT {computed}, m.rid FROM ({matches(query, sql)}) m{joined}) g "
        f"WHERE {_after(names, columns, place, sql)} ORDER BY {order(query.sorts)} LIMIT %(limit)s"
    )


def order(sorts: Sequence[Sort], alias: str = "") -> str:
    """What has no value comes last; among equals the row id goes the way of the last key."""
    keys = [f"{alias}o{at} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for at, sort in enumerate(sorts)]
    return ", ".join([*keys, f"{alias}rid {'DESC' if sorts[-1].descending else 'ASC'}"])


def _expression(sort: Sort, sql: Sql, *, alone: bool) -> tuple[str, str]:
    match sort.kind:
        case "moment":
            return "m.sort", "bigint"
        case "updated":
            return "r.last_updated", "bigint"
        case "id":
            return "r.id", "text"
        case "content":
            document = "nullif(convert_from(r.content, 'UTF8'), '')::jsonb"
            paths = [
                f"jsonb_path_query_first({document}, {sql.bind(path, 'jsonpath')}) #>> '{{}}'" for path in sort.paths
            ]
            return f"coalesce({', '.join(paths)})", "text"
    column, cast = _COLUMNS[sort.kind]
    column = "high" if sort.descending and sort.kind != "words" else column
    found = [_extreme(sort, column, key, sql) for key in sort.keys]
    if sort.kind == "words" and not alone:  # what was written stands behind a mark, and is no difference
        found = [f"split_part({one}, chr(1), 1)" for one in found]
    return f"coalesce({', '.join(found)})", cast


def _extreme(sort: Sort, column: str, key: int, sql: Sql) -> str:
    """The first value of a resource that has several, or the last where the order descends."""
    y = sql.alias()
    written = f" AND {WRITTEN.format(x=y)}" if key in sort.written else ""
    return (
        f"(SELECT {'max' if sort.descending else 'min'}({y}.{column}) FROM {sort.kind} {y} "
        f"WHERE {sql.row(y)} AND {sql.among(f'{y}.key', [key])} AND {y}.rid = m.rid{written})"
    )


def _after(names: Sequence[str], columns: Sequence[Column], place: Sequence[object], sql: Sql) -> str:
    """What comes after a place in an order of several keys, where what has no value comes last."""
    if not place:
        return "true"
    *values, rid = place
    text = f"g.rid {'<' if columns[-1][2] else '>'} {sql.bind(rid, 'bigint')}"
    for name, (_, cast, descending), value in reversed(list(zip(names, columns, values, strict=True))):
        if value is None:
            text = f"g.{name} IS NULL AND {text}"
            continue
        bound = sql.bind(value, cast)
        beyond = f"g.{name} {'<' if descending else '>'} {bound} OR g.{name} IS NULL"
        text = f"({beyond} OR (g.{name} = {bound} AND {text}))"
    return text
