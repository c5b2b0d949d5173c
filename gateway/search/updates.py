"""Pages in order of the last update, along the resources themselves."""

from collections.abc import Sequence

from gateway.search import clauses, gathered
from gateway.search.keyset import Order, either
from gateway.search.query import Query
from gateway.search.sql import MOST_ARMS, Outer, Sql
from gateway.search.terms import IDENTIFIER, LAST, All


def order(*, descending: bool) -> Order:
    return Order(("last_updated", "rid"), ("bigint", "bigint"), descending)


def walk(query: Query, sql: Sql, place: Sequence[object], *, descending: bool) -> str:
    """SELECT of whole resources."""
    asked = clauses.test(query.clause, sql, Outer("r", resource=True))
    ordered = order(descending=descending)
    return _rows(query, sql, f" AND {asked}{ordered.after(place, sql).format(x='r')} {ordered.end('r.')}")


def page(query: Query, sql: Sql, place: Sequence[object]) -> str:
    """SELECT of the last update and the row id, of what is restricted by more than the resource's own row."""
    descending = query.sorts[0].descending
    best, _ = clauses.start(query.clause, gathered.everything_of(query))
    all_of_them = gathered.page(query, sql, place)
    if clauses.rank(best) <= IDENTIFIER or len(query.types) > MOST_ARMS:
        return all_of_them
    ordered = order(descending=descending)
    seen = _rows(query, sql, f"{ordered.after(place, sql).format(x='r')} {ordered.end('r.', 'far')}")
    walked = (
        f"SELECT r.last_updated AS o0, r.rid FROM (SELECT * FROM ({seen}) r {ordered.end('r.', 'far')}) r "
        f"WHERE {clauses.test(query.clause, sql, Outer('r', resource=True))} {ordered.end('r.')}"
    )
    return either(clauses.rows(clauses.origin(best), All(()), sql), walked, all_of_them, sql)


def is_walked(query: Query) -> bool:
    """Whether nothing is asked that the index has."""
    return clauses.rank(clauses.start(query.clause, gathered.everything_of(query))[0]) == LAST


def _rows(query: Query, sql: Sql, more: str) -> str:
    return " UNION ALL ".join(
        f"(SELECT * FROM {resources} r WHERE r.tenant = %(tenant)s::smallint AND r.type {of_type} "
        f"AND NOT r.deleted{more})"
        for of_type in _each_type(query.types, sql)
        for resources in sql.each
    )


def _each_type(types: Sequence[str], sql: Sql) -> list[str]:
    """Few types one by one, as the index has them; many at once, lest the statement be longer than the answer."""
    if len(types) > MOST_ARMS:
        return [f"= ANY({sql.bind(list(types), 'text[]')})"]
    return [f"= {sql.bind(one, 'text')}" for one in types]
