"""Values that a profile fixes, or gives a pattern, a length or a range. https://hl7.org/fhir/R4/elementdefinition.html#constraints"""

from collections.abc import Callable
from typing import Any

from profiles import fhirpath
from profiles.fhirpath.values import compare
from profiles.r4.issues import Fault, Place
from profiles.validation.run import Check, Run
from profiles.validation.tree import Definition, fixed


def same(value: Any, wanted: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Equal, members and items all; 1.0 is 1.0 and also 1.00."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and value.keys() == wanted.keys() and _each(value, wanted, same)
    if isinstance(wanted, list):
        pairs = zip(value, wanted, strict=True) if isinstance(value, list) and len(value) == len(wanted) else None
        return pairs is not None and all(same(one, other) for one, other in pairs)
    return (type(value) is bool) is (type(wanted) is bool) and bool(value == wanted)


def fits(value: Any, pattern: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Everything of the pattern is there; there may be more, and in another order."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and pattern.keys() <= value.keys() and _each(value, pattern, fits)
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(fits(one, wanted) for one in value) for wanted in pattern)
    return same(value, pattern)


def _each(value: dict[str, Any], wanted: dict[str, Any], test: Callable[[Any, Any], bool]) -> bool:
    return all(test(value[name], one) for name, one in wanted.items())


def value_checks(definition: Definition, kind: str) -> list[Check]:
    """What a definition says of the value itself; none where it says nothing."""
    checks: list[Check] = []
    for prefix, test, key in (("fixed", same, "FD-FIXED"), ("pattern", fits, "FD-PATTERN")):
        wanted = fixed(definition, prefix)
        if wanted is not None:
            checks.append(_expected(wanted, test, key))
    longest = definition.get("maxLength")
    if type(longest) is int:
        checks.append(_length(longest))
    for prefix, wrong in (("minValue", -1), ("maxValue", 1)):
        limit = fixed(definition, prefix)
        if limit is not None:
            checks.append(_limit(limit, wrong, kind))
    return checks


def _expected(wanted: Any, test: Callable[[Any, Any], bool], key: str) -> Check:  # noqa: ANN401 - any JSON value
    words: dict[str, Any] = {"expected": shown(wanted)}

    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if value is not None and not test(value, wanted):
            run.faults.append(Fault(place, key, words))

    return check


def shown(wanted: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value of a definition, short enough for a sentence."""
    if isinstance(wanted, dict):
        inner = ", ".join(f"{name}: {shown(one)}" for name, one in wanted.items())
        return f"{{{inner}}}"[:300]
    if isinstance(wanted, list):
        return f"[{', '.join(map(shown, wanted))}]"[:300]
    return ("true" if wanted else "false") if isinstance(wanted, bool) else str(wanted)[:200]


def _length(longest: int) -> Check:
    words: dict[str, Any] = {"most": str(longest)}

    def check(value: Any, _side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if type(value) is str and len(value) > longest:
            run.faults.append(Fault(place, "FD-LENGTH", words))

    return check


def _limit(limit: Any, wrong: int, kind: str) -> Check:  # noqa: ANN401 - any JSON value
    """`wrong`: -1 where nothing may be less, 1 where nothing may be more. What has no order with it is let be."""
    words: dict[str, Any] = {"limit": shown(limit), "bound": ("不得小于", "not be less than")}
    if wrong > 0:
        words["bound"] = ("不得大于", "not be more than")

    def check(value: Any, side: Any, place: Place, run: Run) -> None:  # noqa: ANN401 - any JSON value
        if value is None:
            return
        try:
            order = compare((value, kind, side), (limit, kind, None))
        except fhirpath.UndecidedError:
            return
        if order == wrong:
            run.faults.append(Fault(place, "FD-RANGE", words))

    return check
