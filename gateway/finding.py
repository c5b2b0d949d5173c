"""Finding resources as one caller may see them: searches, pages, what comes along, histories."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from gateway.access import Grant
from gateway.errors import BadRequest
from gateway.search import criteria, include, latest, metas, query, select
from gateway.search.paging import Seals, Sought
from gateway.search.query import Bookmark, Pairs, Query
from gateway.search.terms import IDENTITY, All, Clause, Condition, any_of
from gateway.storage.hashes import target
from gateway.storage.reads import SHARED_PAGE
from gateway.storage.rows import Stored
from gateway.visibility import Visibility
from gateway.work import Ground, Work
from profiles import definitions

Plan = dict[str, Any]
"""A node of PostgreSQL's EXPLAIN (FORMAT JSON)."""
_ESTIMATED_FROM = 10_000
"""Matches up to which an estimated total is counted."""


@dataclass(frozen=True, slots=True)
class Found:
    matches: list[Stored]
    included: list[Stored]
    total: int | None
    cursor: str | None
    """Where the next page begins, when there is one."""
    query: Query
    cut: bool = False
    """There are more included resources than one page shows; the next page goes on with them."""
    dropped: bool = False
    """There are more of them than anybody looks for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where is searched: one type or all, everywhere or in a compartment."""

    type: str | None = None
    compartment: str | None = None
    """Its resource type, such as Patient."""
    id: str | None = None
    operation: str | None = None
    """Of which the pages are, such as `$everything`."""

    @property
    def path(self) -> str:
        return "/".join(part for part in (self.compartment, self.id, self.type, self.operation) if part)


@dataclass(frozen=True, slots=True)
class Explained:
    sql: str
    plan: list[Plan]


