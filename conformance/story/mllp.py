"""The sending side of MLLP. HL7 v2 Transport Specification: MLLP, Release 1"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_START, _END = b"\x0b", b"\x1c\r"


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement as received, and its MSA-1, MSA-2 and MSH-18."""

    raw: bytes
    code: str
    control_id: str
    charset: str


class Line:
    """One connection to a receiver; messages and answers alternate on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        self._reader, self._writer, self._seconds = reader, writer, seconds

    async def exchange(self, message: bytes, charset: str) -> Ack:
        """Sends one message and waits for its answer; `TimeoutError`, or `EOFError` when the line closes."""
        self._writer.write(_START + message + _END)
        async with asyncio.timeout(self._seconds):
            await self._writer.drain()
            frame = await self._reader.readuntil(_END)
        return acknowledgement(frame.removeprefix(_START).removesuffix(_END), charset)


@asynccontextmanager
async def line(host: str, port: int, *, seconds: float = 30) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Line(reader, writer, seconds)
    finally:
        writer.close()
        await writer.wait_closed()


def acknowledgement(raw: bytes, charset: str) -> Ack:
    """Reads an answer in the character set of the message that it answers; what is absent is empty."""
    segments = [segment.split("|") for segment in raw.decode(charset, errors="replace").split("\r")]
    fields = {segment[0]: [*segment, *[""] * 18] for segment in reversed(segments)}
    header, answer = fields.get("MSH", [""] * 18), fields.get("MSA", [""] * 18)
    return Ack(raw, answer[1], answer[2], header[17])
