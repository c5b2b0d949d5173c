"""The one door to the data: the caller is inside, and every read and write passes here."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from gateway import clock, references, reindex
from gateway.access import Grant
from gateway.audit import Audit
from gateway.drafts import Draft
from gateway.errors import Busy, Conflict, Duplicate, Gone, not_found
from gateway.finding import Explained, Finder, Found, Place
from gateway.histories import Histories, Sight
from gateway.jobs import Job, Jobs
from gateway.planning import Linking, Outcome, Planner, Write, outcome
from gateway.search.paging import Seals
from gateway.search.parameters import Catalogue
from gateway.search.query import Pairs, Query
from gateway.storage.rows import Access, Stored, Version
from gateway.storage.writes import ClaimTaken, Stale, StillReferred
from gateway.work import Ground, Results, Work
from profiles import json
from profiles.validation import Issue

_ATTEMPTS = 24
"""Of one that plans again: turns are of a process, and the writers of other processes may be quicker for a while."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Source:
    """What the records of one gateway have in common."""

    ground: Ground
    audit: Audit
    seals: Seals
    jobs: Jobs
    follow: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    """By resource type, what the server itself does when one was written."""
    multiple_delete: bool = False
    """A conditional delete may delete more than one resource."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever plans a transaction again."""


class Records:
    """The data as one caller may see and change it."""

    def __init__(self, source: Source, grant: Grant, request: str, base: str = "") -> None:
        self.grant = grant
        self.finder = Finder(source.ground, source.seals, grant, base)
        self._histories = Histories(source.ground, source.seals, grant)
        self._planner = Planner(self.finder, grant)
        self._source = source
        self._ground = source.ground
        self._request = request

    @property
    def multiple_delete(self) -> bool:
        return self._source.multiple_delete

    @property
    def referential_integrity(self) -> bool:
        return self._ground.integrity

    @property
    def catalogue(self) -> Catalogue:
        return self._ground.catalogue

    @property
    def now(self) -> datetime:
        return self._ground.now()

    async def read(self, resource_type: str, resource_id: str) -> Stored:
        """The current version; raises `NotFound`, or `Gone` when it was deleted."""
        self.grant.require(resource_type, "read")
        key = resource_type, resource_id
        stored = (await self._ground.store.reader.by_id.get(self.grant.tenant, [key])).get(key)
        stored = await self.finder.seen(stored)
        self._log("read", resource_type, resource_id, 1 if stored else 0)
        return _existing(stored)

    async def vread(self, resource_type: str, resource_id: str, version: int) -> Stored:
        self.grant.require(resource_type, "read")
        stored = await self._ground.store.version(self.grant.tenant, resource_type, resource_id, version)
        stored = await self.finder.seen(stored)
        if stored is not None and stored.version != version:
            stored = None  # who may see what it is now may see no version that was of somebody else's compartment
        self._log("vread", resource_type, resource_id, 1 if stored else 0)
        return _existing(stored)

    async def history(self, sight: Sight) -> tuple[list[Version], str | None]:
        """Versions, newest first, and the cursor of the next page; `NotFound` for a resource that never was."""
        versions, cursor = await self._histories.page(sight)
        self._log("history", sight.type or "*", sight.id, len(versions))
        if not versions and sight.id and not sight.is_partial:
            raise not_found()
        return versions, cursor

    async def search(self, place: Place | str, pairs: Pairs, *, lenient: bool = False) -> Found:
        """What matches, of one type or of those in `_type`, and what was asked to come along."""
        where = Place(place) if isinstance(place, str) else place
        found = await self.finder.search(where, pairs, lenient=lenient)
        self._log("search", where.type or "*", where.id, len(found.matches) + len(found.included))
        return found

    async def paged(self, place: Place, pairs: Pairs, reading: Callable[[Pairs], Query]) -> Found:
        """A page of a search that an operation makes of the pairs; `_cursor` among them goes on with it."""
        found = await self.finder.paged(place, pairs, reading)
        self._log("search", place.type or "*", place.id, len(found.matches) + len(found.included))
        return found

    async def latest(self, pairs: Pairs, most: int, *, lenient: bool = False) -> Found:
        """Of the Observations that match, the newest of every code."""
        found = await self.finder.latest(pairs, most, lenient=lenient)
        self._log("search", "Observation", None, len(found.matches) + len(found.included))
        return found

    async def metas(self, place: Place) -> list[tuple[str, Any]]:
        """Every profile, tag and security label in use there, each with the name of its element."""
        found = await self.finder.metas(place)
        self._log("search", place.type or "*", None, 0)
        return found

    async def among(self, references: Iterable[str]) -> list[Stored]:
        """Those of some resources, `Patient/1`, that are there and that the caller may read."""
        found = await self.finder.among(references)
        for stored in found:
            self._log("read", stored.type, stored.id, 1)
        return found

    async def explain(self, place: Place, pairs: Pairs, *, lenient: bool = False) -> Explained:
        """How a search is carried out: the SQL and the planner's plan, without any value; for operators."""
        self.grant.require_operation("explain")
        return await self.finder.explain(place, pairs, lenient=lenient)

    @property
    def jobs(self) -> Jobs:
        return self._source.jobs

    async def reindex(self, types: Sequence[str]) -> Job:
        """Starts to make the index again for these types, or for all; for operators."""
        self.grant.require_operation("reindex")
        asked = reindex.everything(self._ground.catalogue, types)
        total = await reindex.total(self._ground.store, self.grant.tenant, asked.types)
        about = json.dumps({"types": list(types), "errors": 0}).decode()
        job = self.jobs.new(self.grant.tenant, "reindex", self.grant.actor, about, total)
        await self.jobs.add(job, wait=0)
        self._log("reindex", ",".join(types) or "*", None, total)
        return job

    async def write(self, writes: Sequence[Write], linking: Linking | None = None) -> list[Outcome]:
        """All of them in one transaction, with what the rules make of them; one outcome for each, in order."""
        for write in writes:
            self.grant.require(write.type, write.interaction)

        planned, results = await self.unrestricted(lambda work: self._planner.plan(work, writes, linking))
        return [outcome(one, results) for one in planned]

    async def check(self, resource: object, profiles: Iterable[str]) -> list[Issue]:
        """What is wrong with any JSON value as a resource, by itself, its profiles and these; nothing is stored."""
        referred = references.local(resource) if isinstance(resource, dict) else ()
        found = {f"{one.type}/{one.id}": one.resource() for one in await self.finder.among(referred)}
        return self._ground.guide().validator.check(resource, profiles, resolve=found.get)

    async def rehearse(self, write: Write) -> None:
        """Raises what the write would be refused for, and stores nothing."""
        self.grant.require(write.type, write.interaction)
        work = Work(self._ground, self.grant.tenant)
        await self._planner.plan(work, [write], None)
        await work.apply_rules()
        if self._ground.integrity:
            await work.require_references()
            if referrers := await work.referrers():
                raise _referred(referrers)
        if rivals := await work.rivals():
            raise _claimed(ClaimTaken(*rivals))

    async def unrestricted(self, plan: Callable[[Work], Awaitable[_T]]) -> tuple[_T, Results]:
        """Runs a plan of our own workflows in one transaction; planned again when somebody else wrote first.

        Those that plan again take turns, so that many writers of one resource all get through.
        """
        try:
            return await self._attempt(plan)
        except (Stale, ClaimTaken):
            pass
        async with self._source.turn:
            for number in range(_ATTEMPTS):
                try:
                    return await self._attempt(plan, again=True)
                except Stale:
                    continue
                except ClaimTaken as taken:
                    if number:
                        raise _claimed(taken) from taken
        raise Busy(
            "FD-BUSY",
            "资源正被他人频繁更新,请稍后重试。",
            "Others keep changing the resource; try again in a moment.",
        )

    async def _attempt(self, plan: Callable[[Work], Awaitable[_T]], *, again: bool = False) -> tuple[_T, Results]:
        """What was refused before may have been so for a reference that leads nowhere; only then is it looked for."""
        ground = self._ground
        work = Work(ground, self.grant.tenant)
        planned = await plan(work)
        await work.apply_rules()
        if again and ground.integrity:
            await work.require_references()
        unit, results = await work.unit(self._access)
        try:
            if unit.changes:
                await ground.store.writer.commit(unit)
        except ClaimTaken as taken:
            raise ClaimTaken(*await work.rivals()) from taken
        except StillReferred as referred:
            raise _referred(await work.referrers()) from referred
        for resource_type in self._source.follow.keys() & {change.stored.type for change in unit.changes}:
            await self._source.follow[resource_type]()
        return planned, results

    def _access(self, draft: Draft, interaction: str) -> Access:
        return self._line(interaction, draft.type, draft.id, 1)

    def _log(self, interaction: str, resource_type: str, resource_id: str | None, results: int) -> None:
        self._source.audit.add(self.grant.tenant, self._line(interaction, resource_type, resource_id, results))

    def _line(self, interaction: str, resource_type: str, resource_id: str | None, results: int) -> Access:
        at = clock.milliseconds(self._ground.now())
        row = self._ground.row_id()
        return Access(row, at, self.grant.actor, interaction, resource_type, resource_id, self._request, results)


def _claimed(taken: ClaimTaken) -> Duplicate:
    holders = ", ".join(map(str, taken.args)) or "?"
    return Duplicate(
        "FD-CLAIM",
        f"其唯一编号已属于 {holders};请改为更新该资源。",
        f"Its unique number belongs to {holders}; update that resource instead.",
    )


def _referred(referrers: Sequence[str]) -> Conflict:
    shown = ", ".join(referrers) or "?"
    return Conflict(
        "FD-REFERRED",
        f"仍被其他资源引用({shown}),不能删除;请先删除或修改这些资源。",
        f"Other resources refer to it ({shown}), so it cannot be deleted; delete or change them first.",
    )


def _existing(stored: Stored | None) -> Stored:
    if stored is None:
        raise not_found()
    if stored.deleted:
        raise Gone(
            "FD-GONE", "资源已删除;历史版本仍可读取。", "The resource was deleted; its history can still be read."
        )
    return stored
