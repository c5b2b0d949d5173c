"""What R4 says of dates in a search, from its text alone: every value an interval, every prefix a relation of two.

https://hl7.org/fhir/R4/search.html#prefix and #date. Intervals are half-open, in seconds since 1970 UTC, exact
(`Fraction`) or infinite. Where R4 leaves a choice, ours: no zone means Asia/Shanghai; a value with a fraction of a
second is a millisecond wide; "10% of the gap between now and the date" of `ap` is measured from the value's start.
"""

import math
import re
from collections.abc import Callable
from datetime import MAXYEAR, UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PART = r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d))?(?::(\d\d))?(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?"
Edge = Fraction | float
"""A moment; a float only where it is infinite."""


class Interval(NamedTuple):
    low: Edge
    high: Edge

    def contains(self, other: "Interval") -> bool:
        return self.low <= other.low and other.high <= self.high

    def overlaps(self, other: "Interval") -> bool:
        return self.low < other.high and other.low < self.high

    @property
    def above(self) -> "Interval":
        return Interval(self.high, math.inf)

    @property
    def below(self) -> "Interval":
        return Interval(-math.inf, self.low)


Verdict = Callable[[Interval, Interval], bool]
"""Of the range of the search value and the range of the target."""

PREFIXES: dict[str, Verdict] = {
    "eq": lambda value, target: value.contains(target),
    "ne": lambda value, target: not value.contains(target),
    "gt": lambda value, target: value.above.overlaps(target),
    "lt": lambda value, target: value.below.overlaps(target),
    "ge": lambda value, target: value.above.overlaps(target) or value.contains(target),
    "le": lambda value, target: value.below.overlaps(target) or value.contains(target),
    "sa": lambda value, target: not value.overlaps(target) and value.above.contains(target),
    "eb": lambda value, target: not value.overlaps(target) and value.below.contains(target),
    "ap": lambda value, target: value.overlaps(target),
}


def holds(prefix: str, value: Interval, target: Interval, now: datetime) -> bool:
    """Whether a target is found by a prefix with a value."""
    if prefix == "ap":
        gap = abs(_seconds(now) - value.low) / 10
        value = Interval(value.low - gap, value.high + gap)
    return PREFIXES[prefix or "eq"](value, target)


def of_period(period: dict[str, str]) -> Interval:
    """Of a Period: an end that is not said is open."""
    low = of(period["start"]).low if "start" in period else -math.inf
    high = of(period["end"]).high if "end" in period else math.inf
    return Interval(low, high)


def of(text: str) -> Interval:
    """Of a date, dateTime or instant: from its first moment to the first of the next like it."""
    match = re.fullmatch(_PART, text)
    assert match, text
    *numbers, fraction, zone = match.groups()
    said = [int(one) for one in numbers if one is not None]
    low = _moment(said, zone)
    if fraction:
        low += Fraction(int(fraction[:3].ljust(3, "0")), 1000)  # what is finer is dropped
        return Interval(low, low + Fraction(1, 1000))
    return Interval(low, _moment([*said[:-1], said[-1] + 1], zone))


def _moment(said: list[int], zone: str | None) -> Edge:
    """The beginning of a year, month, day, minute or second, which may be one more than there are: month 13, second 60.

    What comes after the calendar comes never.
    """
    year, month, day, hour, minute, second = (*said, *(1, 1, 1, 0, 0, 0)[len(said) :])
    year, month = (year + 1, 1) if month == 13 else (year, month)
    if year > MAXYEAR:
        return math.inf
    begun = datetime(year, month, 1, tzinfo=_zone(zone))
    try:
        return _seconds(begun + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second))
    except OverflowError:
        return math.inf


def _zone(zone: str | None) -> timezone | ZoneInfo:
    if zone is None:
        return ZoneInfo("Asia/Shanghai")
    if zone == "Z":
        return UTC
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    return timezone(-ahead if zone.startswith("-") else ahead)


def _seconds(moment: datetime) -> Fraction:
    return Fraction((moment - _EPOCH) // timedelta(microseconds=1), 10**6)
