"""The background loops: timers that came due are marked, what is no longer needed is removed; jobs are worked on."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import NamedTuple

import psycopg
import psycopg_pool
import structlog

from gateway import reindex
from gateway.access import Grant
from gateway.forgetting import Forgetting
from gateway.guides import Guides
from gateway.jobs import Job
from gateway.logs import frames
from gateway.metrics import Metrics
from gateway.records import Records, Source
from gateway.search_parameters import SearchParameters
from gateway.settings import Settings
from gateway.workflows import timers
from profiles import json

Revive = Callable[[], None]
"""Starts the embedded database where it died; blocks."""

_ROUNDS_BETWEEN_PRUNING = 720
_ROUNDS_BETWEEN_INDEX = 12
_log = structlog.get_logger()
_SYSTEM = Grant("worker", tenant=1)
"""May nothing through the front of the door; rules act in the inner view."""


class Learned(NamedTuple):
    """What a process knows by what is stored, and must keep up with."""

    guides: Guides
    search_parameters: SearchParameters


@asynccontextmanager
async def running(
    source: Source,
    metrics: Metrics,
    learned: Learned,
    settings: Settings,
    revive: Revive,
) -> AsyncIterator[None]:
    """Both loops, for as long as the server serves."""
    rounds = run(source, metrics, learned, settings, revive)
    errand = errands(source, learned.search_parameters, settings.worker_seconds)
    loops = [asyncio.ensure_future(one) for one in (rounds, errand)]
    try:
        yield
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def run(
    source: Source,
    metrics: Metrics,
    learned: Learned,
    settings: Settings,
    revive: Revive,
) -> None:
    """Rounds without end; one that fails is told and followed by the next. A database that died is started again."""
    forgetting = Forgetting(source.ground, _SYSTEM.tenant)
    for number in count():
        try:
            await learned.guides.learn()
            await learned.search_parameters.learn()
            await tick(source, metrics)
            await source.jobs.prune()
            if number % _ROUNDS_BETWEEN_INDEX == 0:
                await forgetting.index()
            if number % _ROUNDS_BETWEEN_PRUNING == 0:
                await forgetting.claims()
                await forgetting.outbox(settings.outbox_days)
            metrics.worker_ran_at = time.time()
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            _log.error("database-away", error=type(error).__name__)
            await _revived(revive)
        except Exception as error:  # noqa: BLE001 - whatever it is, timers must go on
            _log.error("worker-round-failed", error=type(error).__name__, at=frames(error))
        await asyncio.sleep(settings.worker_seconds)


async def errands(source: Source, search_parameters: SearchParameters, seconds: float) -> None:
    """Works on the jobs that nobody works on, one after the other, without end."""
    while True:
        try:
            job = await source.jobs.claim(("reindex", "search-parameter"))
            if job is not None:
                await _errand(source, search_parameters, job)
                continue
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            _log.error("database-away", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - it is taken up again when its lease has ended
            _log.error("job-failed", error=type(error).__name__, at=frames(error))
        await asyncio.sleep(seconds)


async def _errand(source: Source, search_parameters: SearchParameters, job: Job) -> None:
    try:
        if job.kind == "search-parameter":
            await search_parameters.work(job)
        else:
            aim = reindex.everything(source.ground.catalogue, json.loads(job.about)["types"])
            await reindex.run(source.ground.store, source.jobs, job, aim)
    except asyncio.CancelledError:
        await source.jobs.release([job.id])
        raise


async def _revived(revive: Revive) -> None:
    try:
        await asyncio.to_thread(revive)
    except (OSError, RuntimeError) as error:
        _log.error("database-not-revived", error=str(error))


async def tick(source: Source, metrics: Metrics) -> int:
    """Marks the timers that are due by the source's clock; how many there were."""
    marked = await timers.mark_breached(Records(source, _SYSTEM, "worker"))
    metrics.timers_breached.inc(marked)
    if marked:
        _log.info("timers-breached", timers=marked)
    return marked
