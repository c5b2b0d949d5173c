"""The words that the search modules share: keys of the index, what a resource is found under, what is asked."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

from gateway.errors import NotSupported
from profiles.terminology import Terminology, shipped

_ESCAPED = re.compile(r"\\([,|$\\])")

Table = Literal["words", "span", "amount", "resource"]


class Name(NamedTuple):
    """A search parameter of a resource type."""

    type: str
    code: str
    edition: str = ""
    """Of one that users added: rows under an older definition of the same code are other rows."""


@dataclass(slots=True)
class Found:
    """What a resource is found under, as the modules fill it in from its content."""

    idx: set[int] = field(default_factory=set)
    words: set[tuple[int, str]] = field(default_factory=set)
    span: set[tuple[int, int, int]] = field(default_factory=set)
    """(key, low, high): half-open, in milliseconds since 1970 UTC."""
    amount: set[tuple[int, Decimal, Decimal]] = field(default_factory=set)
    """(key, low, high): closed; a point has low = high, an open end is infinite."""
    link: set[tuple[int, int]] = field(default_factory=set)
    """(target, key): the hash of what is referred to, and the parameter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter of a search, its values still escaped; any one of them may match."""

    name: Name
    modifier: str
    values: list[str]
    targets: tuple[str, ...]
    now: datetime
    rank: int = 3
    """Of its conditions: how few resources have the same value."""
    terminology: Terminology = field(default_factory=shipped)
    systems: frozenset[str] = frozenset()
    """Code systems of the bindings of its elements of type `code`, which do not name theirs."""


# What must hold of a resource. The rank says how few match, and so where a statement had better start.

IDENTITY, IDENTIFIER, REFERENCE, CODE, WORD, RANGE, CATEGORY, LAST = range(8)


@dataclass(frozen=True, slots=True)
class Keyed:
    """It stands in the inverted index under any of these keys."""

    keys: tuple[int, ...]
    rank: int = CODE


@dataclass(frozen=True, slots=True)
class Targets:
    """It refers to any of these targets by any of these parameters."""

    keys: tuple[int, ...]
    targets: tuple[int, ...]
    rank: int = REFERENCE


@dataclass(frozen=True, slots=True)
class Condition:
    """A row of a table under any of the keys satisfies SQL over the alias `x`; `{n}` in a placeholder is its number."""

    table: Table
    sql: str
    parameters: Mapping[str, object]
    keys: tuple[int, ...] = ()
    rank: int = RANGE
    descending: bool = False
    """Its rows are soonest found from the upper end."""
    arms: tuple[str, ...] = ()
    """The same SQL in parts, of which no row satisfies two and of which each is a range of an index."""
    within: tuple[int, int] | None = None
    """Of a date, in milliseconds: a value that satisfies it ends after the one and begins before the other."""


@dataclass(frozen=True, slots=True)
class Present:
    """It has a row of that table under any of the keys: the parameter has a value."""

    table: Literal["words", "span", "amount", "link"]
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """It refers, by any of these parameters, to a resource of these types for which `inner` holds: a chain."""

    keys: tuple[int, ...]
    types: tuple[str, ...]
    inner: "Clause"


@dataclass(frozen=True, slots=True)
class LinkedBy:
    """It is of these types, and a resource for which `inner` holds refers to it by any of these parameters: `_has`."""

    keys: tuple[int, ...]
    types: tuple[str, ...]
    inner: "Clause"


@dataclass(frozen=True, slots=True)
class Not:
    clause: "Clause"


@dataclass(frozen=True, slots=True)
class All:
    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """None at all: nothing matches."""

    clauses: tuple["Clause", ...]


Clause: TypeAlias = Keyed | Targets | Condition | Present | Linked | LinkedBy | Not | All | AnyOf


def any_of(clauses: Iterable[Clause]) -> Clause:
    """Any of them, those that ask the same of different keys made one, as those that ask different of the same."""
    parts = _united(_united(clauses, _shape), _aim)
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def _united(clauses: Iterable[Clause], shape_of: Callable[[Clause], object]) -> tuple[Clause, ...]:
    merged: dict[object, Clause] = {}
    for clause in clauses:
        shape = shape_of(clause)
        merged[shape] = _merged(merged[shape], clause) if shape in merged else clause
    return tuple(merged.values())


def _aim(clause: Clause) -> object:
    """Of a compartment, every type has keys of its own that lead to the same target."""
    return (Targets, clause.targets) if isinstance(clause, Targets) else object()


def _shape(clause: Clause) -> object:
    match clause:
        case Keyed(rank=rank):
            return Keyed, rank
        case Condition(table, sql, parameters, keys) if keys:
            return table, sql, tuple(sorted((name, repr(value)) for name, value in parameters.items()))
        case Targets(keys=keys):
            return Targets, keys
        case _:
            return object()


def _merged(one: Clause, other: Clause) -> Clause:
    match one, other:
        case Targets(), Targets():
            keys, targets = (*one.keys, *other.keys), (*one.targets, *other.targets)
            return replace(one, keys=tuple(dict.fromkeys(keys)), targets=tuple(dict.fromkeys(targets)))
        case Keyed(), Keyed():
            return replace(one, keys=tuple(dict.fromkeys((*one.keys, *other.keys))))
        case Condition(), Condition():
            return replace(one, keys=tuple(dict.fromkeys((*one.keys, *other.keys))))
    raise AssertionError(one)


def all_of(clauses: Iterable[Clause]) -> Clause:
    parts = tuple(clauses)
    return parts[0] if len(parts) == 1 else All(parts)


# Hashes


def key(name: Name, *value: str) -> int:
    """The 64-bit signed key of a parameter, or of a parameter with a value."""
    hasher = _hasher(name)
    if value:
        hasher = hasher.copy()
        hasher.update("\x1f".join(("", *value)).encode())
    return int.from_bytes(hasher.digest(), "big", signed=True)


@cache
def _hasher(name: Name) -> "hashlib.blake2b":
    return hashlib.blake2b("\x1f".join(name if name.edition else name[:2]).encode(), digest_size=8)


def everything(resource_type: str) -> int:
    """The key under which every resource of a type is found."""
    return key(Name(resource_type, ""))


# Values


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


def escape(value: str) -> str:
    """A value of our own, not split at `,`; `|` stays the separator of tokens."""
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("$", "\\$")


def modifier_refused(asked: Asked, known: str) -> NotSupported:
    """The error for a modifier that a parameter type does not have; `known` lists those that it has."""
    shown = asked.modifier[:64]
    return NotSupported(
        "FD-SEARCH-MODIFIER",
        f"检索参数 {asked.name.code} 不支持修饰符 :{shown};可用:{known}。",
        f"Search parameter {asked.name.code} does not support the modifier :{shown}; it has {known}.",
    )
