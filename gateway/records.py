"""The one door to the data: the caller is inside, and every read and write passes here."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from gateway import clock
from gateway.access import Grant
from gateway.audit import Audit
from gateway.errors import Busy, Duplicate, Gone, NotFound
from gateway.search import query, select
from gateway.storage.rows import Access, Stored
from gateway.storage.store import Store
from gateway.storage.writes import ClaimTaken, Stale
from gateway.work import Draft, Results, Rulebook, Work
from profiles.json import Resource

_ATTEMPTS = 8
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Write:
    """One write that a caller asks for; no resource means delete."""

    type: str
    id: str
    resource: Resource | None
    if_match: int | None = None
    new: bool = False
    """The id is one that we just made, so that nothing can be stored under it yet."""

    @property
    def interaction(self) -> str:
        if self.resource is None:
            return "delete"
        return "create" if self.new else "update"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write came to."""

    stored: Stored | None
    created: bool


@dataclass(frozen=True, slots=True)
class Page:
    matches: list[Stored]
    total: int | None
    cursor: str | None
    """Where the next page begins, when there is one."""
    query: query.Query


@dataclass(frozen=True, slots=True)
class Source:
    """What the records of one gateway have in common."""

    store: Store
    audit: Audit
    rulebook: Rulebook
    now: clock.Clock
    row_id: Callable[[], int]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever plans a transaction again."""


class Records:
    """The data as one caller may see and change it."""

    def __init__(self, source: Source, grant: Grant, request: str) -> None:
        self.grant = grant
        self._source = source
        self._request = request

    @property
    def now(self) -> datetime:
        return self._source.now()

    async def read(self, resource_type: str, resource_id: str) -> Stored:
        """The current version; raises `NotFound`, or `Gone` when it was deleted."""
        self.grant.require(resource_type, "read")
        key = resource_type, resource_id
        stored = (await self._source.store.reader.by_id.get(self.grant.tenant, [key])).get(key)
        self._log("read", resource_type, resource_id, 1 if stored else 0)
        return _existing(stored)

    async def vread(self, resource_type: str, resource_id: str, version: int) -> Stored:
        self.grant.require(resource_type, "read")
        stored = await self._source.store.version(self.grant.tenant, resource_type, resource_id, version)
        self._log("vread", resource_type, resource_id, 1 if stored else 0)
        return _existing(stored)

    async def history(self, resource_type: str, resource_id: str) -> list[Stored]:
        """Every version, newest first; raises `NotFound` where there never was one."""
        self.grant.require(resource_type, "read")
        versions = await self._source.store.versions(self.grant.tenant, resource_type, resource_id)
        self._log("history", resource_type, resource_id, len(versions))
        if not versions:
            raise _not_found()
        return versions

    async def search(self, resource_type: str, pairs: query.Pairs, *, lenient: bool = False) -> Page:
        self.grant.require(resource_type, "search")
        asked = query.parse(resource_type, pairs, self._source.now(), lenient=lenient)
        rows = await self._source.store.query(*select.page(asked, self.grant.tenant))
        total = None
        if asked.total:
            total = (await self._source.store.query(*select.total(asked, self.grant.tenant)))[0][0]
        more = len(rows) > asked.count > 0
        page = rows[: asked.count]
        cursor = query.next_cursor(page[-1][7], page[-1][2]) if more else None
        self._log("search", resource_type, None, len(page))
        return Page([Stored(*row[:7]) for row in page], total, cursor, asked)

    async def write(self, writes: Sequence[Write]) -> list[Outcome]:
        """All of them in one transaction, with what the rules make of them; one outcome for each, in order."""
        for write in writes:
            self.grant.require(write.type, write.interaction)

        async def plan(work: Work) -> list[Draft]:
            await work.load(f"{write.type}/{write.id}" for write in writes if not write.new)
            return [await _draft(work, write) for write in writes]

        drafts, results = await self.unrestricted(plan)
        return [Outcome(results[draft.type, draft.id], created=draft.before is None) for draft in drafts]

    async def unrestricted(self, plan: Callable[[Work], Awaitable[_T]]) -> tuple[_T, Results]:
        """Runs a plan of our own workflows in one transaction; planned again when somebody else wrote first.

        Those that plan again take turns, so that many writers of one resource all get through.
        """
        try:
            return await self._attempt(plan)
        except (Stale, ClaimTaken):
            pass
        async with self._source.turn:
            for _ in range(_ATTEMPTS):
                try:
                    return await self._attempt(plan)
                except Stale:
                    continue
                except ClaimTaken as taken:
                    raise _claimed(taken) from taken
        raise Busy(
            "FD-BUSY",
            "资源正被他人频繁更新,请稍后重试。",
            "Others keep changing the resource; try again in a moment.",
        )

    async def _attempt(self, plan: Callable[[Work], Awaitable[_T]]) -> tuple[_T, Results]:
        source = self._source
        work = Work(source.store, self.grant.tenant, source.now(), source.rulebook, source.row_id)
        planned = await plan(work)
        await work.apply_rules()
        unit, results = await work.unit(self._access)
        try:
            if unit.changes:
                await source.store.writer.commit(unit)
        except ClaimTaken as taken:
            raise ClaimTaken(*await work.rivals()) from taken
        return planned, results

    def _access(self, draft: Draft, interaction: str) -> Access:
        return self._line(interaction, draft.type, draft.id, 1)

    def _log(self, interaction: str, resource_type: str, resource_id: str | None, results: int) -> None:
        self._source.audit.add(self.grant.tenant, self._line(interaction, resource_type, resource_id, results))

    def _line(self, interaction: str, resource_type: str, resource_id: str | None, results: int) -> Access:
        at = clock.milliseconds(self._source.now())
        row = self._source.row_id()
        return Access(row, at, self.grant.actor, interaction, resource_type, resource_id, self._request, results)


def _claimed(taken: ClaimTaken) -> Duplicate:
    holders = ", ".join(map(str, taken.args)) or "?"
    return Duplicate(
        "FD-CLAIM",
        f"其唯一编号已属于 {holders};请改为更新该资源。",
        f"Its unique number belongs to {holders}; update that resource instead.",
    )


async def _draft(work: Work, write: Write) -> Draft:
    if write.resource is None:
        return await work.delete(write.type, write.id, write.if_match)
    if write.new:
        return work.create(write.resource)
    return await work.put(write.resource, write.if_match)


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
