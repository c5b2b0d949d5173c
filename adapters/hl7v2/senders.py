"""Sending over MLLP: one message at a time, its answer recognised by MSA-2."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from adapters.hl7v2 import charset
from adapters.hl7v2.framing import Frames, framed
from adapters.hl7v2.header import header
from mappings import hl7v2

_ANSWER_LIMIT = 1024 * 1024


class NoAnswerError(ConnectionError):
    """The peer closed, or did not answer in time; the connection is not to be used again."""


class Answer(NamedTuple):
    """MSA-1, MSA-2, the words of ERR-8 or MSA-3, and all of it as received."""

    code: str
    control_id: str
    text: str
    content: bytes


class Sender:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        self._reader = reader
        self._writer = writer
        self._seconds = seconds
        self._frames = Frames(_ANSWER_LIMIT)
        self._received: list[bytes] = []

    async def send(self, message: bytes) -> Answer:
        """The answer to this message; answers to others, come late, are dropped. Raises `NoAnswerError`."""
        expected = control_id(message)
        self._writer.write(framed(message))
        try:
            async with asyncio.timeout(self._seconds):
                await self._writer.drain()
                while True:
                    found = answer(await self._next())
                    if found.control_id == expected:
                        return found
        except (TimeoutError, OSError) as error:
            self._writer.close()
            raise NoAnswerError(str(error) or "no answer in time") from error

    async def _next(self) -> bytes:
        while not self._received:
            data = await self._reader.read(65536)
            if not data:
                raise NoAnswerError("the peer closed the connection")
            self._received += [frame.content for frame in self._frames.feed(data)]
        return self._received.pop(0)


@asynccontextmanager
async def connected(host: str, port: int, seconds: float = 30) -> AsyncIterator[Sender]:
    """A connection to an MLLP listener; `seconds` bounds each answer. Raises `OSError`."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Sender(reader, writer, seconds)
    finally:
        writer.close()


def control_id(message: bytes) -> str:
    """MSH-10, "" where none can be read."""
    head = header(_text(message))
    return head.field(10) if head else ""


def answer(content: bytes) -> Answer:
    """An acknowledgement; what is none has no code, and answers nothing."""
    try:
        message = hl7v2.parse(_text(content))
    except hl7v2.NotER7:
        return Answer("", "", "", content)
    msa, err = message.segment("MSA"), message.segment("ERR")
    return Answer(msa.value(1) or "", msa.field(2).text, err.value(8) or msa.value(3) or "", content)


def messages(content: bytes) -> list[bytes]:
    """The messages of a file: frames, or text in which each MSH begins one and line ends end segments."""
    if b"\x0b" in content:
        frames = Frames(len(content))
        return [frame.content for frame in frames.feed(content) + frames.rest() if frame.defect is None]
    body = content.replace(b"\r\n", b"\r").replace(b"\n", b"\r").strip(b"\r")
    first, *rest = body.split(b"\rMSH")
    found = [first, *(b"MSH" + each for each in rest)]
    return [each.strip(b"\r") + b"\r" for each in found if each.startswith(b"MSH")]


def _text(content: bytes) -> str:
    try:
        return charset.decode(content).content
    except charset.UndecodableError:
        return content.decode("iso-8859-1")
