"""Search parameters of type quantity: numbers with units, those of UCUM compared in base units.

https://hl7.org/fhir/R4/search.html#quantity
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from gateway.errors import BadRequest
from gateway.search.expressions import Value
from gateway.search.number import (
    INFINITY,
    LIMITS,
    Bounds,
    Comparison,
    Suffix,
    clause_of,
    compared,
    condition,
    decimal,
    ends,
    interval,
)
from gateway.search.terms import Asked, Clause, Found, Name, key, modifier_refused, split, unescape
from profiles import ucum

__all__ = ["bounds", "clause", "condition", "rows", "sought"]

_CURRENCY = "urn:iso:std:iso:4217"
_QUANTITIES = frozenset({"Quantity", "SimpleQuantity", "MoneyQuantity", "Age", "Count", "Distance", "Duration"})


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    into.amount |= {(key(name, *suffix), low, high) for suffix, low, high in bounds(values)}


def clause(asked: Asked) -> Clause:
    if asked.modifier:
        raise modifier_refused(asked, ":missing")
    return clause_of(asked.name, [sought(asked.name, text) for text in asked.values])


def bounds(values: Iterable[Value]) -> Iterator[Bounds]:
    """Under no unit, under its code, its unit text, and its system with the code; of UCUM in base units.

    What has a comparator is open on one side: `< 5` is everything below 5.
    """
    for fhir_type, value in values:
        if fhir_type == "Range":
            yield from _range(*ends(value))
        elif fhir_type == "Money":
            yield from _quantity(value | {"system": _CURRENCY, "code": value.get("currency")})
        elif fhir_type in _QUANTITIES:
            yield from _quantity(value)


def sought(name: Name, text: str) -> tuple[Suffix, Comparison]:
    """Where in the index to look, and for what; `BadRequest` for what is neither 5.4, 5.4||mg nor 5.4|system|mg."""
    number, *unit = map(unescape, split(text, "|"))
    comparison = compared(number)
    system, code = unit if len(unit) == 2 else ("", "")
    if comparison is None or len(unit) not in {0, 2} or (system and not code):
        raise BadRequest(
            "FD-SEARCH-QUANTITY",
            f"检索参数 {name.code} 的值不是可检索的量;应为 5.4、5.4||mg 或 5.4|{ucum.SYSTEM}|mg,最多 40 位数字,"
            "绝对值在 1e-60 与 1e60 之间,可加前缀 gt 等。",
            f"The value of search parameter {name.code} is not a quantity that can be searched; write 5.4, 5.4||mg or "
            f"5.4|{ucum.SYSTEM}|mg, of at most 40 digits and between 1e-60 and 1e60, with a prefix such as gt where "
            "wanted.",
        )
    if not system:
        return ((code,) if code else ()), comparison
    base = ucum.canonical(Decimal(), code) if system == ucum.SYSTEM else None
    if base is None:
        return (system, code), comparison
    return (system, base[1]), comparison.converted(lambda bound: (ucum.canonical(bound, code) or base)[0])


def _quantity(quantity: dict[str, Any]) -> Iterator[Bounds]:
    for suffix, point in _points(quantity).items():
        yield Bounds(suffix, *_opened(point, quantity.get("comparator")))


def _range(low: dict[str, Any], high: dict[str, Any]) -> Iterator[Bounds]:
    """Under what both ends are found; without regard to the unit only where it is the same."""
    lows = _points(low) if "value" in low else None
    highs = _points(high) if "value" in high else None
    if lows is not None and highs is not None and _unit(low) != _unit(high):
        lows.pop((), None)
    for suffix in lows if lows is not None else highs or ():
        low_end = -INFINITY if lows is None else lows[suffix]
        yield from interval(suffix, low_end, INFINITY if highs is None else highs.get(suffix))


def _points(quantity: dict[str, Any]) -> dict[Suffix, Decimal]:
    """The value in each of the ways in which it is found; nothing where it is beyond the limits."""
    value = decimal(quantity.get("value"))
    if value is None:
        return {}
    system, code, unit = (_text(quantity, member) for member in ("system", "code", "unit"))
    found: dict[Suffix, Decimal] = {(text,) if text else (): value for text in ("", code, unit)}
    if system and code:
        base = ucum.canonical(value, code) if system == ucum.SYSTEM else None
        converted, written = base or (value, code)
        if (limited := decimal(converted)) is not None:
            found[system, written] = limited
    return found


def _opened(point: Decimal, comparator: object) -> tuple[Decimal, Decimal]:
    match comparator:
        case "<":
            return -INFINITY, LIMITS.next_minus(point)
        case "<=":
            return -INFINITY, point
        case ">=":
            return point, INFINITY
        case ">":
            return LIMITS.next_plus(point), INFINITY
        case _:
            return point, point


def _unit(quantity: dict[str, Any]) -> str:
    return _text(quantity, "code") or _text(quantity, "unit")


def _text(quantity: dict[str, Any], member: str) -> str:
    text = quantity.get(member)
    return text if isinstance(text, str) else ""
