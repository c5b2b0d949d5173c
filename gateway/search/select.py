"""A query as one SELECT: restricted, ordered and paged by the database.

Where no order is asked for, a page comes in the order of the index that finds it, so that a page costs the same
however many resources match.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.search import clauses
from gateway.search.order import Sort
from gateway.search.query import Bookmark, Query
from gateway.search.sql import Outer, Sql
from gateway.search.terms import CATEGORY, IDENTIFIER, LAST, All, Clause, Condition, Keyed, Targets, everything

_COLUMNS = "r.type, r.id, r.rid, r.version, r.last_updated, r.deleted, r.content"

Statement = tuple[str, dict[str, object]]
"""SQL and its parameters."""
_MOST_ARMS = 12
_ROWS = {"words": ("value",), "span": ("low", "high"), "amount": ("low", "high")}
"""What the rows of a table are in order of, after their key."""
_CASTS = {
    "value": "text",
    "low": "bigint",
    "high": "bigint",
    "sort": "bigint",
    "rid": "bigint",
    "last_updated": "bigint",
}


@dataclass(frozen=True, slots=True)
class _Order:
    """The columns that order the rows, each with its type; the last makes them unique."""

    columns: tuple[str, ...]
    casts: tuple[str, ...]
    descending: bool

    def by(self, alias: str = "") -> str:
        direction = "DESC" if self.descending else "ASC"
        return ", ".join(f"{alias}{column} {direction}" for column in self.columns)

    def after(self, place: Sequence[object], sql: Sql) -> str:
        """Only what comes after the last row of the page before."""
        if not place:
            return ""
        mine = ", ".join(f"{{x}}.{column}" for column in self.columns)
        theirs = ", ".join(sql.bind(value, cast) for value, cast in zip(place, self.casts, strict=True))
        return f" AND ({mine}) {'<' if self.descending else '>'} ({theirs})"


def page(query: Query, tenant: int, at: Bookmark | None = None) -> Statement:
    """The statement for one page and one row more, which tells whether there is another.

    Its rows are a `Stored`, then what the page is ordered by, then the snapshot that it was seen in.
    """
    sql = Sql(tenant, at.snapshot if at else None)
    place = at.place if at else ()
    sql.parameters["limit"] = query.count + 1
    best, rest = clauses.start(query.clause, _everything(query))
    if query.sorts and not _by_moment(query):
        if query.sorts[0].kind == "updated" and len(query.sorts) == 1 and clauses.rank(best) >= CATEGORY:
            return _by_update(query, sql, place, descending=query.sorts[0].descending), sql.parameters
        return _gathered(query, sql, place, _sort_columns(query.sorts, sql)), sql.parameters
    if query.sorts:
        return _cut(_moments(best, rest, sql, place, descending=query.sorts[0].descending), sql)
    if clauses.rank(best) == LAST and _is_dated(query.clause):
        return _by_update(query, sql, place, descending=True), sql.parameters
    if isinstance(best, Condition) and best.table != "resource" and len(best.keys) == 1:
        return _cut(_in_order(best, rest, sql, place), sql)
    return _cut(_moments(best, rest, sql, place, descending=True), sql)


def shared_key(query: Query) -> int | None:
    """The key of a search by one identifier and nothing else, whose statement others can share."""
    match query.clause:
        case All((Keyed((one,), rank=rank),)) if rank == IDENTIFIER and not query.sorts:
            return one
    return None


def total(query: Query, tenant: int, snapshot: str | None) -> Statement:
    """The statement for the number of matches, in the snapshot of a page."""
    sql = Sql(tenant, snapshot)
    return f"SELECT count(*) FROM ({_distinct(query, sql)}) m", sql.parameters


def capped(query: Query, tenant: int, most: int) -> Statement:
    """The statement for the number of matches, which stops counting at `most`."""
    sql = Sql(tenant)
    rows = f"{_distinct(query, sql)} LIMIT {most:d}"
    return f"SELECT count(*) FROM ({rows}) m", sql.parameters


def matches(query: Query, tenant: int) -> Statement:
    """The statement for the row ids of all matches."""
    sql = Sql(tenant)
    return _distinct(query, sql), sql.parameters


def _everything(query: Query) -> Clause:
    return Keyed(tuple(map(everything, query.types)), LAST)


def _by_moment(query: Query) -> bool:
    return len(query.sorts) == 1 and query.sorts[0].kind == "moment"


def _is_dated(clause: Clause) -> bool:
    """Whether all that is asked is asked of the resource's own row."""
    parts = clause.clauses if isinstance(clause, All) else (clause,)
    return bool(parts) and all(isinstance(part, Condition) and part.table == "resource" for part in parts)


