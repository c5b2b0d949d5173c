"""A feed that is broken in one way: a proxy before a good one that spoils what passes through."""

import asyncio
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass

END = b"\x1c\r"


def as_it_came(data: bytes) -> bytes:
    return data


@dataclass(frozen=True)
class Spoilt:
    """How messages and answers are changed; `at_end` is added when the sender hangs up."""

    up: Callable[[bytes], bytes] = as_it_came
    down: Callable[[bytes], bytes] = as_it_came
    at_end: bytes = b""


WAYS = {
    "misnumbered": Spoilt(down=lambda data: re.sub(rb"MSA\|(\w\w)\|\w*", rb"MSA|\1|0", data)),
    "gives no reason": Spoilt(down=lambda data: re.sub(rb"ERR\|[^\r]*\r", b"", data)),
    "accepts everything": Spoilt(down=lambda data: re.sub(rb"MSA\|A[ER]\|", b"MSA|AA|", data)),
    "refuses everything": Spoilt(down=lambda data: data.replace(b"MSA|AA|", b"MSA|AE|")),
    "ends what was cut off": Spoilt(at_end=END),
    "hears the first of a packet": Spoilt(up=lambda data: data.partition(END)[0] + END if END in data else data),
    "wants whole packets": Spoilt(up=lambda data: data if len(data) > 1 else b""),
    "relabels": Spoilt(down=lambda data: data.replace(b"GB 18030-2000", b"UNICODE UTF-8")),
    "loses the person": Spoilt(
        up=lambda data: re.sub(rb"\d{17}[\dX]\^\^\^GA\^NI", b"500199190001010014^^^GA^NI", data)
    ),
    "loses the visit": Spoilt(up=lambda data: data.replace(b"|ZY", b"|XX")),
    "drops large ones": Spoilt(up=lambda data: b"" if b"xxxxxxxx" in data else data),
    "knows no enhanced mode": Spoilt(down=lambda data: data.replace(b"MSA|CA|", b"MSA|CR|")),
    "knows no line feeds": Spoilt(up=lambda data: data.replace(b"\n", b"")),
}


@contextmanager
def before(address: str, spoilt: Spoilt):
    """Its address, `host:port`."""
    started: Future[tuple[int, Callable[[], object]]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(address, spoilt, started)))
    thread.start()
    port, stop = started.result()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        stop()
        thread.join()


async def _serve(address, spoilt, started):
    host, port = address.split(":")
    over, connections = asyncio.Event(), set()

    async def connected(reader, writer):
        connections.add(asyncio.current_task())
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        up = _pump(reader, far_writer, spoilt.up, spoilt.at_end)
        await asyncio.gather(up, _pump(far_reader, writer, spoilt.down, b""))
        for one in (far_writer, writer):
            one.close()
            with suppress(OSError):
                await one.wait_closed()

    loop = asyncio.get_running_loop()
    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        started.set_result((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(over.set)))
        await over.wait()
        await asyncio.gather(*connections)


async def _pump(reader, writer, change, last):
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(change(data))
            await writer.drain()
        writer.write(last)
        writer.write_eof()
