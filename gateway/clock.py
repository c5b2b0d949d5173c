"""Time and identity as arguments: the clock of the site, UUIDv7 resource ids, time-ordered row ids."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

SITE_ZONE = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime in the site's zone."""

_ROW_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_ROW_SEQUENCE_BITS = 22


def now() -> datetime:
    return datetime.now(SITE_ZONE)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z."""
    return round(moment.timestamp() * 1000)


def instant(epoch_ms: int) -> str:
    """A FHIR instant in the site's zone."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, SITE_ZONE)
    return moment.isoformat(timespec="milliseconds")


def uuid7() -> str:
    """A UUID of version 7 (RFC 9562 §5.7): sortable by the millisecond it was made in."""
    ms, noise = time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big")
    bits = (ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (noise >> 64 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class RowIds:
    """Time-ordered 63-bit row ids: 41 bits of milliseconds, 22 of a sequence that starts at random in every process.

    Two processes that meet in one millisecond on one sequence number collide with a chance of one in four
    million; the primary key then refuses the later one, and its transaction is tried again.
    """

    def __init__(self) -> None:
        self._sequence = int.from_bytes(os.urandom(3), "big")

    @staticmethod
    def first_of(moment: datetime) -> int:
        """No row made at that moment or later has a smaller id."""
        return (milliseconds(moment) - _ROW_EPOCH_MS) << _ROW_SEQUENCE_BITS

    def __call__(self) -> int:
        self._sequence = (self._sequence + 1) & (1 << _ROW_SEQUENCE_BITS) - 1
        return (time.time_ns() // 1_000_000 - _ROW_EPOCH_MS) << _ROW_SEQUENCE_BITS | self._sequence
