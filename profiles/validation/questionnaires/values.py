"""Answers as values of FHIR types: which type, whether equal, which is greater. https://hl7.org/fhir/R4/datatypes.html"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from profiles import ucum

Order = Literal[-1, 0, 1]

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?)?)?)?")
_NUMBERS = {"integer", "decimal"}
_DATES = {"date", "dateTime"}


class Value(NamedTuple):
    type: str
    """The FHIR type: `Coding`, `dateTime`, …"""
    content: Any


def value_of(holder: Mapping[str, object], prefix: str = "value") -> Value | None:
    """The `value[x]` (or `answer[x]`) of an object; None where there is none."""
    for name, content in holder.items():
        kind = name.removeprefix(prefix)
        if kind != name and kind[:1].isupper():
            return Value(kind if kind in _COMPLEX else kind[0].lower() + kind[1:], content)
    return None


_COMPLEX = {"Coding", "Quantity", "Reference", "Attachment"}


def same(one: Value, other: Value) -> bool:
    """Whether one answer says what the other says; displays and texts do not count."""
    left, right = one.content, other.content
    if one.type == other.type == "Coding" and isinstance(left, dict) and isinstance(right, dict):
        return bool(left.get("code") == right.get("code") and left.get("system") == right.get("system"))
    if one.type == other.type == "Reference" and isinstance(left, dict) and isinstance(right, dict):
        return bool(left.get("reference") == right.get("reference"))
    if one.type == other.type == "boolean" or {one.type, other.type} <= {"string", "uri", "time"}:
        return bool(left == right)
    return order(one, other) == 0


def order(one: Value, other: Value) -> Order | None:
    """Whether one is before (-1), at (0) or after (1) the other; None where nobody can tell.

    A date without a day is its whole month, so that 2022-06-30 is at 2022-06.
    """
    kinds = {one.type, other.type}
    if kinds <= _NUMBERS:
        return _numbers(one.content, other.content)
    if kinds == {"Quantity"}:
        return _quantities(one.content, other.content)
    if kinds <= _DATES:
        return _periods(_period(one.content), _period(other.content))
    texts = isinstance(one.content, str) and isinstance(other.content, str)
    return _sign(one.content > other.content, one.content < other.content) if kinds == {"time"} and texts else None


def _sign(after: object, before: object) -> Order:
    return 1 if after else -1 if before else 0


def _numbers(one: object, other: object) -> Order | None:
    left, right = number(one), number(other)
    return None if left is None or right is None else _sign(left > right, left < right)


def number(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _quantities(one: object, other: object) -> Order | None:
    """By UCUM; without it, nobody knows that a unit written alike is the same."""
    left, right = _measured(one), _measured(other)
    if left is None or right is None or left[1] != right[1]:
        return None
    return _sign(left[0] > right[0], left[0] < right[0])


def _measured(quantity: object) -> tuple[Decimal, str] | None:
    if not isinstance(quantity, dict) or quantity.get("system") != ucum.SYSTEM:
        return None
    value, code = number(quantity.get("value")), quantity.get("code")
    return ucum.canonical(value, code) if value is not None and isinstance(code, str) else None


Period = tuple[datetime, datetime]


def _periods(one: Period | None, other: Period | None) -> Order | None:
    return None if one is None or other is None else _sign(one[0] > other[1], one[1] < other[0])


def _period(text: object) -> Period | None:
    """The first and last moment of a date; one without an offset is taken as UTC, there being nothing better."""
    matched = _DATE.fullmatch(text) if isinstance(text, str) else None
    if matched is None:
        return None
    year, month, day, time, zone = matched.groups()
    try:
        if time:
            moment = datetime.fromisoformat(f"{year}-{month}-{day}T{time[:15]}{zone or 'Z'}")
            return moment, moment
        last = int(day or calendar.monthrange(int(year), int(month or 12))[1])
        start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        return start, datetime(int(year), int(month or 12), last, 23, 59, 59, 999_999, tzinfo=UTC)
    except ValueError:
        return None
