"""Pages in order of the values of a parameter, as its table has them."""

from collections.abc import Iterator, Sequence

from gateway.search import clauses, gathered
from gateway.search.keyset import Order, either
from gateway.search.number import OPEN
from gateway.search.order import WRITTEN, Sort
from gateway.search.query import Query
from gateway.search.sql import MOST_ARMS, Outer, Sql
from gateway.search.terms import IDENTIFIER, LAST, All, AnyOf, Clause, Condition

_ROWS = {"words": ("value",), "span": ("low", "high"), "amount": ("low", "high")}
"""What the rows of a table are in order of, after their key."""
_CASTS = {"words": "text", "span": "bigint", "amount": "numeric"}


def found(best: Condition, rest: Clause, sql: Sql, place: Sequence[object]) -> tuple[str, Order]:
    """In order of the values that match; of a resource that has several, the first stands for it."""
    columns = _ROWS[best.table]
    order = Order((*columns, "rid"), (*(_CASTS[best.table] for _ in columns), "bigint"), best.descending)
    after = order.after(place, sql)
    arms = []
    for arm in best.arms or (best.sql,):
        x = sql.alias()
        mine = ", ".join(f"{x}.{column}" for column in columns)
        rows = (
            f"SELECT {mine}, {x}.rid FROM {best.table} {x} WHERE {sql.row(x)} "
            f"AND {sql.among(f'{x}.key', best.keys)} AND ({sql.of(best, x, arm)}) "
            f"AND {clauses.test(rest, sql, Outer(x))} AND {_is_first(best, x, sql)}{after.format(x=x)}"
        )
        arms.append(f"SELECT * FROM ({rows} OFFSET 0) d {order.end('d.')}" if OPEN in arm else f"{rows} {order.end()}")
    if len(arms) == 1:
        return arms[0], order
    return f"SELECT * FROM ({' UNION ALL '.join(f'({arm})' for arm in arms)}) d {order.end('d.')}", order


def _is_first(best: Condition, x: str, sql: Sql) -> str:
    y = sql.alias()
    mine, other = (", ".join(f"{alias}.{column}" for column in _ROWS[best.table]) for alias in (x, y))
    earlier = (
        f"SELECT 1 FROM {best.table} {y} WHERE {sql.row(y)} AND {y}.rid = {x}.rid "
        f"AND {sql.among(f'{y}.key', best.keys)} AND ({sql.of(best, y)}) "
        f"AND ({other}) {'>' if best.descending else '<'} ({mine})"
    )
    return f"NOT {sql.exists(earlier)}"


def page(query: Query, sql: Sql, place: Sequence[object]) -> str:
    """SELECT of the value that each match is sorted by and the row id, sorted by one parameter."""
    [sort] = query.sorts
    sql.apart = _is_walkable(query, sort, place)
    all_of_them = gathered.page(query, sql, place)
    best, _ = clauses.start(query.clause, gathered.everything_of(query))
    if not sql.apart or clauses.rank(best) <= IDENTIFIER:
        return all_of_them
    few = None if clauses.rank(best) == LAST else clauses.rows(clauses.origin(best), All(()), sql)
    return either(few, _walk(query.clause, sort, sql, place), all_of_them, sql)


def _is_walkable(query: Query, sort: Sort, place: Sequence[object]) -> bool:
    """Not where the same parameter is asked for, whose matches stand together; nor after the last that has a value."""
    same = any(_asks(part, sort) for part in clauses.parts(query.clause))
    return len(sort.keys) <= MOST_ARMS and not (sort.mixed or same or (place and place[0] is None))


def _asks(clause: Clause, sort: Sort) -> bool:
    match clause:
        case Condition(keys=keys):
            return not set(keys).isdisjoint(sort.keys)
        case AnyOf(several):
            return any(_asks(one, sort) for one in several)
        case _:
            return False


def _walk(clause: Clause, sort: Sort, sql: Sql, place: Sequence[object]) -> str:
    order = Order(("o0", "rid"), (_CASTS[sort.kind], "bigint"), sort.descending)
    after = order.after(place, sql)
    arms = (arm for key in sort.keys for arm in _arms(sort, key, sql, after, order))
    seen = f"SELECT * FROM ({' UNION ALL '.join(f'({arm})' for arm in arms)}) s {order.end('s.', 'far')}"
    return (
        f"SELECT s.o0, s.rid FROM ({seen}) s WHERE {clauses.test(clause, sql, Outer('s'))} "
        f"AND {_stands(sort, sql)} {order.end('s.')}"
    )


def _arms(sort: Sort, key: int, sql: Sql, after: str, order: Order) -> Iterator[str]:
    """Values under a key, in order, each arm of them as some index has them."""
    for column, condition in _stretches(sort, key):
        x = sql.alias()
        other = {"low": "high", "high": "low"}.get(column, "value")
        more = condition.format(x=x) + after.replace("{x}.o0", f"{x}.{column}").format(x=x)
        yield (
            f"SELECT {x}.{column} AS o0, {x}.{other} AS o1, {x}.key, {x}.sort, {x}.rid FROM {sort.kind} {x} "
            f"WHERE {sql.row(x)} AND {sql.among(f'{x}.key', [key])}{more} "
            f"ORDER BY {order.by().replace('o0', f'{x}.{column}').replace('rid', f'{x}.rid')} LIMIT %(far)s"
        )


def _stretches(sort: Sort, key: int) -> list[tuple[str, str]]:
    """What rows are ordered by, and which of them. Points are found by their low end, other amounts by their high."""
    match sort.kind, sort.descending:
        case "words", _:
            return [("value", f" AND {WRITTEN}" if key in sort.written else "")]
        case "amount", True:
            return [("low", " AND {x}.low = {x}.high"), ("high", " AND {x}.low < {x}.high")]
        case _, descending:
            return [("high" if descending else "low", "")]


def _stands(sort: Sort, sql: Sql) -> str:
    """That a row is the one by which its resource is ordered: the first under its key, and no key goes before."""
    y, z = sql.alias(), sql.alias()
    column, other = ("high", "low") if sort.descending else ("low", "high")
    theirs, mine = (f"{y}.{column}, {y}.{other}", "s.o0, s.o1")
    if sort.kind == "words":
        theirs, mine = f"{y}.value", "s.o0"
    written = f" AND (NOT {sql.among(f'{y}.key', sort.written)} OR {WRITTEN.format(x=y)})" if sort.written else ""
    earlier = (
        f"SELECT 1 FROM {sort.kind} {y} WHERE {sql.row(y)} AND {y}.rid = s.rid AND {y}.key = s.key{written} "
        f"AND ({theirs}) {'>' if sort.descending else '<'} ({mine})"
    )
    first = f"NOT {sql.exists(earlier)}"
    ordered = [key for key in sort.keys if key not in sort.written]
    if not sort.written:
        return first
    before = f"SELECT 1 FROM words {z} WHERE {sql.row(z)} AND {z}.rid = s.rid AND {sql.among(f'{z}.key', ordered)}"
    return f"{first} AND ({sql.among('s.key', ordered)} OR NOT {sql.exists(before)})"
