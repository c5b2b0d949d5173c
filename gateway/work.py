"""A unit of work: what a transaction read, what it wants to write, and the rules that follow from it.

It is planned on a snapshot, computed without holding a connection, and committed as one statement; when
somebody else wrote first, it is planned again from the start.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway import clock
from gateway.errors import VersionMismatch
from gateway.search import index, query, select
from gateway.storage.rows import Access, Change, Rows, Stored, Unit
from gateway.storage.store import Store
from gateway.validation import require_valid
from profiles import json
from profiles.json import Resource

_PASSES = 5
"""Rules may cause writes that have rules of their own, so many times over and no further."""


@dataclass(slots=True)
class Draft:
    """One resource as it was and as it will be; None where it was not, or will not be."""

    type: str
    id: str
    stored: Stored | None
    before: Resource | None
    after: Resource | None

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"


Rule = Callable[["Work", Sequence[Draft]], Awaitable[None]]
"""Gets all drafts of its resource type in the transaction at once, so that it can look things up for all at once."""
Claims = Callable[[Resource], Iterable[str]]
"""The names of what at most one resource may hold, that this one holds by its content."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the domain adds to the plain server, by resource type."""

    rules: Mapping[str, tuple[Rule, ...]]
    claims: Mapping[str, Claims]


class Work:
    """The inner view of one transaction, without access control: rules get it, callers never do."""

    def __init__(self, store: Store, tenant: int, now: datetime, rulebook: Rulebook, row_id: Callable[[], int]) -> None:
        self.now = now
        self._store = store
        self._tenant = tenant
        self._rulebook = rulebook
        self._row_id = row_id
        self._known: dict[tuple[str, str], Stored | None] = {}
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._ruled: set[tuple[str, str]] = set()
        self._valid: dict[tuple[str, str], Resource] = {}

    async def load(self, references: Iterable[str]) -> None:
        """Reads all of these at once, so that `get` finds them without asking again."""
        keys = {_key(reference) for reference in references} - self._known.keys()
        found = await self._store.reader.by_id.get(self._tenant, keys)
        self._known |= {key: found.get(key) for key in keys}

    async def get(self, reference: str) -> Resource | None:
        """The resource as this transaction sees it."""
        draft = self._drafts.get(_key(reference))
        if draft is not None:
            return draft.after
        await self.load([reference])
        stored = self._known[_key(reference)]
        return None if stored is None or stored.deleted else stored.resource()

    async def find(self, resource_type: str, criteria: Mapping[str, Iterable[str]]) -> list[Resource]:
        """What the database has that matches, as this transaction sees it; `drafts` has what is new."""
        text, parameters = select.page(query.find(resource_type, criteria, self.now), self._tenant)
        rows = [Stored(*row[:7]) for row in await self._store.query(text, parameters)]
        self._known |= {(row.type, row.id): row for row in rows if (row.type, row.id) not in self._known}
        seen = [self._drafts.get((row.type, row.id)) or row.resource() for row in rows]
        return [one for each in seen if (one := each.after if isinstance(each, Draft) else each) is not None]

    async def held(self, names: Iterable[str]) -> dict[str, Resource]:
        """The resources that hold these claims, by the claim's name; those that held them before come before drafts."""
        wanted = set(names)
        found = await self._store.reader.by_claim.get(self._tenant, wanted)
        self._known |= {(row.type, row.id): row for row in found.values() if (row.type, row.id) not in self._known}
        seen = {name: await self.get(f"{row.type}/{row.id}") for name, row in found.items()}
        drafted = {
            name: draft.after
            for draft in self._drafts.values()
            if draft.after is not None
            for name in self._claims(draft.after) & wanted
        }
        return drafted | {name: one for name, one in seen.items() if one and name in self._claims(one)}

    def drafts(self, resource_type: str | None = None) -> list[Draft]:
        return [draft for draft in self._drafts.values() if resource_type in {None, draft.type}]

    def create(self, resource: Resource) -> Draft:
        """Drafts a new resource, under an id of ours unless it has one that nothing can be stored under yet."""
        resource_type, resource_id = resource["resourceType"], resource.get("id") or clock.uuid7()
        key = resource_type, resource_id
        self._known[key] = None
        self._drafts[key] = Draft(*key, None, None, {**resource, "id": resource_id})
        return self._drafts[key]

    async def put(self, resource: Resource, if_match: int | None = None) -> Draft:
        """Drafts the resource under its own id, new or not."""
        draft = await self._draft(resource["resourceType"], resource["id"], if_match)
        draft.after = resource
        return draft

    async def delete(self, resource_type: str, resource_id: str, if_match: int | None = None) -> Draft:
        draft = await self._draft(resource_type, resource_id, if_match)
        draft.after = None
        return draft

    async def _draft(self, resource_type: str, resource_id: str, if_match: int | None) -> Draft:
        key = resource_type, resource_id
        await self.load([f"{resource_type}/{resource_id}"])
        stored = self._known[key]
        _require_version(stored, if_match)
        if key not in self._drafts:
            before = None if stored is None or stored.deleted else stored.resource()
            self._drafts[key] = Draft(*key, stored, before, before)
        return self._drafts[key]

    async def apply_rules(self) -> None:
        """Lets every rule see the drafts of its type once, those that rules themselves made included."""
        for _ in range(_PASSES):
            fresh = {key: draft for key, draft in self._drafts.items() if key not in self._ruled}
            self._ruled |= fresh.keys()
            for draft in fresh.values():
                self._require_valid(draft)
            for resource_type in dict.fromkeys(key[0] for key in fresh):
                drafts = [draft for draft in fresh.values() if draft.type == resource_type]
                for rule in self._rulebook.rules.get(resource_type, ()):
                    await rule(self, drafts)

    def unit(self, access: Callable[[Draft, str], Access]) -> tuple[Unit, dict[tuple[str, str], Stored | None]]:
        """What to commit, and every draft's resource as it will be stored; identical content makes no new version."""
        written = clock.milliseconds(self.now)
        changes, results = [], {}
        for key, draft in self._drafts.items():
            change = self._change(draft, written)
            results[key] = change.stored if change else draft.stored
            if change:
                changes.append((draft, change))
        accesses = tuple(access(draft, change.interaction) for draft, change in changes)
        return Unit(self._tenant, tuple(change for _, change in changes), accesses), results

    def _change(self, draft: Draft, written: int) -> Change | None:
        old = draft.stored
        if draft.after is None:
            return self._removal(draft, written) if old and not old.deleted else None
        self._require_valid(draft)
        if old and not old.deleted and old.content == render(draft.after, old.version, old.last_updated):
            return None
        version = old.version + 1 if old else 1
        updated = max(written, old.last_updated + 1) if old else written
        content = render(draft.after, version, updated)
        rid = old.rid if old else self._row_id()
        stored = Stored(draft.type, draft.id, rid, version, updated, deleted=False, content=content)
        interaction = "update" if draft.before else "create"
        return self._difference(draft, stored, interaction)

    def _removal(self, draft: Draft, written: int) -> Change:
        old = draft.stored
        assert old is not None  # noqa: S101 - the caller has looked
        updated = max(written, old.last_updated + 1)
        stored = Stored(draft.type, draft.id, old.rid, old.version + 1, updated, deleted=True, content=b"")
        return self._difference(draft, stored, "delete")

    def _difference(self, draft: Draft, stored: Stored, interaction: str) -> Change:
        """The rows of the index that come and go: the old ones are made again from the old content."""
        old = index.rows(draft.before) if draft.before else Rows()
        new = index.rows(draft.after) if draft.after else Rows()
        held, wanted = self._claims(draft.before), self._claims(draft.after)
        return Change(
            stored,
            interaction,
            self._row_id(),
            new=new.without(old),
            gone=old.without(new),
            claims=wanted - held,
            released=held - wanted,
        )

    def _require_valid(self, draft: Draft) -> None:
        """Checks what was not checked before: rules may rely on the structure of what they are given."""
        key = draft.type, draft.id
        if draft.after is None or self._valid.get(key) is draft.after:
            return
        require_valid(draft.after)
        self._valid[key] = draft.after

    def _claims(self, resource: Resource | None) -> frozenset[str]:
        claims = self._rulebook.claims.get(resource["resourceType"]) if resource else None
        return frozenset(claims(resource)) if claims and resource else frozenset()


def render(resource: Resource, version: int, last_updated: int) -> bytes:
    """The resource as it is stored and sent, with its id and meta first.

    Encoding anew is cheaper than splicing id and meta into the bytes that came, and keeps decimals and order.
    """
    meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": clock.instant(last_updated)}
    head = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta}
    return json.dumps({**head, **{name: value for name, value in resource.items() if name not in head}})


def _key(reference: str) -> tuple[str, str]:
    resource_type, _, resource_id = reference.partition("/")
    return resource_type, resource_id


def _require_version(stored: Stored | None, if_match: int | None) -> None:
    if if_match is not None and (stored is None or stored.version != if_match):
        raise VersionMismatch(
            "FD-VERSION",
            "资源已被他人更新;请重新读取后再提交(If-Match 与当前版本不符)。",
            "The resource has been changed since; read it again before writing (If-Match is not its current version).",
        )
