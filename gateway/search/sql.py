"""A search statement in the making, and the resources as a snapshot saw them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.search.terms import Condition
from gateway.storage.tables import EVER

_ALIAS = re.compile(r"\bx\.")
_NOW = f"'{EVER}'::xid8"
_VISIBLE = "pg_visible_in_snapshot({}, %(at)s::pg_snapshot)"
_UNCHANGED = f"""(
    SELECT tenant, rid, type, id, ref, sort, version, last_updated, deleted, content
    FROM resource WHERE {_VISIBLE.format("written")}
)"""
_REPLACED = f"""(
    SELECT h.tenant, h.rid, h.type, r.id, r.ref, h.sort, h.version, h.last_updated, h.deleted, h.content
    FROM history h JOIN resource r USING (tenant, rid)
    WHERE h.replaced >= pg_snapshot_xmin(%(at)s::pg_snapshot)
      AND {_VISIBLE.format("h.written")} AND NOT {_VISIBLE.format("h.replaced")}
)"""
_THEN = f"({_UNCHANGED} UNION ALL {_REPLACED})"
"""The resources as a snapshot saw them."""
MOST_ARMS = 12
"""Of a statement, each of a type or a key."""


class Outer(NamedTuple):
    """A row of an enclosing query: every table has its `sort` and `rid`, the resource its `ref` too."""

    alias: str
    resource: bool = False


@dataclass(slots=True)
class Sql:
    """A statement in the making: its parameters, numbered so that conditions never clash."""

    tenant: int
    at: str | None = None
    """The snapshot to look at, as PostgreSQL writes it; None for the present."""
    apart: bool = False
    """Every row is tested by itself, as it comes; otherwise the planner may join with all that satisfies the test."""
    parameters: dict[str, object] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        self.parameters["tenant"] = self.tenant
        if self.at is not None:
            self.parameters["at"] = self.at

    def alias(self) -> str:
        self.number += 1
        return f"x{self.number}"

    def bind(self, value: object, cast: str) -> str:
        """A placeholder for one more value."""
        self.number += 1
        self.parameters[f"v{self.number}"] = value
        return f"%(v{self.number})s::{cast}"

    def of(self, condition: Condition, alias: str, arm: str | None = None) -> str:
        """A condition's own SQL over the alias, or that of one of its arms."""
        self.number += 1
        self.parameters |= {f"{name}_{self.number}": value for name, value in condition.parameters.items()}
        return _ALIAS.sub(f"{alias}.", (arm or condition.sql).format(n=self.number))

    def among(self, column: str, values: Sequence[int]) -> str:
        if len(values) == 1:
            return f"{column} = {self.bind(values[0], 'bigint')}"
        return f"{column} = ANY({self.bind(list(values), 'bigint[]')})"

    def live(self, alias: str) -> str:
        """That a row of the index is so, at the snapshot or now."""
        if self.at is None:
            return f"{alias}.until = {_NOW}"
        return f"{_VISIBLE.format(f'{alias}.since')} AND NOT {_VISIBLE.format(f'{alias}.until')}"

    @property
    def resources(self) -> str:
        return "resource" if self.at is None else _THEN

    @property
    def each(self) -> tuple[str, ...]:
        """The resources in parts that each have an order of their own."""
        return ("resource",) if self.at is None else (_UNCHANGED, _REPLACED)

    def resource(self, alias: str, where: str) -> str:
        """The resources of which something is known that finds them by a key. OFFSET keeps those of a snapshot
        apart, or the planner joins with all there are.
        """
        if self.at is None:
            return f"(SELECT * FROM resource {alias} WHERE {where}) {alias}"
        return f"(SELECT * FROM {_THEN} {alias} WHERE {where} OFFSET 0) {alias}"

    def exists(self, found: str) -> str:
        """OFFSET keeps the planner from making a join of it."""
        return f"EXISTS ({found}{' OFFSET 0' if self.apart else ''})"

    def row(self, alias: str) -> str:
        """What every row of the index is asked."""
        return f"{alias}.tenant = %(tenant)s::smallint AND {self.live(alias)}"
