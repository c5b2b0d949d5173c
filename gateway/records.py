"""The one door to the data: the caller is inside, and every read and write passes here."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from gateway import clock, reindex
from gateway.access import Grant
from gateway.audit import Audit
from gateway.errors import BadRequest, Busy, Conflict, Duplicate, FhirError, Gone, NotFound, VersionMismatch
from gateway.finding import Explained, Finder, Found, Place, Sight
from gateway.jobs import Job, Jobs
from gateway.search.paging import Seals
from gateway.search.parameters import Catalogue
from gateway.search.query import Pairs, Query
from gateway.storage.rows import Access, Stored, Version
from gateway.storage.writes import ClaimTaken, Stale, StillReferred
from gateway.work import Draft, Expected, Ground, Results, Work
from profiles import json
from profiles.json import Resource

_ATTEMPTS = 24
"""Of one that plans again: turns are of a process, and the writers of other processes may be quicker for a while."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Write:
    """One write that a caller asks for; no resource and no change means delete."""

    type: str
    id: str | None
    """None where `criteria` say which resource is meant."""
    resource: Resource | None = None
    expected: Expected | None = None
    """If-Match."""
    new: bool = False
    """The id is one that we just made, so that nothing can be stored under it yet."""
    criteria: Pairs | None = None
    """The search that finds the one that is meant, or for a create the one that makes it needless."""
    change: Callable[[Resource], Resource] | None = None
    """A patch: what becomes of the resource as it is."""
    many: bool = False
    """A conditional delete may delete more than one."""
    place: str | None = None
    """Where in the request it stands, for errors."""

    @property
    def interaction(self) -> str:
        if self.change is not None:
            return "update"
        if self.resource is None:
            return "delete"
        return "create" if self.new else "update"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write came to; nothing stored where nothing was there to delete."""

    stored: Stored | None
    created: bool
    matched: bool = False
    """A conditional create found that there is one already."""


@dataclass(frozen=True, slots=True)
class Linking:
    """How the resources of one transaction refer to each other."""

    names: tuple[str | None, ...]
    """By what name the others know the resource of each write."""
    sought: frozenset[str]
    """References that are searches: `Patient?identifier=…`."""
    rewrite: Callable[[int, Mapping[str, str]], Resource | None]
    """The resource of a write, with what every name became."""


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
        versions, cursor = await self.finder.history(sight)
        self._log("history", sight.type or "*", sight.id, len(versions))
        if not versions and sight.id and not sight.is_partial:
            raise _not_found()
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

        planned, results = await self.unrestricted(lambda work: self._plan(work, writes, linking))
        return [_outcome(one, results) for one in planned]

    async def rehearse(self, write: Write) -> None:
        """Raises what the write would be refused for, and stores nothing."""
        self.grant.require(write.type, write.interaction)
        work = Work(self._ground, self.grant.tenant)
        await self._plan(work, [write], None)
        await work.apply_rules()
        if self._ground.integrity:
            await work.require_references()
            if referrers := await work.referrers():
                raise _referred(referrers)
        if rivals := await work.rivals():
            raise _claimed(ClaimTaken(*rivals))

    async def _plan(self, work: Work, writes: Sequence[Write], linking: Linking | None) -> "list[_Planned]":
        await work.load(f"{write.type}/{write.id}" for write in writes if write.id and not write.new)
        aims = [await self._aim(work, write) for write in writes]
        _require_once(aims)
        if linking:
            known = await self._known(work, aims, linking)
            aims = [replace(aim, resource=linking.rewrite(at, known)) for at, aim in enumerate(aims)]
        return [await self._planned(work, aim) for aim in aims]

    async def _aim(self, work: Work, write: Write) -> "_Aim":
        """Which resources a write is about; what it deletes is deleted before others look for it."""
        if write.criteria is None:
            aim = _Aim(write, write.resource, (str(write.id),))
        else:
            await work.note_holder(self.finder.criteria_name(write.type, write.criteria))
            try:
                matches = await self.finder.matching(work, write.type, write.criteria, _MANY if write.many else 2)
            except FhirError as error:
                raise (error.at(write.place) if write.place else error) from error
            if len(matches) > 1 and not write.many:
                raise _several(write.place)
            aim = _Aim(write, write.resource, tuple(match.id for match in matches), matches[0] if matches else None)
        if write.interaction == "delete":
            for own in aim.ids:
                await work.delete(write.type, own, write.expected)
        return aim

    async def _known(self, work: Work, aims: "Sequence[_Aim]", linking: Linking) -> dict[str, str]:
        """What every fullUrl became, and every search that stands for a reference found."""
        known = {name: f"{aim.write.type}/{aim.id}" for name, aim in zip(linking.names, aims, strict=True) if name}
        for text in sorted(linking.sought):
            resource_type, _, query = text.partition("?")
            self.grant.require(resource_type, "search")
            found = await self.finder.matching(work, resource_type, parse_qsl(query, keep_blank_values=True), 2)
            if len(found) != 1:
                raise _unresolved(resource_type, len(found))
            known[text] = f"{resource_type}/{found[0].id}"
        return known

    async def _planned(self, work: Work, aim: "_Aim") -> "_Planned":
        """The drafts of one write; none where there is nothing to do."""
        write = aim.write
        if write.interaction == "delete":
            return _Planned(tuple(draft for draft in work.drafts(write.type) if draft.id in aim.ids))
        if write.criteria is None:
            return _Planned((await _draft(work, aim, str(write.id)),))
        if aim.match is None:
            return await self._made(work, aim)
        if write.new:
            return _Planned((), aim.match)
        if aim.resource is not None and aim.resource.get("id") not in {None, aim.match.id}:
            raise _other_id(write.type)
        return _Planned((await _draft(work, aim, aim.match.id),))

    async def _made(self, work: Work, aim: "_Aim") -> "_Planned":
        """Nothing matches: a new resource, under the id that the client gave it or one of ours."""
        write = aim.write
        if write.change:
            raise _not_found()
        resource = {**(aim.resource or {}), "id": aim.id}
        draft = work.create(resource) if write.new or "id" not in (write.resource or {}) else await work.put(resource)
        work.reserve(draft, self.finder.criteria_name(write.type, write.criteria or ()))
        return _Planned((draft,))

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


@dataclass(frozen=True, slots=True)
class _Aim:
    """Which resources a write turned out to be about."""

    write: Write
    resource: Resource | None
    """What is to be written, with its references made literal."""
    ids: tuple[str, ...]
    match: Stored | None = None
    """What the criteria found."""
    own: str = field(default_factory=clock.uuid7)

    @property
    def id(self) -> str:
        """Of the resource as it will be."""
        if self.ids:
            return self.ids[0]
        return self.write.id or (self.write.resource or {}).get("id") or self.own


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a write means in a transaction: drafts, or the resource that made it needless."""

    drafts: tuple[Draft, ...]
    match: Stored | None = None


