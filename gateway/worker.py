"""The background loop: timers that came due are marked, what the outbox no longer needs is removed."""

import asyncio
from datetime import timedelta

import psycopg
import psycopg_pool
import structlog

from gateway import clock
from gateway.access import Grant
from gateway.errors import FhirError
from gateway.metrics import Metrics
from gateway.records import Records, Source
from gateway.workflows import timers

_log = structlog.get_logger()
_SYSTEM = Grant("worker", tenant=1, permissions={})
"""May nothing through the front of the door; rules act in the inner view."""


async def run(source: Source, metrics: Metrics, *, seconds: float, outbox_days: int) -> None:
    """Rounds without end; one that fails is told and followed by the next."""
    while True:
        try:
            await tick(source, metrics)
            await _prune(source, outbox_days)
            metrics.worker_ran.set_to_current_time()
        except (psycopg.Error, psycopg_pool.PoolTimeout, FhirError) as error:
            _log.error("worker-round-failed", error=type(error).__name__)
        await asyncio.sleep(seconds)


async def tick(source: Source, metrics: Metrics) -> int:
    """Marks the timers that are due by the source's clock; how many there were."""
    marked = await timers.mark_breached(Records(source, _SYSTEM, "worker"))
    metrics.timers_breached.inc(marked)
    if marked:
        _log.info("timers-breached", timers=marked)
    return marked


async def _prune(source: Source, days: int) -> None:
    before = clock.milliseconds(source.now() - timedelta(days=days))
    await source.store.execute("DELETE FROM outbox WHERE written < %(before)s", {"before": before})
