"""The rows of the tables, as values."""

from dataclasses import dataclass, field
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
    """What the index holds of one resource: (key, sort), (key, value) and (key, low, high)."""

    idx: frozenset[tuple[int, int]] = frozenset()
    words: frozenset[tuple[int, str]] = frozenset()
    span: frozenset[tuple[int, int, int]] = frozenset()

    def without(self, other: "Rows") -> "Rows":
        return Rows(self.idx - other.idx, self.words - other.words, self.span - other.span)


@dataclass(frozen=True, slots=True)
class Change:
    """One resource's part of a unit of work; `oid` is the outbox id."""

    stored: Stored
    interaction: str
    oid: int
    new: Rows
    gone: Rows
    claims: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """What is committed together or not at all."""

    tenant: int
    changes: tuple[Change, ...]
    accesses: tuple[Access, ...] = field(default=())
