"""Search parameters of type reference, by literal reference or by identifier.

https://hl7.org/fhir/R4/search.html#reference
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.errors import NotSupported
from gateway.search import token
from gateway.search.expressions import Value
from gateway.search.terms import Condition, Name, any_key, key, unescape

_LITERAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/.*)?")


def rows(name: Name, values: Iterable[Value]) -> set[int]:
    """A key for every literal reference (without its version), and token keys for every logical one."""
    found: set[int] = set()
    for _, value in values:
        if target := _literal(value):
            found.add(key(name, target))
        if isinstance(value, dict) and isinstance(value.get("identifier"), dict):
            found |= token.rows(_by_identifier(name), [("Identifier", value["identifier"])])
    return found


def clause(name: Name, modifier: str, values: list[str], targets: Iterable[str]) -> Condition:
    """`targets` are the types that a bare id may mean."""
    if modifier == "identifier":
        found = token.clause(_by_identifier(name), "", values)
        return Condition(found.table, found.sql, found.parameters, selective=True)
    if modifier and not modifier[0].isupper():
        raise NotSupported(
            "FD-SEARCH-MODIFIER",
            f"检索参数 {name.code} 不支持修饰符 :{modifier};可用::identifier 或 :资源类型。",
            f"Search parameter {name.code} does not support the modifier :{modifier}; "
            "use :identifier or :ResourceType.",
        )
    types = [modifier] if modifier else list(targets)
    keys = [key(name, target) for value in values for target in _targets(unescape(value), types)]
    return any_key(keys, selective=True)


def _by_identifier(name: Name) -> Name:
    return Name(name.type, f"{name.code}:identifier")


def _literal(value: Any) -> str | None:  # noqa: ANN401 - any FHIR element
    text = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(text, str):
        return None
    match = _LITERAL.fullmatch(text) if not text.startswith("urn:") else None
    return match.group(1) if match and "://" not in text else text


def _targets(value: str, types: list[str]) -> Iterator[str]:
    if "/" in value or ":" in value:
        yield _literal(value) or value
    else:
        yield from (f"{target}/{value}" for target in types)
