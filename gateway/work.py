"""A unit of work: what a transaction read, what it wants to write, and the rules that follow from it.

It is planned on a snapshot, computed without holding a connection, and committed as one statement; when
somebody else wrote first, it is planned again from the start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway import clock, references
from gateway.drafts import Draft, Expected, claim_name, newly_referred, render, require_version
from gateway.errors import Unprocessable
from gateway.search import index, query, select, terms
from gateway.search.parameters import Catalogue
from gateway.search.terms import Name
from gateway.storage.hashes import target
from gateway.storage.rows import Access, Change, Rows, Stored, Unit
from gateway.storage.statements import statement
from gateway.storage.store import Store
from gateway.validation import Guide, require_valid
from profiles.json import Resource

_BREATH = 100
"""Resources after which a long transaction lets others have the event loop."""
_PASSES = 5
"""Rules may cause writes that have rules of their own, so many times over and no further."""


Results = dict[tuple[str, str], Stored | None]
"""What every resource of a transaction became, by type and id."""
Rule = Callable[["Work", Sequence[Draft]], Awaitable[None]]
"""Gets all drafts of its resource type in the transaction at once, so that it can look things up for all at once."""
Claims = Callable[[Resource], Iterable[str]]
"""The names of what at most one resource may hold, that this one holds by its content."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the domain adds to the plain server, by resource type."""

    rules: Mapping[str, tuple[Rule, ...]]
    claims: Mapping[str, Claims]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every transaction of one gateway stands on."""

    store: Store
    rulebook: Rulebook
    catalogue: Catalogue
    now: clock.Clock
    row_id: Callable[[], int]
    guide: Callable[[], Guide]
    """What resources are held to at this moment."""
    integrity: bool = True
    """What is referred to must be there, and stay there."""


class Work:
    """The inner view of one transaction, without access control: rules get it, callers never do."""

    def __init__(self, ground: Ground, tenant: int) -> None:
        self.now = ground.now()
        self._store = ground.store
        self._tenant = tenant
        self._rulebook = ground.rulebook
        self._catalogue = ground.catalogue
        self._row_id = ground.row_id
        self._integrity = ground.integrity
        self._validator = ground.guide().validator
        self._known: dict[tuple[str, str], Stored | None] = {}
        self._decoded: dict[tuple[str, str], Resource] = {}
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._ruled: set[tuple[str, str]] = set()
        self._valid: dict[tuple[str, str], Resource] = {}
        self._reserved: dict[tuple[str, str], str] = {}
        self._stale: dict[str, frozenset[tuple[str, int]]] = {}

    async def load(self, references: Iterable[str]) -> None:
        """Reads all of these at once, so that `get` finds them without asking again."""
        keys = {_key(reference) for reference in references} - self._known.keys()
        found = await self._store.reader.by_id.get(self._tenant, keys)
        self._known |= {key: found.get(key) for key in keys}

    async def get(self, reference: str) -> Resource | None:
        """The resource as this transaction sees it; it is never changed in place."""
        if _key(reference) not in self._drafts:
            await self.load([reference])
        return self._seen(_key(reference))

    async def find(
        self, resource_type: str, asked: Mapping[str, Iterable[str]], count: int = query.ALL
    ) -> list[Resource]:
        """What the database has that matches, in the form that this transaction gave it; what is new is in `drafts`."""
        text, parameters = select.page(query.find(resource_type, asked, self._catalogue, self.now, count), self._tenant)
        rows = [Stored(*row[:7]) for row in await self._store.query(text, parameters)]
        self.learn(rows)
        return [one for row in rows if (one := self._seen((row.type, row.id))) is not None]

    async def earliest(self, parameter: Name, before: datetime, count: int) -> list[Resource]:
        """Those that a date parameter dates before a moment, the earliest first."""
        asked = {
            "tenant": self._tenant,
            "key": terms.key(parameter),
            "before": clock.milliseconds(before),
            "count": count,
        }
        rows = [Stored(*row) for row in await self._store.query(statement("earliest"), asked)]
        self.learn(rows)
        return [one for row in rows if (one := self._seen((row.type, row.id))) is not None]

    async def held(self, names: Iterable[str]) -> dict[str, Resource]:
        """The resources that hold these claims, by the claim's name; those that held them before come before drafts."""
        wanted = set(map(claim_name, names))
        found = await self._store.reader.by_claim.get(self._tenant, wanted)
        self.learn(found.values())
        seen = {name: self._seen((row.type, row.id)) for name, row in found.items()}
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

    async def note_holder(self, name: str) -> None:
        """Notes who holds a name, before it is looked whether he still needs it: who takes it later is a rival."""
        holder = (await self._store.reader.by_claim.get(self._tenant, [name])).get(name)
        if holder is not None:
            self._stale[name] = frozenset({(name, holder.rid)})

    def reserve(self, draft: Draft, name: str) -> None:
        """Claims a name for a new resource whatever its content; who was noted to hold it no longer needs it."""
        self._reserved[draft.type, draft.id] = name

    async def put(self, resource: Resource, expected: Expected | None = None) -> Draft:
        """Drafts the resource under its own id, new or not."""
        draft = await self._draft(resource["resourceType"], resource["id"], expected)
        draft.after = resource
        return draft

    async def delete(self, resource_type: str, resource_id: str, expected: Expected | None = None) -> Draft:
        draft = await self._draft(resource_type, resource_id, expected)
        draft.after = None
        return draft

    def learn(self, rows: Iterable[Stored]) -> None:
        """Takes these for what the transaction read: it fails where somebody writes them meanwhile."""
        for row in rows:
            self._known.setdefault((row.type, row.id), row)

    def _seen(self, key: tuple[str, str]) -> Resource | None:
        if key in self._drafts:
            return self._drafts[key].after
        stored = self._known[key]
        if stored is None or stored.deleted:
            return None
        if key not in self._decoded:
            self._decoded[key] = stored.resource()
        return self._decoded[key]

    async def _draft(self, resource_type: str, resource_id: str, expected: Expected | None) -> Draft:
        key = resource_type, resource_id
        await self.load([f"{resource_type}/{resource_id}"])
        stored = self._known[key]
        require_version(stored, expected)
        if key not in self._drafts:
            before = self._seen(key)
            self._drafts[key] = Draft(*key, stored, before, before)
        return self._drafts[key]

    async def apply_rules(self) -> None:
        """Lets every rule see the drafts of its type once, those that rules themselves made included."""
        for _ in range(_PASSES):
            fresh = {key: draft for key, draft in self._drafts.items() if key not in self._ruled}
            self._ruled |= fresh.keys()
            for number, draft in enumerate(fresh.values()):
                self._require_valid(draft)
                if number % _BREATH == _BREATH - 1:
                    await asyncio.sleep(0)
            for resource_type in dict.fromkeys(key[0] for key in fresh):
                drafts = [draft for draft in fresh.values() if draft.type == resource_type]
                for rule in self._rulebook.rules.get(resource_type, ()):
                    await rule(self, drafts)

    async def unit(self, access: Callable[[Draft, str], Access]) -> tuple[Unit, Results]:
        """What to commit, and every draft's resource as it will be stored; identical content makes no new version."""
        written = clock.milliseconds(self.now)
        changes: list[tuple[Draft, Change]] = []
        results: Results = {}
        for number, (key, draft) in enumerate(self._drafts.items()):
            change = self._change(draft, written)
            results[key] = change.stored if change else draft.stored
            if change:
                changes.append((draft, change))
            if number % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
        accesses = tuple(access(draft, change.interaction) for draft, change in changes)
        guards = newly_referred(changes) if self._integrity else frozenset()
        committed = tuple(change for _, change in changes)
        return Unit(self._tenant, committed, accesses, guards, guarded=self._integrity), results

    def _is_drafted(self, reference: str) -> bool:
        draft = self._drafts.get(_key(reference))
        return draft is not None and draft.after is not None

    async def require_references(self) -> None:
        """Raises `Unprocessable` for every reference of the drafts that leads nowhere, with its place."""
        wanted = {one for draft in self._drafts.values() if draft.after for one in references.local(draft.after)}
        asked = [one for one in wanted if not self._is_drafted(one)]
        present = await self._store.present(self._tenant, map(target, asked))
        missing = {one for one in asked if _key(one) in self._drafts or target(one) not in present}
        issues = [issue for draft in self._drafts.values() for issue in references.dangling(draft.after, missing)]
        if issues:
            raise Unprocessable.of(issues)

    async def referrers(self) -> list[str]:
        """References of some that refer to what this transaction deletes."""
        gone = [target(draft.reference) for draft in self._drafts.values() if draft.after is None]
        return await self._store.referrers(self._tenant, gone)

    async def rivals(self) -> list[str]:
        """References of resources, not of this transaction, that hold what its drafts claim."""
        claims = {name for draft in self._drafts.values() for name in self._claims(draft.after)}
        found = await self._store.reader.by_claim.get(self._tenant, claims)
        return [f"{row.type}/{row.id}" for row in found.values() if (row.type, row.id) not in self._drafts]

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
        old = index.rows(self._catalogue, draft.before) if draft.before else Rows()
        new = index.rows(self._catalogue, draft.after) if draft.after else Rows()
        held, wanted = self._claims(draft.before), self._claims(draft.after)
        reserved = self._reserved.get((draft.type, draft.id), "")
        return Change(
            stored,
            target(f"{stored.type}/{stored.id}"),
            new.sort,
            interaction,
            self._row_id(),
            new=new.without(old),
            gone=old.without(new),
            claims=wanted - held | ({reserved} if reserved else frozenset()),
            released=frozenset((name, stored.rid) for name in held - wanted) | self._stale.get(reserved, frozenset()),
        )

    def _require_valid(self, draft: Draft) -> None:
        """Checks what was not checked before: rules may rely on the structure of what they are given."""
        key = draft.type, draft.id
        if draft.after is None or self._valid.get(key) is draft.after:
            return
        require_valid(draft.after, self._validator)
        self._valid[key] = draft.after

    def _claims(self, resource: Resource | None) -> frozenset[str]:
        claims = self._rulebook.claims.get(resource["resourceType"]) if resource else None
        return frozenset(map(claim_name, claims(resource))) if claims and resource else frozenset()


def _key(reference: str) -> tuple[str, str]:
    resource_type, _, resource_id = reference.partition("/")
    return resource_type, resource_id
