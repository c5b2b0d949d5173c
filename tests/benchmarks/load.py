"""A load generator in a process of its own: HTTP/1.1 requests over kept connections, as fast as answers come."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop

TICKS = 100
"""Clock ticks a second in /proc/<pid>/stat."""


def drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Sends the requests round and round: `rate` in answers a second, `p50`, `p95`, `p99` in ms; raises on an error."""
    told = json.dumps([port, connections, seconds, [request.decode() for request in requests]])
    command = [sys.executable, __file__]
    answer = subprocess.run(command, input=told, capture_output=True, text=True, check=True)
    measured: dict[str, float] = json.loads(answer.stdout)
    return measured


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], until: float, times: list[float]) -> None:
        self._requests = requests
        self._until = until
        self._times = times
        self._buffer = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._next()

    def _next(self) -> None:
        self._sent = time.perf_counter()
        if self._sent > self._until:
            self._transport.close()
            self.done.set_result(None)
        else:
            self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        start = head.lower().find(b"content-length:")
        length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start > 0 else 0
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 2"):
            self.done.set_exception(RuntimeError(self._buffer[:2000].decode(errors="replace")))
            self._transport.close()
            return
        self._buffer = body[length:]
        self._times.append(time.perf_counter() - self._sent)
        self._next()


async def _main(port: int, connections: int, seconds: float, requests: list[str]) -> dict[str, Any]:
    times: list[float] = []
    rounds = cycle([request.encode() for request in requests])
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    protocols = [
        (await loop.create_connection(lambda: _Connection(rounds, began + seconds, times), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for protocol in protocols))
    spent = time.perf_counter() - began
    cuts = statistics.quantiles(times * 2 if len(times) == 1 else times, n=100)
    return {"rate": len(times) / spent, "count": len(times)} | {
        f"p{percent}": cuts[percent - 1] * 1000 for percent in (50, 95, 99)
    }


if __name__ == "__main__":
    port, connections, seconds, requests = json.load(sys.stdin)
    print(json.dumps(uvloop.run(_main(port, connections, seconds, requests))))
