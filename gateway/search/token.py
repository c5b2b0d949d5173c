"""Search parameters of type token: codes and identifiers, never folded. https://hl7.org/fhir/R4/search.html#token"""

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.errors import NotSupported
from gateway.search.expressions import Value
from gateway.search.terms import Condition, Name, any_key, key, split, unescape

MODIFIERS = frozenset({"", "not"})


def rows(name: Name, values: Iterable[Value]) -> set[int]:
    """Keys for `code`, `system|code`, `system|` and `|code` of every value."""
    return {found for value in values for system, code in _codes(*value) for found in _keys(name, system, code)}


def clause(name: Name, modifier: str, values: list[str]) -> Condition:
    if modifier not in MODIFIERS:
        raise NotSupported(
            "FD-SEARCH-MODIFIER",
            f"检索参数 {name.code} 不支持修饰符 :{modifier};可用::not。",
            f"Search parameter {name.code} does not support the modifier :{modifier}; use :not or none.",
        )
    keys = [key(name, *map(unescape, split(value, "|"))) for value in values]
    return any_key(keys, negated=modifier == "not", selective=name.code == "identifier")


def _keys(name: Name, system: str | None, code: str) -> Iterator[int]:
    yield key(name, code)
    yield key(name, system or "", code)
    if system:
        yield key(name, system, "")


def _codes(fhir_type: str, value: Any) -> Iterator[tuple[str | None, str]]:  # noqa: ANN401 - any FHIR element
    match fhir_type, value:
        case "CodeableConcept", {"coding": [*codings]}:
            for coding in codings:
                yield from _codes("Coding", coding)
        case "Coding", {"code": str(code)}:
            yield value.get("system"), code
        case "Identifier" | "ContactPoint", {"value": str(code)}:
            yield value.get("system") if fhir_type == "Identifier" else None, code
        case _, bool(flag):
            yield None, "true" if flag else "false"
        case _, str(code):
            yield None, code
