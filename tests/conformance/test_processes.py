"""Programs that the demonstration starts: ready when they say so, gone when it ends, missed when they die."""

import asyncio
import shlex
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance import processes, site
from conformance.errors import ProgramError

FEED = ["hl7v2", "--port", "0", "--status-port", "0"]


def environment(folder: Path) -> dict[str, str]:
    return {"FDGW_DATA_DIR": str(folder)}


def listens(address: str) -> bool:
    where = urlsplit(address)
    with socket.socket() as probe:
        return probe.connect_ex((where.hostname, where.port)) == 0


def test_a_program_runs_for_as_long_as_the_block(tmp_path: Path) -> None:
    async def run() -> tuple[bool, str]:
        async with processes.program(tmp_path / "log", FEED, environment(tmp_path)) as feed:
            address = await feed.ready()
            return await processes.guarded([feed], asyncio.to_thread(listens, address)), address

    there, address = asyncio.run(run())
    assert there
    assert address.startswith("mllp://127.0.0.1:")
    assert not listens(address)


def test_a_program_is_stopped_when_the_block_fails(tmp_path: Path) -> None:
    addresses = []

    async def run() -> None:
        async with processes.program(tmp_path / "log", FEED, environment(tmp_path)) as feed:
            addresses.append(await feed.ready())
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(run())
    assert not listens(addresses[0])


def test_a_program_that_cannot_start_is_told_with_what_it_said(tmp_path: Path) -> None:
    async def run() -> None:
        async with processes.program(tmp_path / "log", ["hl7v2", "--port", "many"], environment(tmp_path)) as feed:
            await feed.ready()

    with pytest.raises(ProgramError, match=r"(?s)fdgw hl7v2: .*ended, exit 2.*--port"):
        asyncio.run(run())


def test_a_program_that_dies_ends_what_was_going_on(tmp_path: Path) -> None:
    async def run() -> None:
        async with processes.program(tmp_path / "log", ["version"], environment(tmp_path)) as short:
            await processes.guarded([short], asyncio.sleep(60))

    with pytest.raises(ProgramError, match=r"fdgw version: .*exit 0"):
        asyncio.run(run())


def test_what_goes_wrong_by_itself_is_told_as_it_is(tmp_path: Path) -> None:
    async def fail() -> None:
        raise LookupError("by itself")

    async def run() -> None:
        async with processes.program(tmp_path / "log", FEED, environment(tmp_path)) as feed:
            await feed.ready()
            await processes.guarded([feed], fail())

    with pytest.raises(LookupError, match="by itself"):
        asyncio.run(run())


def test_what_a_command_prints_or_why_it_does_not(tmp_path: Path) -> None:
    assert asyncio.run(processes.output(["version"], {}))
    with pytest.raises(ProgramError, match=r"(?s)fdgw token: exit 1.*nobody"):
        asyncio.run(processes.output(["token", "nobody"], environment(tmp_path)))


def test_a_port_that_is_taken_gives_way_to_any() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert processes.free_port(taken.getsockname()[1]) == 0


def test_the_printed_command_for_the_token_survives_a_space_in_the_path() -> None:
    command = site.token_command(Path("/data of/fdgw"))
    assert shlex.split(command)[0] == "FDGW_DATA_DIR=/data of/fdgw"
    assert shlex.split(command)[-1] == "token"
