"""The demonstration: starts a site, loads data, plays the story, shows what came of it and where to look."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console

from conformance import loading
from conformance.errors import DemoError
from conformance.processes import guarded
from conformance.site import Ports, Site, site, token_command
from conformance.story import mllp, report, table
from conformance.story.cast import cast
from conformance.story.play import Played, play
from conformance.story.report import Row
from conformance.story.steps import steps
from profiles import json
from profiles.http import HTTPError, client
from profiles.policy import ZONE

PLAYED, MISSED, INTERRUPTED = 0, 1, 130
"""Exit codes."""
_WIDTH = 160
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Options:
    ports: Ports
    data_dir: Path | None
    once: bool
    as_json: bool


def run(options: Options) -> int:
    """The exit code: 1 when an expectation was missed or the story could not be played."""
    try:
        return asyncio.run(_interruptible(options))
    except DemoError as error:
        _tell(str(error))
    except (HTTPError, EOFError, OSError) as error:
        _tell(f"连接中断 connection lost: {type(error).__name__} {error}")
    return MISSED


async def _interruptible(options: Options) -> int:
    """SIGINT and SIGTERM cancel what is going on, once; the cleaning up that follows goes on to its end."""
    work = asyncio.create_task(_demo(options))

    def interrupt() -> None:
        _on_signals(lambda: None)
        work.cancel()

    _on_signals(interrupt)
    try:
        return await work
    except asyncio.CancelledError:
        return INTERRUPTED


def _on_signals(call: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, call)


async def _demo(options: Options) -> int:
    async with site(options.ports, options.data_dir, _tell) as running:
        rows = await guarded(running.programs, _story(running))
        _show(rows, running, options)
        if options.once:
            _on_signals(lambda: None)
        else:
            _tell("按 Ctrl-C 结束 runs until Ctrl-C")
            await _held(running)
    _tell("已停止 stopped")
    return MISSED if any(row.missed for row in rows) else PLAYED


async def _story(running: Site) -> list[Row]:
    started = datetime.now(ZONE)
    async with client(running.fhir, running.token) as http, mllp.line(*running.mllp) as line:
        await loading.definitions(http, _tell)
        people = await loading.reference_data(http, started.date(), _tell)
        played = await play(line, http, steps(cast(people, started), started), _tell_played)
        return await report.rows(http, played)


async def _held(running: Site) -> None:
    """Until it is interrupted; raises `ProgramError` when a program ends."""
    try:
        await asyncio.gather(*(program.ended() for program in running.programs))
    except asyncio.CancelledError:
        return


def _show(rows: Sequence[Row], running: Site, options: Options) -> None:
    if options.as_json:
        print(json.dumps({"fhir": running.fhir, "rows": report.plain(rows)}).decode())  # noqa: T201 - its output
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    table.show(console, rows)
    for line in _places(running, token_command(options.data_dir)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _places(running: Site, token: str) -> list[str]:
    root = running.fhir.removesuffix("/fhir")
    asked = f"{running.fhir}/Task?status=requested&_count=5"
    return [
        f"FHIR API  {running.fhir}/metadata",
        f"状态 state  {root}/readyz  {root}/metrics",
        f"HL7 v2  mllp://{running.mllp[0]}:{running.mllp[1]}",
        f"待办时限 open timers  curl -s -H \"Authorization: Bearer $({token})\" '{asked}'",
    ]


def _tell_played(played: Played) -> None:
    step = played.step
    _tell(f"ADT^{step.trigger} {step.charset} {step.note} → {played.ack.code}")


def _tell(words: str) -> None:
    """Progress, on stderr: stdout is for the result."""
    Console(stderr=True).print(f"· {words}", markup=False, highlight=False, soft_wrap=True)
