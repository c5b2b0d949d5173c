"""The frames of a byte stream, whatever surrounds them. HL7 v2.5.1 Appendix C (MLLP): VT, message, FS, CR."""

from enum import StrEnum
from typing import NamedTuple

START = b"\x0b"
END = b"\x1c"
NOISE = b"\x00\r\n"
"""What may stand between frames: the CR of the trailer (missing or doubled), line ends, NUL."""
KEPT = 64 * 1024
"""Bytes kept of what is larger than the limit."""


class Defect(StrEnum):
    UNFRAMED = "unframed"
    UNFINISHED = "unfinished"
    OVERSIZE = "oversize"


class Frame(NamedTuple):
    content: bytes
    defect: Defect | None = None


def framed(content: bytes) -> bytes:
    return b"\x0b%b\x1c\r" % content


class Frames:
    """A streaming decoder: no byte but noise is dropped below the limit, no more than the limit is held.

    Neither VT nor FS is a trail byte in UTF-8 or GB18030, so cutting before decoding is safe.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = bytearray()
        self._size = 0
        self._inside = False

    @property
    def open(self) -> bool:
        """Whether a frame has begun, or stray bytes wait for what follows them."""
        return self._inside or self._size > 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order."""
        if not self.open and (whole := _whole(data)) is not None and len(whole) <= self._limit:
            return [Frame(whole)]
        frames: list[Frame] = []
        at = 0
        end = data.find(END)
        while at < len(data):
            if 0 <= end < at:
                end = data.find(END, at)
            start = data.find(START, at, len(data) if end < 0 else end)
            if start >= 0:
                self._hold(data[at:start])
                frames += self._cut(Defect.UNFINISHED if self._inside else Defect.UNFRAMED)
                self._inside = True
                at = start + 1
            elif end >= 0:
                self._hold(data[at:end])
                frames += self._cut(None if self._inside else Defect.UNFRAMED)
                self._inside = False
                at = end + 1
            else:
                self._hold(data[at:])
                break
        return frames

    def rest(self) -> list[Frame]:
        """What a stream that has ended leaves behind."""
        left = self._cut(Defect.UNFINISHED if self._inside else Defect.UNFRAMED)
        self._inside = False
        return left

    def _hold(self, piece: bytes) -> None:
        if not self._inside and not self._size:
            piece = piece.lstrip(NOISE)
        self._size += len(piece)
        self._held += piece
        if self._size > self._limit:
            del self._held[KEPT:]

    def _cut(self, defect: Defect | None) -> list[Frame]:
        if not self._size and defect:
            return []
        if self._size > self._limit:
            defect = Defect.OVERSIZE
        frame = Frame(bytes(self._held), defect)
        self._held = bytearray()
        self._size = 0
        return [frame]


def _whole(data: bytes) -> bytes | None:
    """The content, where exactly one frame was read: the usual case, and the quick way through it."""
    if data.startswith(START) and data.endswith(b"\x1c\r"):
        content = data[1:-2]
        if START not in content and END not in content:
            return content
    return None
