"""Puts the HL7 v2 feed together: listener, inbox, lanes, health; runs until it is told to stop."""

import asyncio
import gc
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import NamedTuple

import structlog

from adapters import status
from adapters.fhir_client import Gateway
from adapters.hl7v2 import questions
from adapters.hl7v2.forwarding import deliver
from adapters.hl7v2.inbox import Inbox
from adapters.hl7v2.lanes import Lanes, Pace
from adapters.hl7v2.mllp import Limits, Listener
from adapters.hl7v2.receiver import Receiver
from adapters.hl7v2.statements import State
from adapters.metrics import Metrics
from adapters.settings import Settings

SITE_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")

_RARELY = (50_000, 20, 20)
"""Allocations before the collector looks for cycles: a message makes hundreds of objects and no cycle."""


class Feed(NamedTuple):
    """A running feed: its ports, and the work that ends only by cancellation or in an error."""

    mllp: int
    status: int
    forwarding: asyncio.Task[None]


def now() -> datetime:
    return datetime.now(SITE_ZONE)


def start(settings: Settings, announce: Callable[[Feed], None]) -> None:
    """Runs the feed in this process, which does nothing else."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", key="ts"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    gc.freeze()
    gc.set_threshold(*_RARELY)
    with asyncio.Runner(loop_factory=_event_loop) as runner:
        runner.run(run(settings, announce))


async def run(settings: Settings, announce: Callable[[Feed], None]) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what it has received; raises when forwarding breaks."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with running(settings) as feed:
        announce(feed)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, feed.forwarding], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()


@asynccontextmanager
async def running(settings: Settings, pace: Pace | None = None) -> AsyncIterator[Feed]:
    """The feed, from its listening to its last answer."""
    metrics, seconds = Metrics(), settings.hl7v2_drain_seconds
    pace = pace or Pace(parallel=settings.gateway_parallel)
    async with AsyncExitStack() as closing:
        inbox = Inbox(settings.inbox)
        closing.push_async_callback(inbox.close)
        gateway = Gateway(
            settings.gateway_url, settings.token, seconds=settings.gateway_seconds, connections=pace.parallel
        )
        closing.push_async_callback(gateway.close)
        told = partial(deliver, inbox, gateway, metrics)
        lanes = Lanes(inbox, told, pace, time.time, random.SystemRandom().random)
        closing.push_async_callback(lanes.drain, seconds)
        forwarding = asyncio.create_task(lanes.run())
        closing.push_async_callback(_cancelled, forwarding)
        receiver = Receiver(inbox, metrics, now, negotiated=settings.hl7v2_acknowledgement == "negotiated")
        listener = Listener(receiver, _limits(settings), time.monotonic)
        port = await listener.start(settings.hl7v2_host, settings.hl7v2_port)
        closing.push_async_callback(listener.drain, seconds)
        checks = partial(_checks, inbox, listener, lanes, metrics, forwarding)
        health = await status.serve(settings.hl7v2_host, settings.hl7v2_status_port, metrics.registry, checks)
        closing.callback(health.close)
        yield Feed(port, health.sockets[0].getsockname()[1], forwarding)


def _limits(settings: Settings) -> Limits:
    return Limits(
        frame=settings.hl7v2_frame_limit,
        connections=settings.hl7v2_connections,
        idle=settings.hl7v2_idle_seconds,
        frame_seconds=settings.hl7v2_frame_seconds,
    )


async def _cancelled(task: asyncio.Task[None]) -> None:
    """Ends it; raises what had ended it before."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _event_loop() -> asyncio.AbstractEventLoop:
    """The faster one where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _checks(
    inbox: Inbox, listener: Listener, lanes: Lanes, metrics: Metrics, forwarding: asyncio.Task[None]
) -> Mapping[str, bool]:
    """Ready is who can take messages; the inbox bridges a gateway that is away, which only the metrics tell."""
    metrics.publish()
    depth, oldest = await inbox.ask(questions.backlog)
    metrics.depth.set(depth)
    metrics.oldest.set((now() - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0)
    held = await inbox.ask(questions.held)
    for state in (State.PARKED, State.REJECTED):
        metrics.held.labels(state.value).set(held.get(state, 0))
    metrics.connections.set(listener.connections)
    metrics.refused.set(listener.refused)
    metrics.gateway.set(not lanes.breaker.open)
    checks = {"inbox": not inbox.failing, "forwarding": not forwarding.done()}
    metrics.up.set(all(checks.values()))
    return checks
