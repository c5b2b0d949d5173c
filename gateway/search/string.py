"""Search parameters of type string: folded for case, accents and width, found by prefix.

https://hl7.org/fhir/R4/search.html#string
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.errors import NotSupported
from gateway.search.expressions import Value
from gateway.search.terms import Condition, Name, key, unescape

_MOST = 200
"""Characters of a value that are indexed: a B-tree row has room for no more."""
_MARK = "\x01"
"""Between the folded value and the value as written, so that one row serves both prefix and `:exact`."""

_PARTS = {
    "HumanName": ("text", "family", "given", "prefix", "suffix"),
    "Address": ("text", "line", "city", "district", "state", "country", "postalCode"),
}


def rows(_: Name, values: Iterable[Value]) -> set[str]:
    return {f"{fold(text)}{_MARK}{text}" for value in values for text in _texts(*value)}


def clause(name: Name, modifier: str, values: list[str]) -> Condition:
    texts = [unescape(value)[:_MOST] for value in values]
    match modifier:
        case "":
            patterns = [f"{_like(fold(text))}%" for text in texts]
        case "contains":
            patterns = [f"%{_like(fold(text))}%{_MARK}%" for text in texts]
        case "exact":
            patterns = [_like(f"{fold(text)}{_MARK}{text}") for text in texts]
        case _:
            raise NotSupported(
                "FD-SEARCH-MODIFIER",
                f"检索参数 {name.code} 不支持修饰符 :{modifier};可用::exact、:contains。",
                f"Search parameter {name.code} does not support the modifier :{modifier}; use :exact or :contains.",
            )
    sql = "x.key = %(key_{n})s AND x.value LIKE ANY(%(like_{n})s::text[])"
    if len(patterns) == 1:
        sql = "x.key = %(key_{n})s AND x.value LIKE %(like_{n})s"
    return Condition("words", sql, {"key": key(name), "like": patterns if len(patterns) > 1 else patterns[0]})


def fold(text: str) -> str:
    """Compatibility forms, case, accents and white space made equal."""
    if not text.isascii() and not unicodedata.is_normalized("NFKD", text):
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join(character for character in decomposed if not unicodedata.combining(character))
        text = unicodedata.normalize("NFC", bare)
    return " ".join(text.casefold().split())


def _texts(fhir_type: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - any FHIR element
    if isinstance(value, str):
        yield value[:_MOST]
    elif isinstance(value, dict):
        for part in _PARTS.get(fhir_type, ()):
            found = value.get(part)
            yield from (text[:_MOST] for text in (found if isinstance(found, list) else [found]) if text)


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
