"""Search parameters of type token: codes and identifiers, never folded. https://hl7.org/fhir/R4/search.html#token"""

from collections.abc import Iterable
from typing import Any

from gateway.errors import NotSupported
from gateway.search.expressions import Value
from gateway.search.terms import Condition, Name, any_key, key, split, unescape

MODIFIERS = frozenset({"", "not"})


def rows(name: Name, values: Iterable[Value]) -> set[int]:
    """Keys for `code`, `system|code`, `system|` and `|code` of every value."""
    found: set[int] = set()
    for system, code in {pair for value in values for pair in _codes(*value)}:
        found |= {key(name, code), key(name, system, code)}
        if system:
            found.add(key(name, system, ""))
    return found


def clause(name: Name, modifier: str, values: list[str]) -> Condition:
    if modifier not in MODIFIERS:
        raise NotSupported(
            "FD-SEARCH-MODIFIER",
            f"检索参数 {name.code} 不支持修饰符 :{modifier};可用::not。",
            f"Search parameter {name.code} does not support the modifier :{modifier}; use :not or none.",
        )
    keys = [key(name, *map(unescape, split(value, "|"))) for value in values]
    return any_key(keys, negated=modifier == "not", selective=name.code == "identifier")


def _codes(fhir_type: str, value: Any) -> Iterable[tuple[str, str]]:  # noqa: ANN401 - any FHIR element
    """(system, code) of a value, the system empty where it has none."""
    if isinstance(value, str):
        return [("", value)]
    if isinstance(value, bool):
        return [("", "true" if value else "false")]
    if fhir_type == "CodeableConcept":
        return [pair for coding in value.get("coding", ()) for pair in _codes("Coding", coding)]
    code = value.get("code" if fhir_type == "Coding" else "value")
    system = "" if fhir_type == "ContactPoint" else value.get("system", "")
    return [(system, code)] if isinstance(code, str) and isinstance(system, str) else []
