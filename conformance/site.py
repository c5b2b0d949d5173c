"""The two programs that the story plays on, started as a hospital and a region would: a gateway and a feed."""

import os
import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from conformance import processes
from conformance.processes import Program

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """What to listen on; where somebody else does already, any free port is taken."""

    fhir: int
    mllp: int


@dataclass(frozen=True, slots=True)
class Site:
    """Both programs, ready; `fhir` ends without a slash, `mllp` is host and port."""

    fhir: str
    mllp: tuple[str, int]
    token: str
    programs: tuple[Program, ...]


@asynccontextmanager
async def site(ports: Ports, data_dir: Path | None, told: Told) -> AsyncIterator[Site]:
    """Started, and stopped when the block ends, the feed first. `data_dir` None: the programs' own default."""
    environment = {"FDGW_DATA_DIR": str(data_dir)} if data_dir else {}
    with TemporaryDirectory(prefix="fdgw-demo-") as logs:
        told("启动网关；首次启动会建立数据库 starting the gateway; the first start makes a database")
        serve = ["serve", "--port", str(_free(ports.fhir, told))]
        async with processes.program(Path(logs, "gateway"), serve, environment) as gateway:
            fhir = await gateway.ready()
            told(f"网关就绪 gateway ready: {fhir}")
            feed = ["hl7v2", "--port", str(_free(ports.mllp, told)), "--status-port", "0", "--gateway", fhir]
            async with processes.program(Path(logs, "hl7v2"), feed, environment) as adapter:
                address = urlsplit(await adapter.ready())
                told(f"HL7 v2 接入就绪 HL7 v2 feed ready: {address.geturl()}")
                token = await processes.output(["token"], environment)
                yield Site(fhir, (address.hostname or "", address.port or 0), token, (gateway, adapter))


def token_command(data_dir: Path | None) -> str:
    """What a shell runs to get the token, from this directory and with these settings."""
    where = str(data_dir) if data_dir else os.environ.get("FDGW_DATA_DIR")
    command = f"{shlex.quote(os.path.relpath(processes.fdgw()))} token"
    return f"FDGW_DATA_DIR={shlex.quote(where)} {command}" if where else command


def _free(port: int, told: Told) -> int:
    free = processes.free_port(port)
    if free != port:
        told(f"端口 {port} 已被占用，改用空闲端口 port {port} is taken, using a free one")
    return free
