"""Search parameters that users define: checked when written, indexed behind the answers, then searched by.

An active SearchParameter resource makes a job (`gateway.jobs`); the job is what every process learns from. The rows of
one definition stand under keys of its own (`Name.edition`, the id of the job), so that those of an older one, which
nobody has kept true, are never found. https://hl7.org/fhir/R4/searchparameter.html
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import psycopg
import psycopg_pool
import structlog

from gateway import compilable, reindex
from gateway.jobs import Job, Jobs
from gateway.search.parameters import Catalogue, defined
from gateway.search.terms import Name, key
from gateway.storage import arrays
from gateway.storage.statements import statement
from gateway.storage.store import Store
from profiles import json
from profiles.definitions import SearchParameter
from profiles.json import Resource

_log = structlog.get_logger()
_TABLES = ("link", "words", "span", "amount")
_VERSIONS = """
    SELECT rid, version FROM resource
    WHERE tenant = %(tenant)s::smallint AND type = 'SearchParameter' AND NOT deleted"""


class _Wanted(NamedTuple):
    """An active definition: where it comes from and what it says, of what matters."""

    rid: int
    version: int
    about: Resource


class SearchParameters:
    """What one process knows of them, kept up with the database."""

    def __init__(self, store: Store, jobs: Jobs, catalogue: Catalogue, tenant: int, wait: float) -> None:
        """`wait`: seconds in which every process has learned of what the database holds."""
        self._store = store
        self._jobs = jobs
        self._catalogue = catalogue
        self._tenant = tenant
        self._wait = wait
        self._read: dict[int, tuple[int, Resource | None]] = {}
        self._turn = asyncio.Lock()

    async def learn(self) -> None:
        """Makes jobs of new definitions, ends those that are no longer, and tells the catalogue; the latest last."""
        async with self._turn:
            await self._learn()

    async def _learn(self) -> None:
        wanted = {one.rid: one for one in await self._active()}
        known = [job for job in await self._jobs.of_kind(self._tenant, "search-parameter") if job.state != "ending"]
        kept: list[Job] = []
        for job in known:
            about = json.loads(job.about)
            one = wanted.get(about["row"])
            if one is not None and one.about == about["definition"]:
                kept.append(job)
                del wanted[one.rid]
            else:
                await self._jobs.end(job, self._wait)
        for one in wanted.values():
            await self._begin(one)
        if wanted:
            known = await self._jobs.of_kind(self._tenant, "search-parameter")
            kept = [job for job in known if job.state != "ending"]
        tell(self._catalogue, kept)

    async def follow(self) -> None:
        """After a write of one: what cannot be learned now is learned in the next round."""
        try:
            await self.learn()
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            _log.error("database-away", error=type(error).__name__)

    async def _begin(self, one: _Wanted) -> None:
        """The id says of which version it is, so that processes that see it at the same moment make one job."""
        types = compilable.types(one.about)
        about = json.dumps({"row": one.rid, "definition": one.about}).decode()
        counted = await reindex.total(self._store, self._tenant, types)
        job = self._jobs.new(self._tenant, "search-parameter", "worker", about, counted)
        await self._jobs.add(job._replace(id=f"search-parameter-{one.rid:x}-{one.version}"), wait=self._wait)

    async def _active(self) -> list[_Wanted]:
        """Those that can be indexed; a version is read once."""
        current = dict(await self._store.query(_VERSIONS, {"tenant": self._tenant}))
        new = [rid for rid, version in current.items() if self._read.get(rid, (0,))[0] != version]
        self._read = {rid: read for rid, read in self._read.items() if rid in current}
        if new:
            asked = {"tenant": self._tenant, "rids": arrays.integers(new)}
            for rid, version, _, content in await self._store.query(statement("reindex_again"), asked):
                self._read[rid] = version, compilable.reduced(json.loads(content))
        return [_Wanted(rid, version, about) for rid, (version, about) in sorted(self._read.items()) if about]

    async def work(self, job: Job) -> None:
        """Fills the index for one, or empties it of what no longer is one."""
        about = json.loads(job.about)["definition"]
        types = compilable.types(about)
        if job.state == "ending":
            await self._sweep(job, types, about["code"])
        else:
            catalogue = Catalogue()
            catalogue.add({job.id: (_defined(about, types), False)})
            if await reindex.run(self._store, self._jobs, job, reindex.of_parameter(catalogue, types, about["code"])):
                await self.learn()

    async def _sweep(self, job: Job, types: Iterable[str], code: str) -> None:
        """Its references above all: what they lead to can be deleted again. Its keys in idx cannot be listed."""
        keys = [key(Name(kind, code, job.id)) for kind in types]
        for table in _TABLES:
            sql = f"DELETE FROM {table} WHERE tenant = %(tenant)s::smallint AND key = ANY(%(keys)s::bigint[])"  # noqa: S608
            await self._store.execute(sql, {"tenant": self._tenant, "keys": keys})
        await self._jobs.forget(job.tenant, job.id)


def tell(catalogue: Catalogue, known: Iterable[Job]) -> None:
    """What the jobs are about, for the catalogue; of two of one code, the later counts."""
    custom: dict[str, tuple[SearchParameter, bool]] = {}
    progress: dict[str, tuple[int, int]] = {}
    for job in known:
        about = json.loads(job.about)["definition"]
        custom[job.id] = _defined(about, compilable.types(about)), job.state == "done"
        progress[job.id] = job.done, job.total
    catalogue.progress = progress
    catalogue.add(custom)


def _defined(about: Mapping[str, object], types: Iterable[str]) -> SearchParameter:
    return defined({**about, "base": list(types)})
