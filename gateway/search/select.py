"""A query as one SELECT: restricted, ordered and paged by the database."""

from dataclasses import dataclass, field

from gateway.search import index, parameters
from gateway.search.query import Query
from gateway.search.terms import Condition, any_key

_COLUMNS = "r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content"

Statement = tuple[str, dict[str, object]]
"""SQL and its parameters."""


@dataclass(slots=True)
class _Sql:
    """Text with numbered parameters, so that conditions never clash."""

    parameters: dict[str, object] = field(default_factory=dict)
    number: int = 0

    def place(self, condition: Condition) -> str:
        self.number += 1
        self.parameters |= {f"{name}_{self.number}": value for name, value in condition.parameters.items()}
        return condition.sql.format(n=self.number)


def page(query: Query, tenant: int) -> Statement:
    """The statement for one page and one row more, which tells whether there is another page."""
    sql = _Sql({"tenant": tenant, "type": query.type, "limit": query.count + 1})
    matches, order = _matches(query, sql)
    direction, comparison = ("DESC", "<") if query.descending else ("ASC", ">")
    cursor = ""
    if query.cursor is not None:
        sql.parameters |= {"after": query.cursor[0], "after_rid": query.cursor[1]}
        cursor = f" AND ({order}, r.rid) {comparison} (%(after)s::bigint, %(after_rid)s::bigint)"
    text = (
        f"SELECT {_COLUMNS}, {order} {matches}{cursor} ORDER BY {order} {direction}, r.rid {direction} LIMIT %(limit)s"
    )
    return text, sql.parameters


def total(query: Query, tenant: int) -> Statement:
    """The statement for the accurate total."""
    sql = _Sql({"tenant": tenant, "type": query.type})
    matches, _ = _matches(query, sql)
    return f"SELECT count(*) {matches}", sql.parameters


def _matches(query: Query, sql: _Sql) -> tuple[str, str]:
    """FROM and WHERE, and the expression that orders the rows."""
    start, rest = _start(query)
    where = ["r.tenant = %(tenant)s::smallint", "r.type = %(type)s", "NOT r.deleted"]
    order = "r.last_updated" if query.sort == "last_updated" else "0::bigint"
    source = "resource r"
    if start is not None:
        rows = f"x.tenant = %(tenant)s::smallint AND {sql.place(start)}"
        columns = "x.sort, x.rid" if start.table == "idx" else "0::bigint AS sort, x.rid"
        source = (
            f"(SELECT {_distinct(start)}{columns} FROM {start.table} x WHERE {rows}) d JOIN resource r ON r.rid = d.rid"  # noqa: S608
        )
        order = "r.last_updated" if query.sort == "last_updated" else "d.sort"
    where += [_restriction(condition, sql, start) for condition in rest]
    return f"FROM {source} WHERE {' AND '.join(where)}", order


def _start(query: Query) -> tuple[Condition | None, list[Condition]]:
    """The condition to start from, the most selective one; the others are asked of what it finds."""
    conditions = list(query.conditions)
    if any(condition.table == "resource" and condition.selective for condition in conditions):
        return None, conditions
    by_key = [condition for condition in conditions if condition.table == "idx" and not condition.negated]
    by_key.sort(key=lambda condition: not condition.selective)
    rest = [condition for condition in conditions if condition.table != "idx" and not condition.negated]
    timeless = parameters.clock(query.type) is None
    if not by_key and timeless and any(condition.table == "words" for condition in rest):
        by_key = [next(condition for condition in rest if condition.table == "words")]
    start = by_key[0] if by_key else any_key([index.everything(query.type)])
    return start, [condition for condition in conditions if condition is not start]


def _distinct(condition: Condition) -> str:
    """A resource may stand under several of the keys or words that were asked for, but is found once."""
    several = condition.table != "idx" or isinstance(condition.parameters["key"], list)
    return "DISTINCT " if several else ""


def _restriction(condition: Condition, sql: _Sql, start: Condition | None) -> str:
    text = sql.place(condition)
    if condition.table == "resource":
        return text
    same_row = " AND x.sort = d.sort" if condition.table == "idx" and start and start.table == "idx" else ""
    negation = "NOT " if condition.negated else ""
    return (
        f"{negation}EXISTS (SELECT 1 FROM {condition.table} x "  # noqa: S608 - built from our own words, values are bound
        f"WHERE x.tenant = %(tenant)s::smallint AND {text} AND x.rid = r.rid{same_row})"
    )
