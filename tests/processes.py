"""Real processes for tests: started as an operator would, killed at any moment, and never left behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")

FDGW = str(Path(sys.executable).with_name("fdgw"))
"""The command installed beside this Python."""
_READY = r"^fdgw .* ready at (\S+)$"
_PATIENCE, _GRACE = 60.0, 10.0
_PAUSE = 0.005
_TAIL = 30


class Program:
    """An `fdgw` command in a session of its own; what it says goes to a file of `logs`."""

    def __init__(self, logs: Path, data_dir: Path, *arguments: str) -> None:
        number = len([*logs.iterdir()])
        self._log = logs / f"{number:03}-{arguments[0]}"
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [FDGW, *arguments],
                env=environment(data_dir),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def says(self, pattern: str) -> re.Match[str]:
        """Its line that matches, awaited for as long as it lives."""

        def line() -> re.Match[str] | None:
            ended = self._process.poll()
            found = re.search(pattern, self._log.read_text(errors="replace"), re.MULTILINE)
            assert found or ended is None, f"{self._log.name} ended, exit {ended}, and never said {pattern}"
            return found

        found = until(line, f"{self._log.name} says {pattern}")
        assert found
        return found

    def ready(self) -> str:
        """The address in its line `fdgw … ready at ADDRESS`."""
        return self.says(_READY)[1]

    def interrupt(self) -> int:
        """Ctrl-C, which reaches its whole process group; the exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(_PATIENCE)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self._process.terminate()
        return self._process.wait(_PATIENCE)

    def kill(self) -> None:
        """SIGKILL, wherever it is; one that has ended stays so."""
        self._process.kill()
        self._process.wait()


class Site:
    """A gateway with its database, and an adapter, each on ports that they keep through every crash."""

    def __init__(self, data_dir: Path, logs: Path) -> None:
        self._folders = logs, data_dir
        self._ports = fixed_ports(3)
        self.mllp = "127.0.0.1", self._ports[1]
        self.start_gateway()
        self.start_adapter()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._ports[0]}/fhir"

    def start_gateway(self) -> None:
        self.gateway = Program(*self._folders, "serve", "--port", str(self._ports[0]))
        self.gateway.ready()

    def start_adapter(self) -> None:
        ports = "--port", str(self._ports[1]), "--status-port", str(self._ports[2])
        self.adapter = Program(*self._folders, "hl7v2", *ports, "--gateway", self.base)
        self.adapter.ready()

    def client(self) -> httpx.Client:
        return fhir_client(self.base, self._folders[1])

    def postmaster(self) -> int:
        return int((self._folders[1] / "postgres" / "postmaster.pid").read_text().split()[0])

    def ready(self) -> bool:
        return httpx.get(f"{self.base.removesuffix('/fhir')}/readyz", timeout=30).status_code == 200

    def refused(self) -> bool:
        """Whether the gateway has told anybody that its database is away."""
        return 'status="503"' in httpx.get(f"{self.base.removesuffix('/fhir')}/metrics").text

    def queued(self) -> float:
        """How many messages the gateway has yet to be told."""
        metrics = httpx.get(f"http://127.0.0.1:{self._ports[2]}/metrics").text
        (depth,) = re.findall(r"^fdgw_queue_depth (\S+)$", metrics, re.MULTILINE)
        return float(depth)


def environment(data_dir: Path) -> dict[str, str]:
    """Ours, but for what is set there for another gateway."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FDGW_")}
    return {**inherited, "FDGW_DATA_DIR": str(data_dir)}


def fhir_client(base: str, data_dir: Path) -> httpx.Client:
    """A client of the gateway at `base` that may do everything."""
    token = json.loads((data_dir / "tokens.json").read_bytes())["developer"]["token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    headers["Accept"] = "application/fhir+json"
    return httpx.Client(base_url=base, headers=headers, timeout=30)


def until(condition: Callable[[], T], what: str, seconds: float = _PATIENCE) -> T:
    """What `condition` gives as soon as that is true; fails when it is not in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(_PAUSE)
    return found


def fixed_ports(count: int) -> list[int]:
    """Ports that nobody has, below those that the system hands out, so that they can be had after a crash too."""
    first = 20_000 + os.getpid() * 10 % 10_000
    return [*islice(filter(_free, range(first, 32_000)), count)]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def using(data_dir: Path) -> dict[int, str]:
    """The living processes that work in `data_dir` or were given it as FDGW_DATA_DIR: number and command."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = f"FDGW_DATA_DIR={data_dir}".encode() in (process / "environ").read_bytes().split(b"\0")
            if told or (process / "cwd").readlink().is_relative_to(data_dir):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # ended meanwhile, or nobody's: a zombie
            continue
    return found


@contextmanager
def programs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """A data directory and a folder for logs; whatever uses the directory at the end is ended."""
    data_dir, logs = folder / "data", folder / "logs"
    data_dir.mkdir()
    logs.mkdir()
    try:
        yield data_dir, logs
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            _end(data_dir, number)


def print_tails(logs: Path) -> None:
    """The last lines of every log; a fixture that prints them shows them where its test fails."""
    for log in sorted(logs.iterdir()):
        print(f"--- {log.name}", *log.read_text(errors="replace").splitlines()[-_TAIL:], sep="\n")


def _end(data_dir: Path, number: signal.Signals) -> None:
    deadline = time.monotonic() + _GRACE
    for pid in using(data_dir):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    while using(data_dir) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
