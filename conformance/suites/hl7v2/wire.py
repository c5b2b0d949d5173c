"""The sending side of MLLP, good and bad, with what came back. HL7 v2 Transport Specification: MLLP, Release 1"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from conformance.checks import Missed, Session, Unable

START, END = b"\x0b", b"\x1c\r"
_SECONDS = 15.0
"""Patience for an answer, unless the input `hl7v2_seconds` says otherwise."""
_LARGEST = 1024 * 1024
_SHOWN = 4000
"""Bytes of a message in a report."""


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement, read in the character set of the message that it answers; what is absent is empty."""

    raw: bytes
    text: str

    def field(self, segment: str, number: int) -> str:
        """Field `number` of the first such segment; MSH counts from its separator."""
        for line in self.text.split("\r"):
            fields = line.split("|")
            if fields[0] == segment:
                place = number - 1 if segment == "MSH" else number
                return fields[place] if place < len(fields) else ""
        return ""

    @property
    def code(self) -> str:
        return self.field("MSA", 1)

    @property
    def control_id(self) -> str:
        return self.field("MSA", 2)

    @property
    def accepted(self) -> bool:
        return self.code in {"AA", "CA"}

    @property
    def refused(self) -> bool:
        return self.code in {"AE", "AR", "CE", "CR"}


def framed(message: bytes) -> bytes:
    return START + message + END


def seconds(on: Session) -> float:
    return float(on.inputs.get("hl7v2_seconds", _SECONDS))


async def exchange(
    on: Session, chunks: Sequence[bytes], *, answers: int = 1, charset: str = "utf-8", hang_up: bool = False
) -> list[Ack]:
    """What the feed says to these writes, up to that many answers, the end of the connection, or the end of patience.

    `hang_up` closes our half after the last write. Raises `Unable` where nobody listens.
    """
    host, _, port = on.inputs["mllp"].rpartition(":")
    received = b""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), seconds(on))
    except (OSError, ValueError, TimeoutError):
        raise Unable("无法连接 HL7 v2 接入端口", "the HL7 v2 feed cannot be reached") from None
    try:
        sending = asyncio.create_task(_write(writer, chunks, hang_up=hang_up))
        received = await _read(reader, answers, seconds(on))
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    on.record("MLLP", on.inputs["mllp"], b"".join(chunks)[:_SHOWN], received[:_SHOWN])
    return [_ack(frame, charset) for frame in received.split(END)[:-1]]


async def one(on: Session, message: bytes, charset: str = "utf-8") -> Ack:
    """The answer to a whole message; raises `Missed` where there is none."""
    return answered(await exchange(on, [framed(message)], charset=charset))


def answered(acks: Sequence[Ack]) -> Ack:
    """The first; raises `Missed` where there is none."""
    if not acks:
        raise Missed("没有收到应答", "there was no answer")
    return acks[0]


async def _write(writer: asyncio.StreamWriter, chunks: Sequence[bytes], *, hang_up: bool) -> None:
    """Each chunk a packet of its own, as far as we can say; a listener that closes early is not our failure."""
    with suppress(ConnectionError):
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            if len(chunks) > 1:
                await asyncio.sleep(0.001)
        if hang_up:
            writer.write_eof()


async def _read(reader: asyncio.StreamReader, answers: int, patience: float) -> bytes:
    received = b""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(patience):
            while received.count(END) < answers and len(received) < _LARGEST:
                more = await reader.read(65536)
                if not more:
                    break
                received += more
    return received


def _ack(frame: bytes, charset: str) -> Ack:
    content = frame[frame.find(START) + 1 :]
    return Ack(content, content.decode(charset, errors="replace"))
