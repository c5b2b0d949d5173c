"""Programs started beside us: awaited until they say that they are ready, and never left behind."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from conformance.errors import ProgramError

_READY = re.compile(r"^fdgw .* ready at (\S+)$", re.MULTILINE)
_PATIENCE, _GRACE = 180.0, 20.0
"""Seconds until ready (the first start makes a database), and from SIGTERM to SIGKILL."""
_PAUSE = 0.05
_TAIL = 20

_T = TypeVar("_T")


class Program:
    """A running `fdgw` command; what it prints goes to a file, so that it never waits for a reader."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log

    async def ready(self) -> str:
        """The address in its line `fdgw … ready at ADDRESS`; raises `ProgramError`."""
        for _ in range(int(_PATIENCE / _PAUSE)):
            if found := _READY.search(self._printed()):
                return found[1]
            if self._process.returncode is not None:
                raise self._error()
            await asyncio.sleep(_PAUSE)
        raise ProgramError(self.name, f"{_PATIENCE:.0f} 秒内未就绪 seconds and not ready", self._tail())

    async def ended(self) -> None:
        """Returns never: raises `ProgramError` when the program ends by itself."""
        await self._process.wait()
        raise self._error()

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL for one that does not end."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _GRACE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _error(self) -> ProgramError:
        return ProgramError(self.name, f"已退出 ended, exit {self._process.returncode}", self._tail())

    def _tail(self) -> str:
        return "\n".join(self._printed().splitlines()[-_TAIL:])

    def _printed(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


@asynccontextmanager
async def program(log: Path, arguments: list[str], environment: Mapping[str, str]) -> AsyncIterator[Program]:
    """`fdgw ARGUMENTS` for as long as the block runs; Ctrl-C reaches us alone, and we stop it."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            fdgw(),
            *arguments,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    started = Program(f"fdgw {arguments[0]}", process, log)
    try:
        yield started
    finally:
        await started.stop()


async def guarded(programs: Iterable[Program], work: Coroutine[Any, Any, _T]) -> _T:
    """The result of `work`; raises `ProgramError` when one of the programs ends before it is done."""
    told = asyncio.create_task(work)
    watched = [asyncio.create_task(one.ended()) for one in programs]
    try:
        await asyncio.wait({told, *watched}, return_when=asyncio.FIRST_COMPLETED)
        if not told.done() or told.exception():
            # A lost connection may be the first sign of a program that is about to end.
            ended, _ = await asyncio.wait(watched, timeout=1, return_when=asyncio.FIRST_COMPLETED)
            for one in ended:
                one.result()
        return await told
    finally:
        for task in (told, *watched):
            task.cancel()
        await asyncio.gather(told, *watched, return_exceptions=True)


async def output(arguments: list[str], environment: Mapping[str, str]) -> str:
    """What `fdgw ARGUMENTS` prints; raises `ProgramError` when it fails."""
    process = await asyncio.create_subprocess_exec(
        fdgw(),
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate()
    if process.returncode:
        raise ProgramError(f"fdgw {arguments[0]}", f"exit {process.returncode}", complaint.decode(errors="replace"))
    return said.decode().strip()


def fdgw() -> str:
    """The command installed beside this Python."""
    return str(Path(sys.executable).with_name("fdgw"))


def free_port(wanted: int) -> int:
    """`wanted`, or 0 for any when somebody has it already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted
