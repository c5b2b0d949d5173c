"""The rows of the tables, as values."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from profiles import json


class Stored(NamedTuple):
    """One version of one resource as it is kept; `content` is what is sent."""

    type: str
    id: str
    rid: int
    version: int
    last_updated: int
    deleted: bool
    content: bytes

    def resource(self) -> json.Resource:
        decoded: json.Resource = json.loads(self.content)
        return decoded


class Version(NamedTuple):
    """One version of a history, and whether the version before it was a deletion; None where it is the first."""

    stored: Stored
    after_deletion: bool | None


class Access(NamedTuple):
    """One line of the audit."""

    aid: int
    at: int
    actor: str
    interaction: str
    type: str
    id: str | None
    request: str
    results: int


class Rows(NamedTuple):
    """What the index holds of one resource, all of it under the resource's `sort`.

    (key), (target, key), (key, value), (key, low, high) and again (key, low, high).
    """

    sort: int = 0
    idx: AbstractSet[int] = frozenset()
    link: AbstractSet[tuple[int, int]] = frozenset()
    words: AbstractSet[tuple[int, str]] = frozenset()
    span: AbstractSet[tuple[int, int, int]] = frozenset()
    amount: AbstractSet[tuple[int, Decimal, Decimal]] = frozenset()

    def without(self, other: "Rows") -> "Rows":
        """What is here and not there; a row under another `sort` is another row."""
        if self.sort != other.sort:
            return self
        return Rows(
            self.sort,
            self.idx - other.idx,
            self.link - other.link,
            self.words - other.words,
            self.span - other.span,
            self.amount - other.amount,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One resource's part of a unit of work; `oid` is the outbox id, `ref` the hash of its type and id."""

    stored: Stored
    ref: int
    sort: int
    interaction: str
    oid: int
    new: Rows
    gone: Rows
    claims: frozenset[str] = frozenset()
    released: frozenset[tuple[str, int]] = frozenset()
    """Each with the row that held it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is committed together or not at all."""

    tenant: int
    changes: tuple[Change, ...]
    accesses: tuple[Access, ...] = ()
    needed: frozenset[int] = frozenset()
    """Hashes of what is referred to and must be there."""
    guarded: bool = False
    """Nothing is deleted that something else refers to."""
