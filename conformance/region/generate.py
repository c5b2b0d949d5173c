"""What `fdgw gen population` does: to a terminal, into a folder, or onto a server; how far it is goes to stderr."""

import asyncio
import errno
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conformance.errors import DemoError
from conformance.region import files, sending
from conformance.region.files import Told
from conformance.region.population import batches
from profiles.http import HTTPError

DONE, FAILED, UNREACHABLE = 0, 1, 4
"""Exit codes."""
_EVERY = 2.0
"""Seconds between two words of progress."""


@dataclass(frozen=True, slots=True)
class Wanted:
    patients: int
    seed: int
    today: date
    bundles: bool = False
    out: Path | None = None
    """None: stdout."""
    to: str | None = None
    """The base of a FHIR server; then there are no files."""
    token: str | None = None
    parallel: int = 4


def run(wanted: Wanted) -> int:
    """The exit code."""
    started = time.monotonic()
    try:
        told = _sent(wanted) if wanted.to else _written(wanted)
    except DemoError as error:
        _say(f"{error}\n未完成；修正后重新运行同一命令即可 not finished; mend it and run the same command again")
        return FAILED
    except HTTPError as error:
        _say(f"{wanted.to}: 连接失败 connection failed: {type(error).__name__} {error}")
        return UNREACHABLE
    except OSError as error:
        if wanted.out is None:  # whoever read stdout has gone; that is nothing to tell of
            raise
        _say(f"{wanted.out}: {error.strerror}")
        return FAILED
    seconds = max(time.monotonic() - started, 0.001)
    _say(f"完成 done: {_words(told)}, {seconds:.1f} 秒 s, {told.resources / seconds:.0f} 资源/秒 resources/s")
    return DONE


def _written(wanted: Wanted) -> Told:
    told, all_of_it = Told(), batches(wanted.seed, wanted.today, wanted.patients)
    if wanted.out is None:
        write = files.bundles_to if wanted.bundles else files.resources_to
        write(sys.stdout.buffer, all_of_it, told)
        sys.stdout.buffer.flush()
    else:
        wanted.out.mkdir(parents=True, exist_ok=True)
        if any(wanted.out.iterdir()):
            raise OSError(errno.ENOTEMPTY, "不是空目录，请另选一个 not an empty folder, name another one")
        write_into = files.bundles_into if wanted.bundles else files.resources_into
        write_into(wanted.out, all_of_it, told)
    return told


def _sent(wanted: Wanted) -> Told:
    said = time.monotonic()

    def progress(told: Told) -> None:
        nonlocal said
        if time.monotonic() - said > _EVERY:
            said = time.monotonic()
            _say(f"{_words(told)} / {wanted.patients}")

    all_of_it = batches(wanted.seed, wanted.today, wanted.patients)
    return asyncio.run(sending.send(wanted.to or "", wanted.token, all_of_it, wanted.parallel, progress))


def _words(told: Told) -> str:
    return f"{told.batches} 批 transactions, {told.resources} 资源 resources, {told.patients} 人 patients"


def _say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)  # noqa: T201 - stdout is for the data
