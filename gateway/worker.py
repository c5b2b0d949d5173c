"""The background loop: timers that came due are marked, what the outbox no longer needs is removed."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import psycopg
import psycopg_pool
import structlog

from gateway import clock
from gateway.access import Grant
from gateway.logs import frames
from gateway.metrics import Metrics
from gateway.records import Records, Source
from gateway.workflows import timers

Revive = Callable[[], None]
"""Starts the embedded database where it died; blocks."""

_ROUNDS_BETWEEN_PRUNING = 720
_log = structlog.get_logger()
_SYSTEM = Grant("worker", tenant=1, permissions={})
"""May nothing through the front of the door; rules act in the inner view."""


async def run(source: Source, metrics: Metrics, *, seconds: float, outbox_days: int, revive: Revive) -> None:
    """Rounds without end; one that fails is told and followed by the next. A database that died is started again."""
    for number in count():
        try:
            await tick(source, metrics)
            if number % _ROUNDS_BETWEEN_PRUNING == 0:
                await _prune(source, outbox_days)
            metrics.worker_ran_at = time.time()
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            _log.error("database-away", error=type(error).__name__)
            await _revived(revive)
        except Exception as error:  # noqa: BLE001 - whatever it is, timers must go on
            _log.error("worker-round-failed", error=type(error).__name__, at=frames(error))
        await asyncio.sleep(seconds)


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


async def _prune(source: Source, days: int) -> None:
    statement = "DELETE FROM outbox WHERE tenant = %(tenant)s AND oid < %(before)s"
    before = clock.RowIds.first_of(source.now() - timedelta(days=days))
    await source.store.execute(statement, {"tenant": _SYSTEM.tenant, "before": before})
