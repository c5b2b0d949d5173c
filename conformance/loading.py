"""Loads what the story needs into a FHIR server: our definitions and the reference data; again changes nothing."""

from collections.abc import Callable
from datetime import date

from conformance.story import server
from conformance.synthetic.population import LOAD_RECORD, Population, population, reference_bundles
from profiles import package
from profiles.http import AsyncClient
from profiles.json import Resource

_SEED = 20241122
Told = Callable[[str], None]


async def definitions(http: AsyncClient, told: Told) -> None:
    """Code systems, message definitions and search parameters: those that the server does not have as they are."""
    wanted = [resource for kind in package.KINDS for resource in package.resources(kind)]
    changed = [resource for resource in wanted if not await _same(http, resource)]
    told(f"定义 definitions: {len(wanted)}, 更新 to load {len(changed)}")
    if changed:
        entries = [{"resource": one, "request": {"method": "PUT", "url": _url(one)}} for one in changed]
        await server.transact(http, {"resourceType": "Bundle", "type": "transaction", "entry": entries})


async def reference_data(http: AsyncClient, today: date, told: Told) -> Population:
    """The people on the server: those loaded before, whenever that was, or those of `today`."""
    loaded = await server.read(http, f"Provenance/{LOAD_RECORD}")
    if loaded:
        day = date.fromisoformat(loaded["occurredDateTime"])
        told(f"参考数据 reference data: 已于 {day} 载入 loaded already")
        return population(_SEED, day)
    bundles = reference_bundles(_SEED, today)
    for number, bundle in enumerate(bundles, start=1):
        await server.transact(http, bundle)
        told(f"参考数据 reference data: {number}/{len(bundles)}, {len(bundle['entry'])} 个资源 resources")
    return population(_SEED, today)


async def _same(http: AsyncClient, resource: Resource) -> bool:
    stored = await server.read(http, _url(resource))
    return stored is not None and {**stored, "meta": None} == {**resource, "meta": None}


def _url(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
