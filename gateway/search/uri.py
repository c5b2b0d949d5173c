"""Search parameters of type uri: compared whole, case-sensitive. https://hl7.org/fhir/R4/search.html#uri"""

from collections.abc import Iterable

from gateway.search.expressions import Value
from gateway.search.string import like
from gateway.search.terms import (
    IDENTIFIER,
    WORD,
    Asked,
    Clause,
    Condition,
    Found,
    Name,
    key,
    modifier_refused,
    unescape,
)

_MOST = 1000
"""Characters of a value that are indexed: a B-tree row has room for no more."""


def rows(name: Name, values: Iterable[Value], into: Found) -> None:
    into.words |= {(key(name), value[:_MOST]) for _, value in values if isinstance(value, str)}


def clause(asked: Asked) -> Clause:
    texts = [unescape(value)[:_MOST] for value in asked.values]
    match asked.modifier:
        case "":
            return _among(asked, texts, IDENTIFIER)
        case "above":
            return _among(asked, [above for text in texts for above in _ancestors(text)], IDENTIFIER)
        case "below":
            patterns = [pattern for text in texts for pattern in (like(text), f"{like(text.rstrip('/'))}/%")]
            sql = "x.value LIKE ANY(%(like_{n})s::text[])"
            return Condition("words", sql, {"like": patterns}, (key(asked.name),), WORD)
        case _:
            raise modifier_refused(asked, ":above :below :missing")


def _among(asked: Asked, texts: list[str], rank: int) -> Condition:
    return Condition("words", "x.value = ANY(%(among_{n})s::text[])", {"among": texts}, (key(asked.name),), rank)


def _ancestors(text: str) -> list[str]:
    """The URL itself and each one above it, with and without a slash at the end."""
    parts = text.rstrip("/").split("/")
    whole = ["/".join(parts[:number]) for number in range(len(parts), 0, -1)]
    return [form for one in whole if one for form in (one, f"{one}/")]
