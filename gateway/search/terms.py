"""The words that the search modules share: keys of the inverted index, conditions, escaping in values."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

_ESCAPED = re.compile(r"\\([,|$\\])")


class Name(NamedTuple):
    """A search parameter of a resource type."""

    type: str
    code: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What rows of one table must satisfy, as SQL over the alias `x`; `{n}` in a placeholder is its number."""

    table: Literal["idx", "words", "span", "resource"]
    sql: str
    parameters: Mapping[str, object]
    negated: bool = False
    selective: bool = False
    """Worth starting from: few rows match, as with an identifier or a patient."""


def key(name: Name, *value: str) -> int:
    """The 64-bit signed key of a parameter, or of a parameter with a value."""
    hasher = _hasher(name)
    if value:
        hasher = hasher.copy()
        hasher.update("\x1f".join(("", *value)).encode())
    return int.from_bytes(hasher.digest(), "big", signed=True)


@cache
def _hasher(name: Name) -> "hashlib.blake2b":
    return hashlib.blake2b("\x1f".join(name).encode(), digest_size=8)


def any_key(keys: list[int], *, negated: bool = False, selective: bool = False) -> Condition:
    """The rows of the inverted index under any of those keys."""
    if len(keys) == 1:
        return Condition("idx", "x.key = %(key_{n})s", {"key": keys[0]}, negated, selective)
    return Condition("idx", "x.key = ANY(%(key_{n})s::bigint[])", {"key": keys}, negated, selective)


def alternatives(text: str) -> list[str]:
    """The comma-separated values of a parameter, still escaped."""
    return split(text, ",")


def split(text: str, separator: str) -> list[str]:
    """The parts between unescaped separators, still escaped."""
    if "\\" not in text:
        return text.split(separator)
    parts, start, escaped = [], 0, False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == separator:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text