def _cut(cut: tuple[str, _Order], sql: Sql) -> Statement:
    """The page is cut inside the index: LIMIT keeps the planner from starting at the resources."""
    inner, order = cut
    kept = ", ".join(f"d.{column}" for column in order.columns)
    text = (
        f"SELECT {_COLUMNS}, {kept}, {_snapshot(sql)} FROM ({inner}) d "
        f"CROSS JOIN LATERAL {clauses.itself('r', 'd', sql)} ORDER BY {order.by('d.')}"
    )
    return text, sql.parameters


def _snapshot(sql: Sql) -> str:
    return "(SELECT pg_current_snapshot()::text)" if sql.at is None else "%(at)s::text"


def _moments(best: Clause, rest: Clause, sql: Sql, place: Sequence[object], *, descending: bool) -> tuple[str, _Order]:
    """In order of the clinical date: as the keys of the index are, each key's first rows merged."""
    order = _Order(("sort", "rid"), ("bigint", "bigint"), descending)
    after = order.after(place, sql)
    end = f"ORDER BY {order.by()} LIMIT %(limit)s"
    if isinstance(best, Keyed | Targets):
        if clauses.is_one(best):
            return f"{clauses.rows(best, rest, sql, after)} {end}", order
        joined = clauses.rows_of_each(best, rest, sql, f"{after} {end}")
    else:
        joined = clauses.rows(best, rest, sql, after)
    return f"SELECT DISTINCT d.sort, d.rid FROM ({joined}) d {end}", order


def _in_order(best: Condition, rest: Clause, sql: Sql, place: Sequence[object]) -> tuple[str, _Order]:
    """In order of the values themselves; of a resource that has several that match, the first stands for it."""
    columns = _ROWS[best.table]
    cast = {"words": "text", "span": "bigint", "amount": "numeric"}[best.table]
    order = _Order((*columns, "rid"), (*(cast for _ in columns), "bigint"), best.descending)
    x, y = sql.alias(), sql.alias()
    mine, other = (", ".join(f"{alias}.{column}" for column in columns) for alias in (x, y))
    first = (
        f"NOT EXISTS (SELECT 1 FROM {best.table} {y} WHERE {sql.row(y)} AND {y}.rid = {x}.rid "
        f"AND {sql.among(f'{y}.key', best.keys)} AND ({sql.of(best, y)}) "
        f"AND ({other}) {'>' if best.descending else '<'} ({mine}))"
    )
    inner = (
        f"SELECT {mine}, {x}.rid FROM {best.table} {x} WHERE {sql.row(x)} "
        f"AND {sql.among(f'{x}.key', best.keys)} AND ({sql.of(best, x)}) AND {clauses.test(rest, sql, Outer(x))} "
        f"AND {first}{order.after(place, sql).format(x=x)} ORDER BY {order.by(f'{x}.')} LIMIT %(limit)s"
    )
    return inner, order


def _by_update(query: Query, sql: Sql, place: Sequence[object], *, descending: bool) -> str:
    """In order of the last update, along the resources themselves."""
    order = _Order(("last_updated", "rid"), ("bigint", "bigint"), descending)
    end = f"ORDER BY {order.by('r.')} LIMIT %(limit)s"
    arms = [
        f"(SELECT * FROM {resources} r "
        f"WHERE r.tenant = %(tenant)s::smallint AND r.type {of_type} AND NOT r.deleted "
        f"AND {clauses.test(query.clause, sql, Outer('r', resource=True))}"
        f"{order.after(place, sql).format(x='r')} {end})"
        for of_type in _each_type(query.types, sql)
        for resources in sql.each
    ]
    return f"SELECT {_COLUMNS}, r.last_updated, r.rid, {_snapshot(sql)} FROM ({' UNION ALL '.join(arms)}) r {end}"


