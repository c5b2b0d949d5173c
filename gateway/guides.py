"""What resources are held to: the profiles and terminology in the package, and those that are stored here.

What is stored counts at once in the process that stored it, and after a round of the worker in every other. What the
package defines cannot be redefined by storing it, or whoever may write a StructureDefinition could weaken our rules.
"""

import asyncio

import psycopg
import psycopg_pool
import structlog

from gateway import validation
from gateway.storage import arrays
from gateway.storage.statements import statement
from gateway.storage.store import Store
from gateway.validation import Guide
from profiles import json, structures, terminology
from profiles.json import Resource
from profiles.validation import Validator

_STRUCTURE = "StructureDefinition"
KINDS = ("CodeSystem", _STRUCTURE, "ValueSet")
_VERSIONS = """
    SELECT rid, version FROM resource
    WHERE tenant = %(tenant)s::smallint AND type = ANY(%(types)s::text[]) AND NOT deleted"""
_AT_ONCE = 500
_log = structlog.get_logger()


class Guides:
    """The guide of one process, kept up with the database."""

    def __init__(self, store: Store, tenant: int) -> None:
        self._store = store
        self._tenant = tenant
        self._read: dict[int, tuple[int, Resource | None]] = {}
        self._current = validation.shipped()
        self._turn = asyncio.Lock()

    def current(self) -> Guide:
        return self._current

    async def learn(self) -> None:
        """Reads what is new; what was learned is compiled when it is first asked for, however much came at once."""
        async with self._turn:
            asked = {"tenant": self._tenant, "types": list(KINDS)}
            current = dict(await self._store.query(_VERSIONS, asked))
            new = [rid for rid, version in current.items() if self._read.get(rid, (0,))[0] != version]
            if not new and self._read.keys() == current.keys():
                return
            self._read = {rid: read for rid, read in self._read.items() if rid in current}
            for at in range(0, len(new), _AT_ONCE):
                await self._read_again(new[at : at + _AT_ONCE])
            stored = [resource for _, resource in self._read.values() if resource]
            known = structures.shipped().including(one for one in stored if one["resourceType"] == _STRUCTURE)
            codes = terminology.shipped().including(one for one in stored if one["resourceType"] != _STRUCTURE)
            self._current = Guide(Validator(known, codes), codes)

    async def follow(self) -> None:
        """After a write of one: what cannot be learned now is learned in the next round."""
        try:
            await self.learn()
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            _log.error("database-away", error=type(error).__name__)

    async def _read_again(self, rids: list[int]) -> None:
        asked = {"tenant": self._tenant, "rids": arrays.integers(rids)}
        for rid, version, _, content in await self._store.query(statement("reindex_again"), asked):
            resource = json.loads(content)
            self._read[rid] = version, None if is_shipped(resource) else resource


def is_shipped(resource: Resource) -> bool:
    """Whether the package defines what has this canonical URL."""
    url = resource.get("url", "")
    match resource["resourceType"]:
        case "StructureDefinition":
            return structures.shipped().definition(url) is not None
        case "CodeSystem":
            return terminology.shipped().system(url) is not None
        case _:
            return terminology.shipped().value_set(url) is not None
