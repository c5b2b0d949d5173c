"""Durable MLLP intake against its floors: messages a second and time to the ACK at 1, 10 and 100 connections.

The listener is the adapter as it is run; it, the load and the floors are processes of their own.
"""

import asyncio
import itertools
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

SECONDS = 3.0
CONNECTIONS = (1, 10, 100)

_MESSAGE = (
    "\x0bMSH|^~\\&|HIS|330106001|FDGW|REGION|20260131080000+0800||ADT^A01^ADT_A01|%s|P|2.5.1|||||CHN|UNICODE UTF-8\r"
    "EVN|A01|20260131080000\r"
    "PID|1||%s^^^330106001^MR~11010519491231002X^^^^NI||测试甲^^^^^^L||19491231|M|||浙江省杭州市西湖区文三路一号||||||M\r"
    "PV1|1|I|W12^301^02^330106001||||D001^李医生|||MED|||||||D001^李医生|IN|%s"
    "|||||||||||||||||||||||||20260131075500\r\x1c\r"
)


def measure() -> list[dict[str, Any]]:
    """Rows of `{name, value, unit, floor, ratio}`; the floor of a rate is the bare echo at as many connections."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        commits = _commits(Path(folder))
        echo = dict(_loaded([sys.executable, __file__, "echo"], {}))
        environment = {"FDGW_DATA_DIR": folder, "FDGW_GATEWAY_URL": "http://127.0.0.1:9/fhir"}
        command = [sys.executable, "-m", "adapters", "hl7v2", "--port", "0", "--status-port", "0"]
        for number, load in _loaded(command, environment):
            floor = echo[number]
            name = f"durable intake, {number} connections"
            rows += [
                _row(f"{name}, CPU of the listener", load["cpu"], "us/message", floor["cpu"]),
                _row(name, load["rate"], "messages/s", floor["rate"]),
                _row(f"{name}, p50", load["p50"], "ms", floor["p50"]),
                _row(f"{name}, p99", load["p99"], "ms", floor["p99"]),
            ]
    rows.append(_row("durable commits, one row each", commits, "commits/s", commits))
    return rows


def _row(name: str, value: float, unit: str, floor: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "unit": unit, "floor": round(floor, 2), "ratio": value / floor}


def _commits(folder: Path) -> float:
    """SQLite's own: one row, one commit, synchronous."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE message (raw BLOB)")
    began, raw = time.perf_counter(), _MESSAGE.encode()
    for count in itertools.count(1):
        connection.execute("INSERT INTO message VALUES (?)", (raw,))
        if (spent := time.perf_counter() - began) > 1:
            connection.close()
            return count / spent
    raise AssertionError


def _loaded(command: list[str], environment: dict[str, str]) -> list[tuple[int, dict[str, float]]]:
    """Starts a listener that names its port last in its ready line, and loads it."""
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as listener:
        assert listener.stdout
        ready = next(line for line in listener.stdout if " ready at " in line)
        port = ready.rsplit(":", 1)[1].strip()
        try:
            return [(number, _load(listener.pid, port, number)) for number in CONNECTIONS]
        finally:
            listener.terminate()


def _load(pid: int, port: str, number: int) -> dict[str, float]:
    load = [sys.executable, __file__, "load", port, str(number), str(SECONDS)]
    before = _cpu(pid)
    messages, rate, p50, p99 = map(float, subprocess.check_output(load, text=True).split())
    return {"rate": rate, "p50": p50, "p99": p99, "cpu": (_cpu(pid) - before) / messages * 1e6}


def _cpu(pid: int) -> float:
    """Seconds of CPU, user and system, that a process has used. https://man7.org/linux/man-pages/man5/proc.5.html"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Echo(asyncio.Protocol):
    """The least that an MLLP listener can do: an answer for every frame, stored nowhere."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"\x0bMSH|^~\\&\rMSA|AA|1\r\x1c\r" * data.count(b"\x1c"))


class _Load(asyncio.Protocol):
    """One connection: the next message goes out when the last is answered; all share the hospital's sequence."""

    def __init__(self, numbers: Iterator[int], waits: list[float]) -> None:
        self._numbers = numbers
        self._waits = waits
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\x1c\r"):
            self._waits.append(time.perf_counter() - self._sent)
            self.refused += b"|AA|" not in data
            self._send()

    def _send(self) -> None:
        number = f"{os.getpid()}{next(self._numbers):08}"
        self._sent = time.perf_counter()
        self._transport.write((_MESSAGE % (number, number, number)).encode())


async def _serve_echo() -> None:
    server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", 0)
    print(f"echo ready at mllp://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


async def _drive(port: int, number: int, seconds: float) -> None:
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    numbers = itertools.count()
    loads = [_Load(numbers, waits) for _ in range(number)]
    began = time.perf_counter()
    for each in loads:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)
    await asyncio.sleep(seconds)
    spent, waits = time.perf_counter() - began, sorted(waits)
    assert not any(each.refused for each in loads)
    p50, p99 = (waits[int(len(waits) * part)] * 1000 for part in (0.5, 0.99))
    print(len(waits), len(waits) / spent, p50, p99)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["echo"]:
            uvloop.run(_serve_echo())
        case ["load", port, number, seconds]:
            uvloop.run(_drive(int(port), int(number), float(seconds)))
        case _:
            for row in measure():
                print(row)