def _each_type(types: Sequence[str], sql: Sql) -> list[str]:
    """Few types one by one, as the index has them; many at once, lest the statement be longer than the answer."""
    if len(types) > _MOST_ARMS:
        return [f"= ANY({sql.bind(list(types), 'text[]')})"]
    return [f"= {sql.bind(one, 'text')}" for one in types]


# Any other order: everything that matches is gathered, and sorted by what it is found to have


def _distinct(query: Query, sql: Sql) -> str:
    best, rest = clauses.start(query.clause, _everything(query))
    return f"SELECT DISTINCT g.sort, g.rid FROM ({clauses.rows(best, rest, sql)}) g"


def _sort_columns(sorts: Sequence[Sort], sql: Sql) -> list[tuple[str, str, bool]]:
    """Expression, type and direction of each sort key, of a match `m` and its resource `r`."""
    return [(*_sort_expression(sort, sql), sort.descending) for sort in sorts]


def _sort_expression(sort: Sort, sql: Sql) -> tuple[str, str]:
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
    column, cast = {"words": ("value", "text"), "span": ("low", "bigint"), "amount": ("low", "numeric")}[sort.kind]
    column = "high" if sort.descending and sort.kind != "words" else column
    found = [_extreme(sort, column, key, sql) for key in sort.keys]
    if sort.kind == "words":  # as folded: what was written stands behind a mark, and is no difference
        found = [f"split_part({one}, chr(1), 1)" for one in found]
    return f"coalesce({', '.join(found)})", cast


def _extreme(sort: Sort, column: str, key: int, sql: Sql) -> str:
    """The first value of a resource that has several, or the last where the order descends."""
    y = sql.alias()
    return (
        f"(SELECT {'max' if sort.descending else 'min'}({y}.{column}) FROM {sort.kind} {y} "
        f"WHERE {sql.row(y)} AND {sql.among(f'{y}.key', [key])} AND {y}.rid = m.rid)"
    )


def _gathered(query: Query, sql: Sql, place: Sequence[object], columns: list[tuple[str, str, bool]]) -> str:
    names = [f"o{number}" for number in range(len(columns))]
    computed = ", ".join(f"{text} AS {name}" for name, (text, _, _) in zip(names, columns, strict=True))
    order = ", ".join(
        f"{name} {'DESC' if descending else 'ASC'} NULLS LAST"
        for name, (_, _, descending) in zip(names, columns, strict=True)
    )
    after = _after_gathered(names, columns, place, sql)
    return (
        f"SELECT {_COLUMNS}, {', '.join(f'd.{name}' for name in names)}, d.rid, {_snapshot(sql)} FROM ("
        f"SELECT g.* FROM (SELECT {computed}, m.rid FROM ({_distinct(query, sql)}) m "
        f"CROSS JOIN LATERAL {clauses.itself('r', 'm', sql)}) g "
        f"WHERE {after} ORDER BY {order}, g.rid LIMIT %(limit)s) d "
        f"CROSS JOIN LATERAL {clauses.itself('r', 'd', sql)} ORDER BY {order}, d.rid"
    )


def _after_gathered(
    names: Sequence[str], columns: Sequence[tuple[str, str, bool]], place: Sequence[object], sql: Sql
) -> str:
    """What comes after a place in an order of several keys, where what has no value comes last."""
    if not place:
        return "true"
    *values, rid = place
    text = f"g.rid > {sql.bind(rid, 'bigint')}"
    for name, (_, cast, descending), value in reversed(list(zip(names, columns, values, strict=True))):
        if value is None:
            text = f"g.{name} IS NULL AND {text}"
            continue
        bound = sql.bind(value, cast)
        beyond = f"g.{name} {'<' if descending else '>'} {bound} OR g.{name} IS NULL"
        text = f"({beyond} OR (g.{name} = {bound} AND {text}))"
    return text
