"""The filters of a value set on a code system that is here. https://hl7.org/fhir/R4/valueset-filter-operator.html"""

from collections.abc import Callable, Iterator
from typing import Any

from profiles.json import Resource
from profiles.terminology import patterns
from profiles.terminology.faults import Invalid
from profiles.terminology.systems import System, properties

Keeps = Callable[[str], bool]
Spend = Callable[[int], None]
"""Counts work, and raises where it is too much."""
_HIERARCHY = frozenset({"concept", "code"})
"""Names that the filters on the hierarchy go by."""


def chosen(system: System, filters: list[Resource], spend: Spend) -> Iterator[str]:
    """The codes that pass every filter, in the order of the system; raises `Invalid` for a filter that is none."""
    spend(len(system.concepts) * (1 + len(filters)))
    tests = [_test(system, one, spend) for one in filters]
    return (code for code in system.concepts if all(keeps(code) for keeps in tests))


def _test(system: System, said: Resource, spend: Spend) -> Keeps:
    name, operator, value = (said.get(part) for part in ("property", "op", "value"))
    if not (isinstance(name, str) and isinstance(operator, str) and isinstance(value, str)):
        raise Invalid("值集的 filter 应有 property、op 与 value。", "A filter has a property, an op and a value.")
    if operator in _ON_HIERARCHY and name in _HIERARCHY:
        return _ON_HIERARCHY[operator](system, value)
    if operator == "regex":
        return _matching(_reader(system, name), patterns.pattern(value), spend)
    if operator not in _ON_VALUES:
        raise Invalid(
            f"该属性不支持 filter 运算符 {operator[:20]}。",
            f"The filter operator {operator[:20]} has no meaning on this property.",
        )
    return _ON_VALUES[operator](_reader(system, name), value)


def _among(codes: frozenset[str]) -> Keeps:
    return codes.__contains__


_ON_HIERARCHY: dict[str, Callable[[System, str], Keeps]] = {
    "is-a": lambda system, value: _among(system.below(value)),
    "descendent-of": lambda system, value: _among(system.below(value) - {value}),
    "is-not-a": lambda system, value: _among(frozenset(system.concepts) - system.below(value)),
    "generalizes": lambda system, value: _among(system.above(value)),
}


def _reader(system: System, name: str) -> Callable[[str], list[str]]:
    """What a concept says of a property, as text."""
    match name:
        case "code" | "concept":
            return lambda code: [code]
        case "display":
            return lambda code: [system.concepts[code].get("display", "")]
        case "parent":
            return lambda code: list(system.parents.get(code, ()))
        case "child":
            return lambda code: list(system.children.get(code, ()))
    return lambda code: [_text(value) for value in properties(system.concepts[code]).get(name, ())]


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.get("code", "")) if isinstance(value, dict) else str(value)


def _any_of(read: Callable[[str], list[str]], value: str) -> Keeps:
    wanted = frozenset(part.strip() for part in value.split(","))
    return lambda code: not wanted.isdisjoint(read(code))


def _none_of(read: Callable[[str], list[str]], value: str) -> Keeps:
    found = _any_of(read, value)
    return lambda code: not found(code)


def _matching(read: Callable[[str], list[str]], expression: patterns.Pattern, spend: Spend) -> Keeps:
    def keeps(code: str) -> bool:
        texts = read(code)
        spend(sum(map(expression.price, texts)))
        return any(map(expression.matches, texts))

    return keeps


def _existing(read: Callable[[str], list[str]], value: str) -> Keeps:
    return lambda code: bool(read(code)) == (value == "true")


_ON_VALUES: dict[str, Callable[[Callable[[str], list[str]], str], Keeps]] = {
    "=": lambda read, value: lambda code: value in read(code),
    "in": _any_of,
    "not-in": _none_of,
    "exists": _existing,
}
