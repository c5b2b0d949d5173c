"""What a caller's writes come to: which resources they are about, and the drafts of one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from gateway import clock
from gateway.access import Grant
from gateway.drafts import Draft, Expected
from gateway.errors import BadRequest, FhirError, VersionMismatch, not_found
from gateway.finding import Finder
from gateway.search.query import Pairs
from gateway.storage.rows import Stored
from gateway.work import Results, Work
from profiles.json import Resource

_MANY = 1000
"""Resources that a conditional delete deletes at most."""


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


class Planner:
    """Drafts what a caller asks for, as far as he may."""

    def __init__(self, finder: Finder, grant: Grant) -> None:
        self._finder = finder
        self._grant = grant

    async def plan(self, work: Work, writes: Sequence[Write], linking: Linking | None) -> "list[Planned]":
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
            await work.note_holder(self._finder.criteria_name(write.type, write.criteria))
            try:
                matches = await self._finder.matching(work, write.type, write.criteria, _MANY if write.many else 2)
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
            self._grant.require(resource_type, "search")
            found = await self._finder.matching(work, resource_type, parse_qsl(query, keep_blank_values=True), 2)
            if len(found) != 1:
                raise _unresolved(resource_type, len(found))
            known[text] = f"{resource_type}/{found[0].id}"
        return known

    async def _planned(self, work: Work, aim: "_Aim") -> "Planned":
        """The drafts of one write; none where there is nothing to do."""
        write = aim.write
        if write.interaction == "delete":
            return Planned(tuple(draft for draft in work.drafts(write.type) if draft.id in aim.ids))
        if write.criteria is None:
            return Planned((await _draft(work, aim, str(write.id)),))
        if aim.match is None:
            return await self._made(work, aim)
        if write.new:
            return Planned((), aim.match)
        if aim.resource is not None and aim.resource.get("id") not in {None, aim.match.id}:
            raise _other_id(write.type)
        return Planned((await _draft(work, aim, aim.match.id),))

    async def _made(self, work: Work, aim: "_Aim") -> "Planned":
        """Nothing matches: a new resource, under the id that the client gave it or one of ours."""
        write = aim.write
        if write.change:
            raise not_found()
        resource = {**(aim.resource or {}), "id": aim.id}
        draft = work.create(resource) if write.new or "id" not in (write.resource or {}) else await work.put(resource)
        work.reserve(draft, self._finder.criteria_name(write.type, write.criteria or ()))
        return Planned((draft,))


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
class Planned:
    """What a write means in a transaction: drafts, or the resource that made it needless."""

    drafts: tuple[Draft, ...]
    match: Stored | None = None


def outcome(planned: Planned, results: Results) -> Outcome:
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
            raise not_found()
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