class Finder:
    def __init__(self, ground: Ground, seals: Seals, grant: Grant, base: str) -> None:
        self._ground = ground
        self._seals = seals
        self._grant = grant
        self.visibility = Visibility(ground, grant, base)

    @property
    def _owner(self) -> tuple[object, ...]:
        return self._grant.tenant, self._grant.actor

    async def seen(self, stored: Stored | None) -> Stored | None:
        """The resource as it is now, if the caller may see it."""
        if stored is None or not self._grant.limits(stored.type, "read"):
            return stored
        permitted = self.visibility.permitted(stored.type, "read")
        own = {"refs": [target(f"{stored.type}/{stored.id}")]}
        itself = Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", own, rank=IDENTITY)
        asked = Query((stored.type,), All((itself, permitted or All(()))), count=1)
        rows = await self._rows(asked, None)
        return Stored(*rows[0][:7]) if rows else None

    async def among(self, references: Iterable[str]) -> list[Stored]:
        """Those of some resources, `Patient/1`, that are there and that the caller may read; all read at once."""
        keys = [tuple(one.split("/", 1)) for one in references]
        allowed = [(kind, own) for kind, own in keys if self._grant.allows(kind, "read")]
        rows = await self._ground.store.reader.by_id.get(self._grant.tenant, allowed)
        there = [row for row in rows.values() if not row.deleted]
        limited = [row for row in there if self._grant.limits(row.type, "read")]
        if not limited:
            return there
        refs = {"refs": [target(f"{row.type}/{row.id}") for row in limited]}
        itself = Condition("resource", "x.ref = ANY(%(refs_{n})s::bigint[])", refs, rank=IDENTITY)
        reading = replace(self.visibility.context(), permitted=lambda one: self.visibility.permitted(one, "read"))
        types = tuple(sorted({row.type for row in limited}))
        asked = Query(types, All((itself, *reading.restrictions(types))), count=len(limited))
        seen = {row[2] for row in await self._rows(asked, None)}
        return [row for row in there if row.rid in seen or row not in limited]

    async def latest(self, pairs: Pairs, most: int, *, lenient: bool = False) -> Found:
        """Of the Observations that match, the newest of every code, in two statements."""
        asked = self.parsed(Place("Observation"), pairs, lenient=lenient)
        tenant, store = self._grant.tenant, self._ground.store
        rows = await store.query(*latest.statement(asked, tenant))
        if not rows:
            return Found([], [], 0, None, asked)
        rids, snapshot = latest.chosen(rows, most), rows[0][-1]
        stored = {row[2]: Stored(*row) for row in await store.query(*latest.resources(rids, tenant, snapshot))}
        matches = [stored[rid] for rid in rids]
        included = await self._included(asked, matches, snapshot) if asked.includes else []
        return Found(matches, included, len(matches), None, asked)

    async def metas(self, place: Place) -> list[tuple[str, Any]]:
        """Every profile, tag and security label of what the caller may find there."""
        asked = self.parsed(place, ())
        tenant, store = self._grant.tenant, self._ground.store
        counted: int = (await store.query(*select.capped(asked, tenant, metas.MOST_READ + 1)))[0][0]
        metas.require_few(counted)
        return [(name, value) for name, value in await store.query(*metas.statement(asked, tenant))]

    async def search(self, place: Place, pairs: Pairs, *, lenient: bool = False) -> Found:
        """One page; `_cursor` among the pairs goes on with an earlier search, whatever else they say."""
        return await self.paged(place, pairs, lambda own: self.parsed(place, own, lenient=lenient or own is not pairs))

    async def paged(self, place: Place, pairs: Pairs, reading: Callable[[Pairs], Query]) -> Found:
        """One page of what `reading` makes of the pairs, or of those that the `_cursor` among them carries."""
        cursor = next((value for name, value in pairs if name == "_cursor"), None)
        if cursor is None:
            return await self._page(reading(pairs), place, pairs, None)
        sought = self._seals.open(cursor, self._owner, self._ground.now().timestamp())
        if sought.path != place.path:
            raise BadRequest(
                "FD-SEARCH-PAGE", "分页链接不属于此地址。", "The page link does not belong to this address."
            )
        return await self._page(reading(sought.pairs), place, sought.pairs, sought.bookmark)

    async def explain(self, place: Place, pairs: Pairs, *, lenient: bool) -> Explained:
        sql, values = select.page(self.parsed(place, pairs, lenient=lenient), self._grant.tenant)
        return Explained(sql, [_plan(one["Plan"]) for one in await self._ground.store.explained(sql, values)])

    def parsed(self, place: Place, pairs: Pairs, *, lenient: bool = False) -> Query:
        context = self.visibility.context()
        if place.compartment is None or place.id is None:
            return query.parse(place.type, pairs, context, lenient=lenient)
        member = _member(place.compartment, place.id)
        if place.type is None:
            types = tuple(one for one in sorted(definitions.resource_types()) if member(one) is not None)
            context = replace(context, searchable=lambda one: one in types and self._grant.allows(one, "search"))
        asked = query.parse(place.type, pairs, context, lenient=lenient)
        within = any_of(clause for one in asked.types if (clause := member(one)) is not None)
        return replace(asked, clause=All((within, asked.clause)))

    async def _page(self, asked: Query, where: Place, pairs: Pairs, at: Bookmark | None) -> Found:
        rows = await self._rows(asked, at)
        snapshot = rows[0][-1] if rows else (at.snapshot if at else None)
        page, more = rows[: asked.count], len(rows) > asked.count > 0
        matches = [Stored(*row[:7]) for row in page]
        total = await self._total(asked, snapshot)
        included = await self._included(asked, matches, rows[0][-1]) if asked.includes and matches else []
        after = at.included if at else None
        dropped = len(included) > include.MOST
        included = included[: include.MOST]
        shown = [row for row in included if after is None or row.rid > after][: include.SHOWN]
        cut = bool(shown) and shown[-1].rid != included[-1].rid
        begun = at.begun if at else None
        following: Bookmark | None = None
        if cut:
            following = Bookmark(str(snapshot), at.place if at else (), shown[-1].rid, begun)
        elif more:
            following = Bookmark(str(snapshot), tuple(page[-1][7:-1]), begun=begun)
        cursor = self._sealed(where.path, pairs, following) if following else None
        return Found([] if after is not None else matches, shown, total, cursor, asked, cut, dropped)

    def _sealed(self, path: str, pairs: Pairs, following: Bookmark) -> str:
        sought = Sought(path, tuple(pairs), following)
        return self._seals.seal(sought, self._owner, self._ground.now().timestamp())

    async def _rows(self, asked: Query, at: Bookmark | None) -> list[tuple[Any, ...]]:
        shared = select.shared_key(asked) if at is None and asked.count == SHARED_PAGE else None
        if shared is not None:
            return (await self._ground.store.reader.by_key.get(self._grant.tenant, [shared]))[shared]
        return await self._ground.store.query(*select.page(asked, self._grant.tenant, at))

    async def _total(self, asked: Query, snapshot: str | None) -> int | None:
        tenant, store = self._grant.tenant, self._ground.store
        if asked.total == "none":
            return None
        if asked.total == "estimate":
            counted: int = (await store.query(*select.capped(asked, tenant, _ESTIMATED_FROM)))[0][0]
            if counted < _ESTIMATED_FROM:
                return counted
            return max(counted, await store.estimate(*select.matches(asked, tenant)))
        exact: int = (await store.query(*select.total(asked, tenant, snapshot)))[0][0]
        return exact

    async def _included(self, asked: Query, matches: list[Stored], snapshot: str) -> list[Stored]:
        """Everything that comes along, `:iterate` followed until nothing new comes, in order of row id."""
        visible = All((self.visibility.everything(), asked.brought))
        view = include.View(self._grant.tenant, snapshot, visible, self._ground.catalogue)
        found: dict[int, Stored] = {}
        new, following = matches, asked.includes
        seen = {row.rid for row in matches}
        for _ in range(include.ROUNDS):
            wanted = include.statement(following, new, seen, view)
            if wanted is None:
                break
            new = [Stored(*row) for row in await self._ground.store.query(*wanted)]
            found |= {row.rid: row for row in new}
            seen |= found.keys()
            following = tuple(one for one in following if one.iterate)
            if not new or not following or len(found) > include.MOST:
                break
        return [found[rid] for rid in sorted(found)]

    async def matching(self, work: Work, resource_type: str, pairs: Pairs, most: int) -> list[Stored]:
        """What criteria match, of what the transaction does not delete; at least one criterion is required."""
        asked = replace(self.parsed(Place(resource_type), pairs), count=most, sorts=(), includes=())
        if not asked.criteria:
            raise BadRequest(
                "FD-CRITERIA",
                "条件写入需要至少一个检索参数。",
                "A conditional interaction needs at least one search parameter.",
            )
        rows = await self._rows(asked, None)
        gone = {(draft.type, draft.id) for draft in work.drafts(resource_type) if draft.after is None}
        found = [Stored(*row[:7]) for row in rows if (row[0], row[1]) not in gone]
        work.learn(found)  # as it matched: what is written by criteria still meets them
        return found

    @staticmethod
    def criteria_name(resource_type: str, pairs: Pairs) -> str:
        """The name of the claim by which two conditional creates at the same moment learn of each other."""
        text = "\x1f".join("=".join(pair) for pair in sorted(pairs))
        return f"{CLAIM_PREFIX}{resource_type}:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"


def _member(compartment: str, resource_id: str) -> Callable[[str], Clause | None]:
    return lambda resource_type: criteria.compartment(compartment, resource_id, resource_type)


_TOLD = ("Node Type", "Relation Name", "Index Name", "Startup Cost", "Total Cost", "Plan Rows", "Join Type")


def _plan(node: Plan) -> Plan:
    """What a plan says of tables, indexes and costs; its conditions, which quote what is searched for, are left out."""
    told = {name: node[name] for name in _TOLD if name in node}
    return told | {"Plans": [_plan(one) for one in node["Plans"]]} if "Plans" in node else told


CLAIM_PREFIX = "if-none-exist:"
"""Of the claims that only two conditional creates at the same moment need."""
