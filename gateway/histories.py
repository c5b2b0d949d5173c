"""Versions of resources, newest first, page by page. https://hl7.org/fhir/R4/http.html#history"""

from dataclasses import dataclass, replace

from gateway.access import Grant
from gateway.errors import BadRequest
from gateway.search.paging import Seals, Sought
from gateway.search.query import Bookmark
from gateway.storage.hashes import target
from gateway.storage.rows import Stored, Version
from gateway.storage.statements import statement
from gateway.work import Ground
from profiles import definitions

_EVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Sight:
    """What part of a history is asked for."""

    type: str | None = None
    id: str | None = None
    count: int = 100
    since: int = 0
    """Versions made at that time or later, in milliseconds since 1970 UTC."""
    at: tuple[int, int] | None = None
    """Versions that were current at some moment of that interval."""
    cursor: str | None = None

    @property
    def is_partial(self) -> bool:
        return bool(self.since or self.at or self.cursor)

    @property
    def path(self) -> str:
        return "/".join(part for part in (self.type, self.id, "_history") if part)


class Histories:
    """What one caller may read of them."""

    def __init__(self, ground: Ground, seals: Seals, grant: Grant) -> None:
        self._ground = ground
        self._seals = seals
        self._grant = grant

    @property
    def _owner(self) -> tuple[object, ...]:
        return self._grant.tenant, self._grant.actor

    async def page(self, sight: Sight) -> tuple[list[Version], str | None]:
        """Versions, newest first, and the cursor of the next page."""
        for one in (sight.type,) if sight.type else ("*",):
            self._grant.require(one, "read")
            self._require_whole(one)
        mark = Bookmark("", ())
        if sight.cursor is not None:
            sought = self._seals.open(sight.cursor, self._owner, self._ground.now().timestamp())
            if sought.path != sight.path:
                raise BadRequest(
                    "FD-SEARCH-PAGE", "分页链接不属于此地址。", "The page link does not belong to this address."
                )
            mark = sought.bookmark
            asked = dict(sought.pairs)
            sight = replace(
                sight,
                count=int(asked["count"]),
                since=int(asked["since"]),
                at=(int(asked["from"]), int(asked["to"])) if "from" in asked else None,
            )
        return await self._versions(sight, mark)

    def _require_whole(self, resource_type: str) -> None:
        if self._grant.limits(resource_type, "read"):
            # a version of long ago may be of somebody else's compartment
            Grant(self._grant.actor, self._grant.tenant).require(resource_type, "read")

    async def _versions(self, sight: Sight, mark: Bookmark) -> tuple[list[Version], str | None]:
        moment, rid, version = mark.place or (_EVER, _EVER, 2**31 - 1)
        asked: dict[str, object] = {
            "tenant": self._grant.tenant,
            "since": sight.since,
            "before": sight.at[1] if sight.at else _EVER,
            "after": sight.at[0] if sight.at else -_EVER,
            "ever": _EVER,
            "at": mark.snapshot or None,
            "place": moment,
            "place_rid": rid,
            "place_version": version,
            "below": version,
            "limit": sight.count + 1,
        }
        if sight.id:
            asked["ref"] = target(f"{sight.type}/{sight.id}")
        else:
            asked["types"] = [sight.type] if sight.type else sorted(definitions.resource_types())
        text = statement("history_of" if sight.id else "history")
        rows = await self._ground.store.query(text, asked)
        versions = [Version(Stored(*row[:7]), row[7]) for row in rows[: sight.count]]
        if len(rows) <= sight.count or not versions:
            return versions, None
        last = versions[-1].stored
        place = (last.last_updated, last.rid, last.version)
        following = Bookmark(mark.snapshot or rows[0][-1], place, begun=mark.begun)
        pairs = [("count", str(sight.count)), ("since", str(sight.since))]
        if sight.at:
            pairs += [("from", str(sight.at[0])), ("to", str(sight.at[1]))]
        return versions, self._seals.seal(
            Sought(sight.path, tuple(pairs), following), self._owner, self._ground.now().timestamp()
        )
