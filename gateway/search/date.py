"""Search parameters of type date: every value is a half-open interval; zone-less values mean the site's zone.

https://hl7.org/fhir/R4/search.html#date
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from gateway.clock import SITE_ZONE, milliseconds
from gateway.errors import BadRequest
from gateway.search.expressions import Value
from gateway.search.terms import Asked, Clause, Condition, Found, Name, any_of, key, modifier_refused

EVER = 1 << 62
"""Milliseconds that stand for an open end; its negative for an open start."""

_FORM = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?", re.ASCII
)
_PREFIX = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)

_SQL = {
    # bounds that follow from the others are said too: they are what an index is entered by
    "eq": "x.low >= %(a_{n})s AND x.low < %(b_{n})s AND x.high <= %(b_{n})s",
    "ne": "(x.low < %(a_{n})s OR x.high > %(b_{n})s)",
    "gt": "x.high > %(b_{n})s",
    "lt": "x.low < %(a_{n})s",
    "ge": "x.high > %(a_{n})s AND (x.low >= %(a_{n})s OR x.high > %(b_{n})s)",
    "le": "x.low < %(b_{n})s AND (x.high <= %(b_{n})s OR x.low < %(a_{n})s)",
    "sa": "x.low >= %(b_{n})s",
    "eb": "x.low < %(a_{n})s AND x.high <= %(a_{n})s",
    "ap": "x.low < %(b_{n})s AND x.high > %(a_{n})s",
}
_FROM_ABOVE = {"ge", "gt", "sa"}
_ENDS_AFTER = {"eq": "a", "gt": "b", "ge": "a", "sa": "b", "ap": "a"}
_BEGINS_BEFORE = {"eq": "b", "lt": "a", "le": "b", "eb": "a", "ap": "b"}
"""The bound, of a prefix that has one, after which a value that satisfies it ends, and before which it begins."""


class Interval(NamedTuple):
    """[low, high) in milliseconds since 1970 UTC."""

    low: int
    high: int


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    into.span |= {(key(name), *found) for value in values for found in intervals(*value)}


def clause(asked: Asked) -> Clause:
    if asked.modifier:
        raise modifier_refused(asked, ":missing")
    return any_of(compared(asked, value, key(asked.name)) for value in asked.values)


def compared(asked: Asked, text: str, own: int, table: Literal["span", "resource"] = "span") -> Condition:
    """The comparison that one value asks for, of rows under a key."""
    prefix, found = _asked(asked.name, text, milliseconds(asked.now))
    bounds = {"a": found.low, "b": found.high}
    within = bounds.get(_ENDS_AFTER.get(prefix, ""), -EVER), bounds.get(_BEGINS_BEFORE.get(prefix, ""), EVER)
    keys = (own,) if table == "span" else ()
    return Condition(table, _SQL[prefix], bounds, keys, descending=prefix in _FROM_ABOVE, within=within)


@lru_cache(maxsize=16384)
def interval(text: object) -> Interval | None:
    """The interval that a date, dateTime or instant covers; None where it is no such thing.

    Second 60 is the first of the next minute; what lasts to the end of the calendar lasts for ever.
    """
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    leap = 1000 if second == "60" else 0
    clock = f"T{hour or '00'}:{minute or '00'}:{'59' if leap else second or '00'}.{(fraction or '0')[:3]:0<3}"
    try:
        start = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}{clock}{(zone or '').replace('Z', '+00:00')}"
        )
    except ValueError:
        return None
    start = start if start.tzinfo else start.replace(tzinfo=SITE_ZONE)
    low = milliseconds(start) + leap
    try:
        high = milliseconds(start + _length(start, match)) + leap
    except (ValueError, OverflowError):
        high = EVER
    return Interval(low, max(high, low + 1))


def _length(start: datetime, written: re.Match[str]) -> timedelta:
    """How long the last part that was written lasts; raises where that ends after the year 9999."""
    _, month, day, hour, _, second, fraction, _ = written.groups()
    if month is None:
        return start.replace(year=start.year + 1) - start
    if day is None:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1) - start
    if hour is None:
        return timedelta(days=1)
    if second is None:
        return timedelta(minutes=1)
    return timedelta(milliseconds=1) if fraction else timedelta(seconds=1)


def intervals(fhir_type: str, value: Any) -> Iterator[Interval]:
    if isinstance(value, str):
        found = interval(value)
        if found:
            yield found
    elif isinstance(value, dict) and fhir_type == "Timing":
        for event in value.get("event", ()):
            yield from intervals("dateTime", event)
    elif isinstance(value, dict) and ("start" in value or "end" in value):
        start, end = interval(value.get("start")), interval(value.get("end"))
        yield Interval(start.low if start else -EVER, end.high if end else EVER)


def _asked(name: Name, text: str, now: int) -> tuple[str, Interval]:
    match = _PREFIX.fullmatch(text)
    prefix, rest = (match.group(1) or "eq", match.group(2)) if match else ("eq", text)
    found = interval(rest)
    if found is None:
        raise BadRequest(
            "FD-SEARCH-DATE",
            f"检索参数 {name.code} 的值不是日期;应为 2026、2026-11、2026-11-22 "
            "或 2026-11-22T08:30:00+08:00,可加前缀 ge 等。",
            f"The value of search parameter {name.code} is not a date; write 2026, 2026-11, 2026-11-22 or "
            "2026-11-22T08:30:00+08:00, with a prefix such as ge where wanted.",
        )
    if prefix == "ap":
        margin = max(abs(now - found.low) // 10, 1)
        return prefix, Interval(found.low - margin, found.high + margin)
    return prefix, found
