"""A region put on a FHIR server, transaction by transaction, several at a time."""

import asyncio
from collections.abc import Callable, Iterable

from conformance import processes
from conformance.region.files import Told
from conformance.region.population import Batch, bundle
from conformance.story import server
from profiles.http import AsyncClient, client

Progress = Callable[[Told], None]
_SECONDS = 120.0
"""For the answer to one transaction."""


async def send(to: str, token: str | None, batches: Iterable[Batch], parallel: int, progress: Progress) -> Told:
    """All of it; the token is by default what `fdgw token` prints. Raises `ServerError` at the first refusal."""
    known = token or await processes.output(["token"], {})
    told = Told()
    async with client(to.rstrip("/"), known, seconds=_SECONDS, connections=parallel) as http:
        under_way: set[asyncio.Task[Batch]] = set()
        try:
            for batch in batches:
                under_way = await _landed(under_way, 0 if batch.shared else parallel - 1, told, progress)
                under_way.add(asyncio.create_task(_sent(http, batch)))
                if batch.shared:
                    under_way = await _landed(under_way, 0, told, progress)
            await _landed(under_way, 0, told, progress)
        finally:
            for task in under_way:
                task.cancel()
    return told


async def _sent(http: AsyncClient, batch: Batch) -> Batch:
    await server.transact(http, bundle(batch))
    return batch


async def _landed(
    under_way: set[asyncio.Task[Batch]], most: int, told: Told, progress: Progress
) -> set[asyncio.Task[Batch]]:
    """Those that are still under way, once there are no more than `most`."""
    while len(under_way) > most:
        done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            told.add(task.result().resources)
            progress(told)
    return under_way
