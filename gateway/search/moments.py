"""Pages in order of the clinical date: as the keys of the index are.

A search by the date itself is a stretch of that order. What satisfies an upper bound begins before it, and so does its
resource; what satisfies a lower bound mostly begins after it too. What began before and went on is looked for apart,
and only where the rest does not make a page.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gateway.search import clauses, gathered, keyset
from gateway.search.date import EVER
from gateway.search.keyset import Order, either
from gateway.search.order import Sort
from gateway.search.query import Query
from gateway.search.sql import MOST_ARMS, Outer, Sql
from gateway.search.terms import CATEGORY, IDENTIFIER, LAST, REFERENCE, All, AnyOf, Clause, Condition, Keyed, Targets
from gateway.storage.tables import LONG

NEWEST_FIRST = Order(("sort", "rid"), ("bigint", "bigint"), descending=True)
OLDEST_FIRST = Order(("sort", "rid"), ("bigint", "bigint"), descending=False)


class _Stretch(NamedTuple):
    """What ends after the one and begins before the other, in milliseconds, by the values under these keys."""

    after: int
    before: int
    keys: tuple[int, ...] = ()


def order(query: Query) -> Order | None:
    """That of a query that is ordered by the clinical date alone; None for another.

    What has no date comes last, so the oldest come first in the index only where all that is found has one.
    """
    match query.sorts:
        case ():
            return NEWEST_FIRST
        case (Sort("moment", descending),):
            return NEWEST_FIRST if descending else OLDEST_FIRST
        case (Sort("span", False, keys),) if query.clocks.issuperset(keys):
            dated = any(is_dated(part, query) for part in clauses.parts(query.clause))
            return OLDEST_FIRST if dated else None
    return None


def page(query: Query, sql: Sql, place: Sequence[object], ordered: Order) -> str:
    """SELECT of (sort, rid) of a page."""
    asked = list(clauses.parts(query.clause))
    every = gathered.everything_of(query)
    keyed = min((part for part in asked if isinstance(part, Keyed | Targets)), key=clauses.rank, default=None)
    others = (part for part in asked if not isinstance(part, Keyed | Targets) and not is_dated(part, query))
    other = min(others, key=clauses.rank, default=every)
    walk = _Walk(keyed or every, tuple(asked), sql, place, ordered)
    stretch = _stretch(asked, query)
    if keyed and clauses.rank(keyed) <= min(REFERENCE, clauses.rank(other)):
        return walk.whole(stretch.before)
    if clauses.rank(other) == LAST:
        return walk.stretch(stretch)
    collected = walk.gathered(other)
    origin = clauses.origin(other)
    if clauses.rank(origin) <= IDENTIFIER or len(query.types) > MOST_ARMS:
        return collected
    few = clauses.rows(origin, All(()), sql)
    if keyed and clauses.rank(keyed) < CATEGORY:
        return either(few, walk.whole(stretch.before), collected, sql, whole=True)
    return either(few, walk.some(stretch.before), collected, sql)


def is_dated(clause: Clause, query: Query) -> bool:
    """Whether it asks for the date that the index is in order of, of every type."""
    match clause:
        case Condition("span", keys=keys, within=within):
            return within is not None and query.clocks.issuperset(keys)
        case AnyOf(several):
            return bool(several) and all(isinstance(one, Condition) and is_dated(one, query) for one in several)
        case _:
            return False


def _stretch(asked: Iterable[Clause], query: Query) -> _Stretch:
    found = [_hull(part) for part in asked if is_dated(part, query)]
    latest = max(found, default=_Stretch(-EVER, EVER))
    return latest._replace(before=min((one.before for one in found), default=EVER))


def _hull(clause: Clause) -> _Stretch:
    match clause:
        case Condition(within=(after, before), keys=keys):
            return _Stretch(after, before, keys)
        case AnyOf(several):
            hulls = [_hull(one) for one in several]
            keys = tuple({key: None for one in hulls for key in one.keys})
            return _Stretch(min(one.after for one in hulls), max(one.before for one in hulls), keys)
    raise AssertionError(clause)


class _Walk(NamedTuple):
    """Along the rows of some keys of the index, in their order."""

    keyed: Keyed | Targets
    asked: tuple[Clause, ...]
    sql: Sql
    place: Sequence[object]
    order: Order

    def gathered(self, best: Clause) -> str:
        """What another clause finds."""
        after = self.order.after(self.place, self.sql)
        joined = clauses.rows(best, clauses.without(best, self.asked), self.sql, after)
        return f"SELECT DISTINCT d.sort, d.rid FROM ({joined}) d {self.order.end()}"

    def whole(self, before: int, after: int = -EVER) -> str:
        """To the end of the page, or to that of the rows."""
        return self._rows(clauses.without(self.keyed, self.asked), before, after, "limit")

    def some(self, before: int) -> str:
        """So far as it is likely to make a page."""
        seen = self._rows(All(()), before, -EVER, "far")
        rest = clauses.test(clauses.without(self.keyed, self.asked), self.sql, Outer("s"))
        return f"SELECT s.sort, s.rid FROM ({seen}) s WHERE {rest} {self.order.end('s.')}"

    def _rows(self, rest: Clause, before: int, after: int, limit: str) -> str:
        sql = self.sql
        more = self.order.after(self.place, sql)
        more += f" AND {{x}}.sort < {sql.bind(before, 'bigint')}" if before < EVER else ""
        more += f" AND {{x}}.sort >= {sql.bind(after, 'bigint')}" if after > -EVER else ""
        end = self.order.end(limit=limit)
        if clauses.is_one(self.keyed):
            return f"{clauses.rows(self.keyed, rest, sql, more)} {end}"
        found = clauses.rows_of_each(self.keyed, rest, sql, f"{more} {end}")
        return f"SELECT DISTINCT d.sort, d.rid FROM ({found}) d {end}"

    def stretch(self, asked: _Stretch) -> str:
        """What begins in the stretch; then what began before it: few of those one by one, many in their order."""
        if asked.after == -EVER:
            return self.whole(asked.before)
        near, early = self.sql.alias(), self.sql.alias()
        full = f"(SELECT count(*) FROM {near}) >= %(limit)s" if self.order.descending else "false"
        many = f"(SELECT count(*) FROM {early}) >= {keyset.FEW}"
        below = min(asked.after, asked.before)
        each = clauses.test(All(self.asked), self.sql, Outer("e"))
        after = self.order.after(self.place, self.sql).format(x="e")
        return (
            f"SELECT * FROM (WITH {near} AS MATERIALIZED ({self.whole(asked.before, asked.after)}), "
            f"{early} AS MATERIALIZED "
            f"(SELECT * FROM ({self._early(asked, below)}) e WHERE NOT {full} LIMIT {keyset.FEW}) "
            f"SELECT * FROM {near} "
            f"UNION ALL SELECT DISTINCT e.sort, e.rid FROM {early} e WHERE NOT {many} AND {each}{after} "
            f"UNION ALL SELECT * FROM ({self.whole(below)}) w WHERE {many}) d {self.order.end()}"
        )

    def _early(self, asked: _Stretch, below: int) -> str:
        """What began before and ends after: soon after, or whatever is long."""
        x, y, sql = self.sql.alias(), self.sql.alias(), self.sql
        after, soon = sql.bind(asked.after, "bigint"), sql.bind(asked.after + LONG, "bigint")
        begun = sql.bind(below, "bigint")
        found = "SELECT {x}.sort, {x}.rid FROM span {x} WHERE {row} AND {keys} AND {x}.sort < " + begun
        first, second = (
            found.format(x=alias, row=sql.row(alias), keys=sql.among(f"{alias}.key", asked.keys)) for alias in (x, y)
        )
        return (
            f"{first} AND {x}.high > {after} AND {x}.high <= {soon} "
            f"UNION ALL {second} AND {y}.high > {soon} AND {y}.high > {y}.sort + {LONG}"
        )
