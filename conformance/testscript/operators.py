"""How what was found is held against what is wanted. https://hl7.org/fhir/R4/codesystem-assert-operator-codes.html"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.testscript.errors import Undone, Unmet
from conformance.testscript.paths import text

_SHOWN = 200
"""Characters of a value in a message."""


def hold(operator: str, found: Sequence[Any], *wanted: str) -> None:
    """Raises `Unmet` where it does not hold, `Undone` where that cannot be said.

    Of several values, found or wanted, one pair is enough for equals, in, contains, greaterThan and lessThan, as XPath
    compares node sets; none may break notEquals, notIn and notContains.
    """
    if operator in {"empty", "notEmpty"}:
        present = any(text(value).strip() for value in found)
        if present == (operator == "empty"):
            raise Unmet(f"expected {operator}, found {_listed(found)}")
        return
    if operator not in _HOLDS:
        raise Undone(f"operator {operator} is not supported here")
    if not wanted:
        raise Undone(f"operator {operator} needs a value")
    holds, negated = _HOLDS[operator]
    met = any(holds(value, one) for value in found for one in wanted)
    if met == negated:
        raise Unmet(f"expected {operator} {_listed(wanted)}, found {_listed(found)}")


def _equal(value: Any, wanted: str) -> bool:  # noqa: ANN401 - any primitive
    if text(value) == wanted:
        return True
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and _number(wanted) == value


def _in(value: Any, wanted: str) -> bool:  # noqa: ANN401 - any primitive
    return any(_equal(value, one.strip()) for one in wanted.split(","))


def _contains(value: Any, wanted: str) -> bool:  # noqa: ANN401 - any primitive
    return wanted in text(value)


def _greater(value: Any, wanted: str) -> bool:  # noqa: ANN401 - any primitive
    return _compared(value, wanted) > 0


def _less(value: Any, wanted: str) -> bool:  # noqa: ANN401 - any primitive
    return _compared(value, wanted) < 0


def _compared(value: Any, wanted: str) -> int:  # noqa: ANN401 - any primitive
    """Numbers by size, else by characters: dates and times of one form and zone are in order that way."""
    numbers = _number(text(value)), _number(wanted)
    left, right = (text(value), wanted) if None in numbers else numbers
    return int(left > right) - int(left < right)  # type: ignore[operator] # both texts or both numbers


def _number(value: str) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


_HOLDS: Mapping[str, tuple[Callable[[Any, str], bool], bool]] = {
    "equals": (_equal, False),
    "notEquals": (_equal, True),
    "in": (_in, False),
    "notIn": (_in, True),
    "contains": (_contains, False),
    "notContains": (_contains, True),
    "greaterThan": (_greater, False),
    "lessThan": (_less, False),
}
"""Operator → what holds for one value, and whether none may hold."""


def _listed(found: Sequence[Any]) -> str:
    return ", ".join(_shown(text(value)) for value in found) or "nothing"


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
