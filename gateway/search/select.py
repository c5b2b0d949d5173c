"""A query as one SELECT: restricted, ordered and paged by the database.

Where no order is asked for, a page comes in the order of the index that finds it, so that a page costs the same
however many resources match.
"""

from collections.abc import Sequence

from gateway.search import clauses, gathered, keyset, moments, updates, values
from gateway.search.query import Bookmark, Query
from gateway.search.sql import Sql
from gateway.search.terms import IDENTIFIER, LAST, All, Condition, Keyed

_COLUMNS = "r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content"

Statement = tuple[str, dict[str, object]]
"""SQL and its parameters."""


def page(query: Query, tenant: int, at: Bookmark | None = None) -> Statement:
    """The statement for one page and one row more, which tells whether there is another.

    Its rows are a `Stored`, then what the page is ordered by, then the snapshot that it was seen in.
    """
    sql = Sql(tenant, at.snapshot if at else None)
    place = at.place if at else ()
    keyset.limit(sql, query.count)
    return (_sorted if query.sorts else _unsorted)(query, sql, place), sql.parameters


def shared_key(query: Query) -> int | None:
    """The key of a search by one identifier and nothing else, whose statement others can share."""
    match query.clause:
        case All((Keyed((one,), rank=rank),)) if rank == IDENTIFIER and not query.sorts:
            return one
    return None


def total(query: Query, tenant: int, snapshot: str | None) -> Statement:
    """The statement for the number of matches, in the snapshot of a page."""
    sql = Sql(tenant, snapshot)
    return f"SELECT count(*) FROM ({gathered.matches(query, sql)}) m", sql.parameters


def capped(query: Query, tenant: int, most: int) -> Statement:
    """The statement for the number of matches, which stops counting at `most`."""
    sql = Sql(tenant)
    rows = f"{gathered.matches(query, sql)} LIMIT {most:d}"
    return f"SELECT count(*) FROM ({rows}) m", sql.parameters


def matches(query: Query, tenant: int) -> Statement:
    """The statement for the row ids of all matches."""
    sql = Sql(tenant)
    return gathered.matches(query, sql), sql.parameters


def _sorted(query: Query, sql: Sql, place: Sequence[object]) -> str:
    first, *others = query.sorts
    sql.apart = not others and first.kind not in {"id", "content"}
    if (ordered := moments.order(query)) is not None:
        return _cut(moments.page(query, sql, place, ordered), ordered, sql)
    if not sql.apart:
        inner = gathered.page(query, sql, place)
    elif first.kind == "updated":
        if updates.is_walked(query):
            return _along(query, sql, place, descending=first.descending)
        inner = updates.page(query, sql, place)
    else:
        inner = values.page(query, sql, place)
    names = [f"d.o{number}" for number in range(len(query.sorts))]
    return _with_content(inner, names, gathered.order(query.sorts, "d."), sql)


def _unsorted(query: Query, sql: Sql, place: Sequence[object]) -> str:
    sql.apart = True
    best, rest = clauses.start(query.clause, gathered.everything_of(query))
    if clauses.rank(best) == LAST and _is_of_resource(query):
        return _along(query, sql, place, descending=True)
    one = isinstance(best, Condition) and best.table != "resource" and len(best.keys) == 1
    if isinstance(best, Condition) and one and not moments.is_dated(best, query):
        return _cut(*values.found(best, rest, sql, place), sql)
    return _cut(moments.page(query, sql, place, moments.NEWEST_FIRST), moments.NEWEST_FIRST, sql)


def _is_of_resource(query: Query) -> bool:
    """Whether all that is asked is asked of the resource's own row."""
    asked = query.clause.clauses if isinstance(query.clause, All) else (query.clause,)
    return bool(asked) and all(isinstance(part, Condition) and part.table == "resource" for part in asked)


def _along(query: Query, sql: Sql, place: Sequence[object], *, descending: bool) -> str:
    order = updates.order(descending=descending)
    found = updates.walk(query, sql, place, descending=descending)
    return f"SELECT {_COLUMNS}, r.last_updated, r.rid, {_snapshot(sql)} FROM ({found}) r {order.end('r.')}"


def _cut(inner: str, order: keyset.Order, sql: Sql) -> str:
    return _with_content(inner, [f"d.{column}" for column in order.columns[:-1]], order.by("d."), sql)


def _with_content(inner: str, ordered: Sequence[str], by: str, sql: Sql) -> str:
    """The page is cut inside the index: LIMIT keeps the planner from starting at the resources."""
    return (
        f"SELECT {_COLUMNS}, {', '.join(ordered)}, d.rid, {_snapshot(sql)} FROM ({inner}) d "
        f"CROSS JOIN LATERAL {clauses.itself('r', 'd', sql)} ORDER BY {by}"
    )


def _snapshot(sql: Sql) -> str:
    return "(SELECT pg_current_snapshot()::text)" if sql.at is None else "%(at)s::text"
