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
    if _by_index_alone(query):
        return _index_page(query, sql), sql.parameters
    matches, order = _matches(query, sql)
    direction = _direction(query)
    text = (
        f"SELECT {_COLUMNS}, {order} {matches}{_after(query, sql, order, 'r.rid')} "
        f"ORDER BY {order} {direction}, r.rid {direction} LIMIT %(limit)s"
    )
    return text, sql.parameters


def total(query: Query, tenant: int) -> Statement:
    """The statement for the accurate total."""
    sql = _Sql({"tenant": tenant, "type": query.type})
    if _by_index_alone(query):
        return f"SELECT count(*) FROM ({_index_rows(query, sql)}) d", sql.parameters  # noqa: S608 - our own words only
    matches, _ = _matches(query, sql)
    return f"SELECT count(*) {matches}", sql.parameters


def _by_index_alone(query: Query) -> bool:
    """Whether the index knows all that decides about match and order; only the page itself is then fetched."""
    return query.sort == "moment" and all(condition.table != "resource" for condition in query.conditions)


def _index_page(query: Query, sql: _Sql) -> str:
    """The page is cut inside the index: LIMIT keeps the planner from starting at the resources."""
    direction = _direction(query)
    rows = _index_rows(query, sql)
    return (
        f"SELECT {_COLUMNS}, d.sort FROM ("  # noqa: S608 - our own words only
        f"SELECT d.sort, d.rid FROM ({rows}) d WHERE true{_after(query, sql, 'd.sort', 'd.rid')} "
        f"ORDER BY d.sort {direction}, d.rid {direction} LIMIT %(limit)s"
        f") d JOIN resource r ON r.tenant = %(tenant)s::smallint AND r.rid = d.rid "
        f"ORDER BY d.sort {direction}, d.rid {direction}"
    )


def _index_rows(query: Query, sql: _Sql) -> str:
    """(sort, rid) of every match: rows of the condition that we start from, restricted by the others."""
    start, rest = _start(query)
    sort = "x.sort" if start.table == "idx" else "0::bigint AS sort"
    restrictions = [_restriction(condition, sql, "x", sorted_by=start.table == "idx") for condition in rest]
    where = " AND ".join(["x.tenant = %(tenant)s::smallint", sql.place(start), *restrictions])
    return f"SELECT {_distinct(start)}{sort}, x.rid FROM {start.table} x WHERE {where}"  # noqa: S608 - our own words only


def _matches(query: Query, sql: _Sql) -> tuple[str, str]:
    """FROM and WHERE over the resources themselves, and the expression that orders the rows."""
    where = ["r.tenant = %(tenant)s::smallint", "r.type = %(type)s", "NOT r.deleted"]
    where += [_restriction(condition, sql, "r", sorted_by=False) for condition in query.conditions]
    order = "r.last_updated" if query.sort == "last_updated" else "0::bigint"
    return f"FROM resource r WHERE {' AND '.join(where)}", order


def _start(query: Query) -> tuple[Condition, list[Condition]]:
    """The condition to start from, the most selective one; the others are asked of what it finds."""
    positive = [condition for condition in query.conditions if not condition.negated]
    by_key = sorted((one for one in positive if one.table == "idx"), key=lambda one: not one.selective)
    by_word = [one for one in positive if one.table == "words" and parameters.clock(query.type) is None]
    start = next(iter([*by_key, *by_word]), any_key([index.everything(query.type)]))
    return start, [condition for condition in query.conditions if condition is not start]


def _distinct(condition: Condition) -> str:
    """A resource may stand under several of the keys or words that were asked for, but is found once."""
    several = condition.table != "idx" or isinstance(condition.parameters["key"], list)
    return "DISTINCT " if several else ""


def _restriction(condition: Condition, sql: _Sql, outer: str, *, sorted_by: bool) -> str:
    """`sorted_by`: the outer row has the resource's sort value, which makes of a range of the index one point."""
    if condition.table == "resource":
        return sql.place(condition)
    text = sql.place(condition).replace("x.", "y.")
    point = f" AND y.sort = {outer}.sort" if condition.table == "idx" and sorted_by else ""
    negation = "NOT " if condition.negated else ""
    return (
        f"{negation}EXISTS (SELECT 1 FROM {condition.table} y "  # noqa: S608 - our own words only
        f"WHERE y.tenant = %(tenant)s::smallint AND {text} AND y.rid = {outer}.rid{point})"
    )


def _after(query: Query, sql: _Sql, order: str, rid: str) -> str:
    """Only what comes after the last row of the page before."""
    if query.cursor is None:
        return ""
    sql.parameters |= {"after": query.cursor[0], "after_rid": query.cursor[1]}
    comparison = "<" if query.descending else ">"
    return f" AND ({order}, {rid}) {comparison} (%(after)s::bigint, %(after_rid)s::bigint)"


def _direction(query: Query) -> str:
    return "DESC" if query.descending else "ASC"
