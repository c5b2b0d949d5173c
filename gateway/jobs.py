"""What the server does behind its answers, in the database: how far it is, who works on it, what came of it.

A job belongs to whoever works on it until its `alive`, in the database's time; that is put off while it works. One
that nobody puts off any more is resumed by another process, or was interrupted where it cannot be resumed.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from gateway import clock
from gateway.storage.statements import statement
from gateway.storage.store import Store

Kind = Literal["reindex", "search-parameter", "request"]
State = Literal["running", "done", "ending"]

LEASE_SECONDS = 30
_LEASE_MS = LEASE_SECONDS * 1000
_DAY_MS = 86_400_000


class Job(NamedTuple):
    tenant: int
    id: str
    kind: Kind
    actor: str
    created: int
    """By the clock of the gateway, in milliseconds since 1970 UTC; a job is kept for a day."""
    state: State
    done: int
    total: int
    place: int
    """The row id up to which it has come."""
    about: str
    """JSON."""
    answer: bytes | None = None


class Found(NamedTuple):
    job: Job
    alive: bool
    """Somebody works on it, or nobody may yet."""


class Jobs:
    def __init__(self, store: Store, now: clock.Clock) -> None:
        self._store = store
        self._now = now

    def new(self, tenant: int, kind: Kind, actor: str, about: str = "{}", total: int = 0) -> Job:
        created = clock.milliseconds(self._now())
        return Job(tenant, clock.uuid7(), kind, actor, created, "running", 0, total, 0, about)

    async def add(self, job: Job, *, wait: float = LEASE_SECONDS) -> None:
        """Nobody else takes it up for so many seconds; one that is there already is left as it is."""
        await self._store.execute(statement("job_add"), {**job._asdict(), "wait": round(wait * 1000)})

    async def find(self, tenant: int, job_id: str, actor: str) -> Found | None:
        """A job of that caller's."""
        asked = {"tenant": tenant, "id": job_id, "actor": actor}
        rows = await self._store.query(statement("job_find"), asked)
        return Found(Job(*rows[0][:-1]), rows[0][-1]) if rows else None

    async def of_kind(self, tenant: int, kind: Kind) -> list[Job]:
        asked = {"tenant": tenant, "kind": kind}
        return [Job(*row) for row in await self._store.query(statement("job_list"), asked)]

    async def claim(self, kinds: Iterable[Kind]) -> Job | None:
        """The oldest that nobody works on, and is now ours."""
        rows = await self._store.query(statement("job_claim"), {"kinds": list(kinds), "lease": _LEASE_MS})
        return Job(*rows[0]) if rows else None

    async def advance(self, before: Job, after: Job) -> bool:
        """Keeps how far it is, if it is still ours: not forgotten, not ended, not taken up by somebody else."""
        own = {"lease": _LEASE_MS, "was": before.state, "from": before.place}
        return bool(await self._store.query(statement("job_advance"), {**after._asdict(), **own}))

    async def keep(self, ids: Iterable[str]) -> set[str]:
        """Puts off the end of these; which of them are still ours."""
        rows = await self._store.query(statement("job_keep"), {"ids": list(ids), "lease": _LEASE_MS})
        return {row[0] for row in rows}

    async def release(self, ids: Iterable[str]) -> None:
        """We no longer work on these."""
        await self._store.execute("UPDATE job SET alive = 0 WHERE id = ANY(%(ids)s::text[])", {"ids": list(ids)})

    async def end(self, job: Job, wait: float) -> None:
        """A search parameter that is no longer one; after so many seconds somebody takes its rows away."""
        asked = {"tenant": job.tenant, "id": job.id, "wait": round(wait * 1000)}
        await self._store.execute(statement("job_end"), asked)

    async def forget(self, tenant: int, job_id: str) -> None:
        sql = "DELETE FROM job WHERE tenant = %(tenant)s::smallint AND id = %(id)s"
        await self._store.execute(sql, {"tenant": tenant, "id": job_id})

    async def prune(self) -> None:
        """Forgets what is a day old."""
        await self._store.execute(statement("job_prune"), {"before": clock.milliseconds(self._now()) - _DAY_MS})