_MANY = 1000
"""Resources that a conditional delete deletes at most."""


def _outcome(planned: _Planned, results: Results) -> Outcome:
    if planned.match is not None:
        return Outcome(planned.match, created=False, matched=True)
    if not planned.drafts:
        return Outcome(None, created=False)
    draft = planned.drafts[0]
    return Outcome(results[draft.type, draft.id], created=draft.before is None)


async def _draft(work: Work, aim: _Aim, resource_id: str) -> Draft:
    write = aim.write
    if write.change is not None:
        before = await work.get(f"{write.type}/{resource_id}")
        if before is None:
            raise _not_found()
        draft = await work.put(before, write.expected)  # raises before a patch that was made for another version does
        draft.after = write.change(before)
        return draft
    resource = {**(aim.resource or {}), "id": resource_id}
    return work.create(resource) if write.new else await work.put(resource, write.expected)


def _require_once(aims: Sequence[_Aim]) -> None:
    seen: set[tuple[str, str]] = set()
    for aim in aims:
        for own in (aim.ids or (aim.id,)) if aim.write.interaction != "delete" else aim.ids:
            key = aim.write.type, own
            if key in seen and not (aim.write.new and aim.match):
                raise BadRequest(
                    "FD-BUNDLE-TWICE",
                    "同一资源在一个事务中只能写入一次。",
                    "A transaction may write a resource only once.",
                    aim.write.place,
                )
            seen.add(key)


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


def _several(place: str | None) -> VersionMismatch:
    return VersionMismatch(
        "FD-SEVERAL",
        "条件匹配到多个资源,无法确定所指的是哪一个;请收窄条件。",
        "The criteria match more than one resource, so it is not clear which is meant; make them narrower.",
        place,
    )


def _unresolved(resource_type: str, count: int) -> VersionMismatch:
    return VersionMismatch(
        "FD-CONDITIONAL-REFERENCE",
        f"条件引用 {resource_type}?… {'没有匹配到资源' if not count else '匹配到多个资源'}。",
        f"The conditional reference {resource_type}?… matches {'nothing' if not count else 'more than one resource'}.",
    )


def _other_id(resource_type: str) -> BadRequest:
    return BadRequest(
        "FD-ID-MISMATCH",
        "条件匹配到的资源与请求体的 id 不同。",
        "The resource that the criteria match has another id than the body.",
        f"{resource_type}.id",
    )


def _existing(stored: Stored | None) -> Stored:
    if stored is None:
        raise _not_found()
    if stored.deleted:
        raise Gone(
            "FD-GONE", "资源已删除;历史版本仍可读取。", "The resource was deleted; its history can still be read."
        )
    return stored


def _not_found() -> NotFound:
    return NotFound(
        "FD-NOT-FOUND", "没有这个资源;请检查类型与 id。", "There is no such resource; check its type and id."
    )
