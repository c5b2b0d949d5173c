"""What must hold of a resource, as SQL: as a test of a row that is there, or as the rows to start from."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.search.sql import Outer, Sql
from gateway.search.terms import (
    IDENTIFIER,
    IDENTITY,
    LAST,
    REFERENCE,
    WORD,
    All,
    AnyOf,
    Clause,
    Condition,
    Keyed,
    Linked,
    LinkedBy,
    Not,
    Present,
    Targets,
)

# A test of one row


def test(clause: Clause, sql: Sql, outer: Outer) -> str:
    match clause:
        case All(clauses):
            return " AND ".join(test(one, sql, outer) for one in clauses) or "true"
        case AnyOf(clauses):
            return f"({' OR '.join(test(one, sql, outer) for one in clauses) or 'false'})"
        case Not(inner):
            return f"NOT ({test(inner, sql, outer)})"
        case Linked() | LinkedBy():
            return _linked(clause, sql, outer)
        case Condition("resource") if outer.resource:
            return f"({sql.of(clause, outer.alias)})"
        case Condition("resource"):
            alias = sql.alias()
            return sql.exists(f"SELECT 1 FROM {itself(alias, outer.alias, sql)} WHERE {sql.of(clause, alias)}")
        case _:
            return _row(clause, sql, outer)


def _row(clause: Keyed | Targets | Condition | Present, sql: Sql, outer: Outer) -> str:
    """That the index has a row of the resource: keys are met at one point, other tables found by the resource."""
    alias = sql.alias()
    point = f" AND {alias}.sort = {outer.alias}.sort" if isinstance(clause, Keyed | Targets) else ""
    return sql.exists(
        f"SELECT 1 FROM {_table(clause)} {alias} WHERE {sql.row(alias)} AND {_asked(clause, sql, alias)}"
        f"{point} AND {alias}.rid = {outer.alias}.rid"
    )


def _table(clause: Keyed | Targets | Condition | Present) -> str:
    match clause:
        case Keyed():
            return "idx"
        case Targets():
            return "link"
        case _:
            return clause.table


def _asked(clause: Keyed | Targets | Condition | Present, sql: Sql, alias: str) -> str:
    keyless = isinstance(clause, Condition) and not clause.keys
    keys = "" if keyless else sql.among(f"{alias}.key", clause.keys)
    match clause:
        case Targets(targets=targets):
            return f"{sql.among(f'{alias}.target', targets)} AND {keys}"
        case Condition():
            return f"{keys} AND ({sql.of(clause, alias)})" if keys else f"({sql.of(clause, alias)})"
        case _:
            return keys


def _linked(clause: Linked | LinkedBy, sql: Sql, outer: Outer) -> str:
    link, other = sql.alias(), sql.alias()
    edge = f"{sql.row(link)} AND {sql.among(f'{link}.key', clause.keys)}"
    if isinstance(clause, Linked):
        return sql.exists(
            f"SELECT 1 FROM link {link} CROSS JOIN LATERAL "
            f"{sql.resource(other, f'{other}.ref = {link}.target AND {_of_types(other, clause.types, sql)}')} "
            f"WHERE {edge} AND {link}.rid = {outer.alias}.rid "
            f"AND {test(clause.inner, sql, Outer(other, resource=True))}"
        )
    if outer.resource:
        return sql.exists(
            f"SELECT 1 FROM link {link} WHERE {edge} AND {link}.target = {outer.alias}.ref "
            f"AND {test(clause.inner, sql, Outer(link))}"
        )
    return sql.exists(
        f"SELECT 1 FROM {itself(other, outer.alias, sql)} JOIN link {link} ON {link}.target = {other}.ref "
        f"WHERE {edge} AND {test(clause.inner, sql, Outer(link))}"
    )


def itself(alias: str, outer: str, sql: Sql) -> str:
    """The resource of a row of the index."""
    return sql.resource(alias, f"{alias}.tenant = %(tenant)s::smallint AND {alias}.rid = {outer}.rid")


def _of_types(alias: str, types: Sequence[str], sql: Sql) -> str:
    return (
        f"{alias}.tenant = %(tenant)s::smallint AND NOT {alias}.deleted "
        f"AND {alias}.type = ANY({sql.bind(list(types), 'text[]')})"
    )


# Where to start


def rank(clause: Clause) -> int:
    """How few resources it is likely to leave; `LAST` for what cannot be started from."""
    match clause:
        case Keyed() | Targets():
            return clause.rank
        case Condition("resource"):
            return clause.rank if clause.rank == IDENTITY else LAST
        case Condition():
            return clause.rank
        case Linked(inner=inner) | LinkedBy(inner=inner):
            return REFERENCE if rank(inner) <= IDENTIFIER else max(WORD, rank(inner))
        case All(clauses):
            return min(map(rank, clauses), default=LAST)
        case AnyOf(clauses):
            return max(map(rank, clauses), default=LAST)
        case _:
            return LAST


def start(clause: Clause, everything: Clause) -> tuple[Clause, Clause]:
    """The part to start from, the one that leaves fewest, and what is then asked of its rows."""
    asked = list(parts(clause))
    best = min(asked, key=rank, default=everything)
    if rank(best) >= LAST:
        return everything, All(tuple(asked))
    return best, without(best, asked)


def without(one: Clause, asked: Iterable[Clause]) -> All:
    return All(tuple(part for part in asked if part is not one))


def origin(clause: Clause) -> Clause:
    """Where the rows of a clause are started from: of a chain, what is asked at its end."""
    match clause:
        case Linked(inner=inner) | LinkedBy(inner=inner):
            return origin(inner)
        case All():
            return origin(start(clause, clause)[0])
        case _:
            return clause


def parts(clause: Clause) -> Iterable[Clause]:
    if isinstance(clause, All):
        for one in clause.clauses:
            yield from parts(one)
    else:
        yield clause


def rows(clause: Clause, rest: Clause, sql: Sql, more: str = "") -> str:
    """SELECT of (sort, rid) of everything for which both hold; some may come twice. `more` is asked of every row."""
    match clause:
        case AnyOf(clauses):
            return " UNION ALL ".join(f"({rows(one, rest, sql, more)})" for one in clauses)
        case All():
            best, others = start(clause, clause)
            return rows(best, All((others, rest)), sql, more)
        case Linked() | LinkedBy():
            return _linked_rows(clause, rest, sql, more)
        case Condition(arms=arms) if arms:
            each = (replace(clause, sql=arm, arms=()) for arm in arms)
            return rows(AnyOf(tuple(each)), rest, sql, more)
        case Condition("resource"):
            alias = sql.alias()
            where = f"{alias}.tenant = %(tenant)s::smallint AND NOT {alias}.deleted AND ({sql.of(clause, alias)})"
            from_, outer = f"{sql.resources} {alias}", Outer(alias, resource=True)
        case Keyed() | Targets() | Condition():
            alias = sql.alias()
            where = f"{sql.row(alias)} AND {_asked(clause, sql, alias)}"
            from_, outer = f"{_table(clause)} {alias}", Outer(alias)
        case _:
            raise AssertionError(clause)
    own = more.format(x=outer.alias) if more else ""
    return f"SELECT {alias}.sort, {alias}.rid FROM {from_} WHERE {where} AND {test(rest, sql, outer)}{own}"


def is_one(clause: Keyed | Targets) -> bool:
    """Whether its rows stand under one key of the index, and so in order and once each."""
    return len(clause.keys) == 1 and (isinstance(clause, Keyed) or len(clause.targets) == 1)


def rows_of_each(clause: Keyed | Targets, rest: Clause, sql: Sql, more: str) -> str:
    """The same rows, key by key: `more` may order and limit those of each."""
    alias, each = sql.alias(), sql.alias()
    if isinstance(clause, Keyed):
        listed = f"unnest({sql.bind(list(clause.keys), 'bigint[]')}) AS {each} (key)"
        asked = f"{alias}.key = {each}.key"
    else:
        pairs = [(one, key) for one in clause.targets for key in clause.keys]
        targets, keys = ([pair[at] for pair in pairs] for at in (0, 1))
        bound = f"{sql.bind(targets, 'bigint[]')}, {sql.bind(keys, 'bigint[]')}"
        listed = f"unnest({bound}) AS {each} (target, key)"
        asked = f"{alias}.target = {each}.target AND {alias}.key = {each}.key"
    found = (
        f"SELECT {alias}.sort, {alias}.rid FROM {_table(clause)} {alias} WHERE {sql.row(alias)} AND {asked} "
        f"AND {test(rest, sql, Outer(alias))}{more.format(x=alias)}"
    )
    return f"SELECT d.sort, d.rid FROM {listed} CROSS JOIN LATERAL ({found}) d"


def _linked_rows(clause: Linked | LinkedBy, rest: Clause, sql: Sql, more: str) -> str:
    inner, other, link = sql.alias(), sql.alias(), sql.alias()
    found = rows(clause.inner, All(()), sql)
    edge = f"{sql.row(link)} AND {sql.among(f'{link}.key', clause.keys)}"
    of_types = _of_types(other, clause.types, sql)
    if isinstance(clause, Linked):
        join = (
            f"CROSS JOIN LATERAL {sql.resource(other, f'{other}.rid = {inner}.rid AND {of_types}')} "
            f"JOIN link {link} ON {link}.target = {other}.ref"
        )
        outer = Outer(link)
    else:
        join = (
            f"JOIN link {link} ON {link}.rid = {inner}.rid CROSS JOIN LATERAL "
            f"{sql.resource(other, f'{other}.ref = {link}.target AND {of_types}')}"
        )
        outer = Outer(other, resource=True)
    own = more.format(x=outer.alias) if more else ""
    return (
        f"SELECT {outer.alias}.sort, {outer.alias}.rid FROM ({found}) {inner} {join} "
        f"WHERE {edge} AND {test(rest, sql, outer)}{own}"
    )
