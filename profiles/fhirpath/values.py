"""Values without an element: dates of any precision, quantities, and when two are the same or one is less.

https://hl7.org/fhirpath/N1/#equality
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from profiles import ucum
from profiles.fhirpath.nodes import lineage
from profiles.fhirpath.world import UndecidedError
from profiles.json import dumps

_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?(Z|[+-]\d\d:\d\d)?)?)?)?)?"
)
_TIME = re.compile(r"(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?")
_MOMENTS = frozenset({"date", "dateTime", "instant"})
_CALENDAR = {
    **{unit: unit for unit in ("year", "month")},
    "week": "wk",
    "day": "d",
    "hour": "h",
    "minute": "min",
    "second": "s",
    "millisecond": "ms",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a date with time, or a time of day: as many parts as were given."""

    parts: tuple[Decimal, ...]
    universal: tuple[Decimal, ...] | None
    """The same at UTC, where a zone was given."""
    text: str
    is_time: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    value: Decimal
    unit: str
    """UCUM code; calendar `year` and `month` are themselves."""


def moment(text: str) -> Moment | None:
    """None for what is no date or time of FHIRPath."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    *numbers, zone = found.groups()
    parts = tuple(Decimal(one) for one in numbers if one is not None)
    return Moment(parts, _at_utc(parts, zone) if zone else None, text)


def _at_utc(parts: tuple[Decimal, ...], zone: str) -> tuple[Decimal, ...] | None:
    sign = -1 if zone.startswith("-") else 1
    offset = timedelta() if zone == "Z" else sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    padded = [*map(int, parts[:5]), 0, 0, 0][:5]
    try:
        shifted = datetime(*padded) - offset  # type: ignore[arg-type]  # noqa: DTZ001 - it is UTC afterwards
    except (ValueError, OverflowError):
        return None
    moved = (shifted.year, shifted.month, shifted.day, shifted.hour, shifted.minute)
    return (*map(Decimal, moved[: len(parts)]), *parts[5:])


def time_of_day(text: str) -> Moment | None:
    found = _TIME.fullmatch(text)
    return Moment(tuple(Decimal(one) for one in found.groups() if one), None, text, is_time=True) if found else None


def unit_of(word: str) -> str:
    """UCUM code of a unit as it is written behind a number: `'mg'`, `days`."""
    if word.startswith("'"):
        return word.strip("'")
    return _CALENDAR.get(word, _CALENDAR.get(word.removesuffix("s"), word))


# Elements to values


def plain(item: Any) -> Any:  # noqa: ANN401 - any item
    """The value of a primitive or a quantity; another element is its JSON; None for one that has only extensions."""
    if type(item) is not tuple:
        return item
    value, kind, _ = item
    if type(value) is str:
        if kind in _MOMENTS:
            return moment(value) or value
        return (time_of_day(value) or value) if kind == "time" else value
    if type(value) is float:
        return Decimal(str(value))
    if type(value) is dict and "Quantity" in lineage(kind):
        return _quantity(value)
    return value


def _quantity(value: dict[str, Any]) -> Any:  # noqa: ANN401 - any item
    number = value.get("value")
    if type(number) not in {int, Decimal, float} or "comparator" in value:
        return value
    unit = str(value.get("code") or value.get("unit") or "1")
    system = value.get("system", ucum.SYSTEM)
    return Quantity(Decimal(str(number)), unit if system == ucum.SYSTEM else f"{system}|{unit}")


def is_number(value: object) -> bool:
    return type(value) in {int, Decimal, float}


# Comparison


def equal(left: Any, right: Any) -> bool | None:  # noqa: ANN401 - any item
    """None where the precision does not tell."""
    a, b = plain(left), plain(right)
    if isinstance(a, Moment) or isinstance(b, Moment):
        a, b = _as_moment(a, b), _as_moment(b, a)
        if a is None or b is None or a.is_time != b.is_time:
            return False
        order = _order(a, b)
        return None if order is None else order == 0
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        pair = _comparable(a, b)
        return pair is not None and pair[0] == pair[1]
    if is_number(a) and is_number(b):
        return bool(a == b)
    return type(a) is type(b) and bool(a == b)


def _as_moment(value: Any, other: Any) -> Moment | None:  # noqa: ANN401 - any item
    if isinstance(value, str) and isinstance(other, Moment):
        return time_of_day(value) if other.is_time else moment(value)
    return value if isinstance(value, Moment) else None


def _order(a: Moment, b: Moment) -> int | None:
    """A time with a zone and one without cannot be compared; dates alone have none."""
    both_zoned = a.universal is not None and b.universal is not None
    left, right = (a.universal, b.universal) if both_zoned else (a.parts, b.parts)
    if (a.universal is None) is not (b.universal is None) and min(len(a.parts), len(b.parts)) > 3:
        return None
    for one, other in zip(left or (), right or (), strict=False):
        if one != other:
            return -1 if one < other else 1
    return 0 if len(left or ()) == len(right or ()) else None


def _comparable(a: Quantity, b: Quantity) -> tuple[Decimal, Decimal] | None:
    if a.unit == b.unit:
        return a.value, b.value
    left, right = ucum.canonical(a.value, a.unit), ucum.canonical(b.value, b.unit)
    return (left[0], right[0]) if left and right and left[1] == right[1] else None


def compare(left: Any, right: Any) -> int | None:  # noqa: ANN401 - any item
    """-1, 0 or 1; None where the precision or the units do not tell. Raises `UndecidedError` for what has no order."""
    a, b = plain(left), plain(right)
    if isinstance(a, Moment) or isinstance(b, Moment):
        a, b = _as_moment(a, b), _as_moment(b, a)
        if a is None or b is None or a.is_time != b.is_time:
            raise UndecidedError("values of different types have no order")
        return _order(a, b)
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        pair = _comparable(a, b)
        return None if pair is None else (pair[0] > pair[1]) - (pair[0] < pair[1])
    if (is_number(a) and is_number(b)) or (type(a) is str and type(b) is str):
        return int(a > b) - int(a < b)
    raise UndecidedError("values of different types have no order")


def equivalent(left: Any, right: Any) -> bool:  # noqa: ANN401 - any item
    """Case and white space of strings, and digits that only one number has, do not count."""
    a, b = plain(left), plain(right)
    if type(a) is str and type(b) is str:
        return " ".join(a.lower().split()) == " ".join(b.lower().split())
    if is_number(a) and is_number(b):
        return _rounded(a, b) == _rounded(b, a)
    if type(a) is dict and type(b) is dict:
        return a.keys() == b.keys() and all(equivalent(a[name], b[name]) for name in a)
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(any(equivalent(one, other) for other in b) for one in a)
    return bool(equal(left, right))


def _rounded(value: Any, other: Any) -> Decimal:  # noqa: ANN401 - a number
    digits = max(int(Decimal(str(one)).as_tuple().exponent) for one in (value, other))
    return Decimal(str(value)).quantize(Decimal(1).scaleb(max(min(digits, 0), -20)))


def identity(item: Any) -> object:  # noqa: ANN401 - any item
    """Something hashable that equal items have in common, and others do not."""
    value = plain(item)
    if isinstance(value, Moment):
        return value.universal or value.parts
    if isinstance(value, Quantity):
        return ucum.canonical(value.value, value.unit) or value
    return dumps(value) if isinstance(value, (dict, list)) else (type(value) is bool, value)
