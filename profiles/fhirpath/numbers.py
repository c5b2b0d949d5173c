"""Functions of numbers, and from one type to another. https://hl7.org/fhirpath/N1/#conversion"""

import re
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from profiles.fhirpath.operators import only, whole_number
from profiles.fhirpath.values import Moment, Quantity, is_number, moment, time_of_day, unit_of
from profiles.fhirpath.world import Items, Scope, UndecidedError

_WHOLE = re.compile(r"[+-]?\d{1,20}")
_DECIMAL = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?")
_QUANTITY = re.compile(r"([+-]?\d{1,60}(?:\.\d{1,60})?)\s*('[^']+'|[a-z]+)?")
_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})


def _number(calculate: Callable[..., Any]) -> Callable[..., Items]:
    def function(items: Items, _: Scope, *arguments: Items) -> Items:
        values = [only(items), *map(only, arguments)]
        if any(value is None for value in values):
            return []
        if not all(is_number(value) for value in values):
            raise UndecidedError("a number is expected")
        found = calculate(*(Decimal(str(value)) for value in values))
        return [] if found is None else [found]

    return function


def _whole(rounding: str) -> Callable[[Decimal], int]:
    return lambda number: whole_number(number.to_integral_value(rounding=rounding))


def _rounded(number: Decimal, digits: Decimal = Decimal()) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-whole_number(digits)), rounding=ROUND_HALF_UP)


def _sum(items: Items, _: Scope) -> Items:
    values = [only([item]) for item in items]
    if not all(is_number(value) for value in values):
        raise UndecidedError("numbers are expected")
    return [sum(Decimal(str(value)) for value in values)] if values else []


# Conversions: None for what is no such thing


def _to_boolean(value: Any) -> bool | None:  # noqa: ANN401 - any value
    text = str(value).lower()
    return True if text in _TRUE else False if text in _FALSE else None


def _to_integer(value: Any) -> int | None:  # noqa: ANN401 - any value
    if type(value) in {bool, int}:
        return int(value)
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else None


def _to_decimal(value: Any) -> Decimal | None:  # noqa: ANN401 - any value
    if type(value) is bool or is_number(value):
        return Decimal(str(int(value) if type(value) is bool else value))
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _to_string(value: Any) -> str | None:  # noqa: ANN401 - any value
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, Quantity):
        return f"{value.value} '{value.unit}'"
    if isinstance(value, Moment):
        return value.text
    return None if isinstance(value, (dict, list)) else str(value)


def _to_moment(value: Any) -> Moment | None:  # noqa: ANN401 - any value
    return value if isinstance(value, Moment) else moment(value) if isinstance(value, str) else None


def _to_date(value: Any) -> Moment | None:  # noqa: ANN401 - any value
    found = _to_moment(value)
    return moment(found.text[:10]) if found and not found.is_time else None


def _to_time(value: Any) -> Moment | None:  # noqa: ANN401 - any value
    return value if isinstance(value, Moment) else time_of_day(value) if isinstance(value, str) else None


def _to_quantity(value: Any) -> Quantity | None:  # noqa: ANN401 - any value
    if isinstance(value, Quantity):
        return value
    if is_number(value):
        return Quantity(Decimal(str(value)), "1")
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return Quantity(Decimal(found[1]), unit_of(found[2] or "'1'")) if found else None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "Boolean": _to_boolean,
    "Integer": _to_integer,
    "Decimal": _to_decimal,
    "String": _to_string,
    "Date": _to_date,
    "DateTime": _to_moment,
    "Time": _to_time,
    "Quantity": _to_quantity,
}


def _converted(convert: Callable[[Any], Any]) -> Callable[..., Items]:
    def function(items: Items, _: Scope, *_arguments: Items) -> Items:
        value = only(items)
        found = None if value is None else convert(value)
        return [] if found is None else [found]

    return function


def _converts(convert: Callable[[Any], Any]) -> Callable[..., Items]:
    def function(items: Items, _: Scope, *_arguments: Items) -> Items:
        value = only(items)
        return [] if value is None else [convert(value) is not None]

    return function


NUMBERS: dict[str, Callable[..., Items]] = {
    "abs": _number(abs),
    "ceiling": _number(_whole(ROUND_CEILING)),
    "floor": _number(_whole(ROUND_FLOOR)),
    "truncate": _number(_whole(ROUND_DOWN)),
    "round": _number(_rounded),
    "sqrt": _number(lambda number: number.sqrt() if number >= 0 else None),
    "exp": _number(lambda number: number.exp()),
    "ln": _number(lambda number: number.ln()),
    "log": _number(lambda number, base: number.ln() / base.ln()),
    "power": _number(lambda number, exponent: number**exponent if abs(exponent) < 1000 else None),
    "sum": _sum,
    **{f"to{name}": _converted(convert) for name, convert in _CONVERSIONS.items()},
    **{f"convertsTo{name}": _converts(convert) for name, convert in _CONVERSIONS.items()},
}
