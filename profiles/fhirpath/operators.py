"""The operators of FHIRPath, on two collections. https://hl7.org/fhirpath/N1/#operations"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from profiles.fhirpath.values import Moment, Quantity, compare, equal, equivalent, identity, is_number, moment, plain
from profiles.fhirpath.world import Items, UndecidedError

Operator = Callable[[Items, Items], Items]

LONGEST = 2**20
"""Characters of a text that is put together."""
_MOST_BITS = 256
_MOST_DIGITS = 40
_DAYS = {"d": 1, "wk": 7}
_SECONDS = {"h": Decimal(3600), "min": Decimal(60), "s": Decimal(1), "ms": Decimal("0.001")}


def only(items: Items) -> Any:  # noqa: ANN401 - any item
    """The value of the one item there is; None for none; raises `UndecidedError` for several."""
    if not items:
        return None
    if len(items) > 1:
        raise UndecidedError("one value expected, several found")
    return plain(items[0])


def truth(items: Items) -> bool | None:
    """One thing that is no boolean is true: it is there. https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections"""
    value = only(items)
    return value if type(value) is bool else None if not items else True


def answer(value: bool | None) -> Items:  # noqa: FBT001 - the value itself
    return [] if value is None else [value]


# Equality and order


def _equal(left: Items, right: Items) -> bool | None:
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    found: bool | None = True
    for one, other in zip(left, right, strict=True):
        same = equal(one, other)
        if same is False:
            return False
        found = found if same else None
    return found


def _negated(value: bool | None) -> bool | None:  # noqa: FBT001 - the value itself
    return None if value is None else not value


def _equivalent(left: Items, right: Items) -> bool:
    if len(left) != len(right):
        return False
    return all(any(equivalent(one, other) for other in right) for one in left)


def _ordered(holds: Callable[[int], bool]) -> Operator:
    def operator(left: Items, right: Items) -> Items:
        if only(left) is None or only(right) is None:
            return []
        order = compare(left[0], right[0])
        return [] if order is None else [holds(order)]

    return operator


# Logic of three values


def _and(left: Items, right: Items) -> Items:
    a, b = truth(left), truth(right)
    if a is False or b is False:
        return [False]
    return [True] if a and b else []


def _or(left: Items, right: Items) -> Items:
    a, b = truth(left), truth(right)
    return [True] if a or b else [] if a is None or b is None else [False]


def _xor(left: Items, right: Items) -> Items:
    a, b = truth(left), truth(right)
    return [] if a is None or b is None else [a is not b]


def _implies(left: Items, right: Items) -> Items:
    a, b = truth(left), truth(right)
    if a is False or b is True:
        return [True]
    return [] if a is None or b is None else [b]


# Collections


def union(left: Items, right: Items) -> Items:
    return distinct([*left, *right])


def distinct(items: Items) -> Items:
    if len(items) < 2:
        return items
    found: dict[object, Any] = {}
    for item in items:
        found.setdefault(identity(item), item)
    return list(found.values())


def contains(items: Items, one: Items) -> Items:
    if not one:
        return []
    wanted = identity(one[0]) if only(one) is not None else None
    return [any(identity(item) == wanted for item in items)]


# Arithmetic


def _plus(left: Items, right: Items) -> Items:
    a, b = only(left), only(right)
    if a is None or b is None:
        return []
    if isinstance(a, Moment) and isinstance(b, Quantity):
        return [_moved(a, b)]
    if isinstance(a, str) and isinstance(b, str):
        return _joined([a], [b])
    if isinstance(a, Quantity) and isinstance(b, Quantity) and a.unit == b.unit:
        return [Quantity(a.value + b.value, a.unit)]
    return [_small(_number(a) + _number(b))]


def _minus(left: Items, right: Items) -> Items:
    a, b = only(left), only(right)
    if a is None or b is None:
        return []
    if isinstance(b, Quantity):
        return _plus(left, [Quantity(-b.value, b.unit)])
    return [_small(_number(a) - _number(b))]


def _moved(at: Moment, by: Quantity) -> Moment:
    """A date some calendar time later, in the precision that it has."""
    whole = whole_number(by.value)
    year, month, day = (*map(int, at.parts[:3]), 1, 1)[:3]
    rest = at.parts[3:]
    if by.unit in {"year", "month", "a", "mo"}:
        months = year * 12 + month - 1 + whole * (12 if by.unit in {"year", "a"} else 1)
        year, month = divmod(months, 12)
        return _rewritten(at, datetime(year, month + 1, 1), day, rest)  # noqa: DTZ001 - a date, in no zone
    if by.unit in _DAYS:
        later = datetime(year, month, day) + timedelta(days=whole * _DAYS[by.unit])  # noqa: DTZ001 - the same
        return _rewritten(at, later, later.day, rest)
    if by.unit not in _SECONDS:
        raise UndecidedError("a date moves by units of time")
    seconds = timedelta(seconds=float(by.value * _SECONDS[by.unit]))
    hour, minute, second = (*rest, Decimal(), Decimal(), Decimal())[:3]
    clock = timedelta(hours=int(hour), minutes=int(minute), seconds=float(second))
    later = datetime(year, month, day) + clock + seconds  # noqa: DTZ001 - in the zone that it has
    return _rewritten(
        at, later, later.day, (later.hour, later.minute, later.second + Decimal(later.microsecond) / 10**6)
    )


def _rewritten(at: Moment, month: datetime, day: int, rest: Sequence[Decimal | int]) -> Moment:
    next_month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    day = min(day, (next_month - timedelta(days=1)).day)
    date = "-".join(f"{part:0{width}}" for part, width in ((month.year, 4), (month.month, 2), (day, 2)))
    if len(at.parts) <= 3:
        found = moment(date[: (4, 7, 10)[len(at.parts) - 1]])
    else:
        clock = ":".join(map(_digits, rest[: len(at.parts) - 3]))
        zone = at.text[-6:] if at.universal and not at.text.endswith("Z") else "Z" if at.universal else ""
        found = moment(f"{date}T{clock}{zone}")
    if found is None:
        raise UndecidedError("no such date")
    return found


def _digits(part: Decimal | int) -> str:
    return f"{int(part):02}" if part == int(part) else f"{part.normalize():06.3f}" if isinstance(part, Decimal) else ""


def _number(value: Any) -> Decimal | int:  # noqa: ANN401 - any value
    if not is_number(value):
        raise UndecidedError("a number is expected")
    number: Decimal | int = value
    return number


def _small(number: Decimal | int) -> Decimal | int:
    """Whole numbers double without end, where decimals have a precision."""
    if type(number) is int and number.bit_length() > _MOST_BITS:
        raise UndecidedError("too large a number")
    return number


def whole_number(number: Decimal) -> int:
    """Raises `UndecidedError` for one with more digits than anybody needs."""
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        raise UndecidedError("too large a number")
    return int(number)


def _calculated(calculate: Callable[[Decimal, Decimal], Any], *, divides: bool = False) -> Operator:
    def operator(left: Items, right: Items) -> Items:
        a, b = only(left), only(right)
        if a is None or b is None:
            return []
        first, second = Decimal(_number(a)), Decimal(_number(b))
        return [] if divides and second == 0 else [calculate(first, second)]

    return operator


def _joined(left: Items, right: Items) -> Items:
    """Of one text with itself, again and again, nothing comes."""
    found = str(only(left) or "") + str(only(right) or "")
    if len(found) > LONGEST:
        raise UndecidedError("too long a text")
    return [found]


OPERATORS: dict[str, Operator] = {
    "=": lambda a, b: answer(_equal(a, b)),
    "!=": lambda a, b: answer(_negated(_equal(a, b))),
    "~": lambda a, b: [_equivalent(a, b)],
    "!~": lambda a, b: [not _equivalent(a, b)],
    "<": _ordered(lambda order: order < 0),
    "<=": _ordered(lambda order: order <= 0),
    ">": _ordered(lambda order: order > 0),
    ">=": _ordered(lambda order: order >= 0),
    "and": _and,
    "or": _or,
    "xor": _xor,
    "implies": _implies,
    "|": union,
    "in": lambda a, b: contains(b, a),
    "contains": contains,
    "+": _plus,
    "-": _minus,
    "&": _joined,
    "*": _calculated(lambda a, b: a * b),
    "/": _calculated(lambda a, b: a / b, divides=True),
    "div": _calculated(lambda a, b: whole_number(a / b), divides=True),
    "mod": _calculated(lambda a, b: a % b, divides=True),
}
