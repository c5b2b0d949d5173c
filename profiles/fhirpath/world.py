"""What an expression is evaluated in: the resource around it, and whom to ask for what is not in it. https://hl7.org/fhir/R4/fhirpath.html"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from profiles.fhirpath.nodes import Node

Items = list[Any]
"""A collection: `Node`s, and values of the system types (bool, int, Decimal, str, Moment, Quantity)."""

MOST_WORK = 2_000_000
"""Elements that the expressions of one resource may look at, all together."""


class UndecidedError(Exception):
    """An expression that cannot be evaluated: it asks what nobody here can answer, or makes no sense for the data."""


@dataclass(slots=True)
class Effort:
    """How much work it has been; strangers write resources, and expressions that compare all with all."""

    left: int = MOST_WORK

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise UndecidedError("too much work")


def _nowhere(_reference: str) -> Node | None:
    return None


def _unanswered(_question: str, _item: object) -> bool:
    raise UndecidedError("nobody to ask")


@dataclass(frozen=True, slots=True)
class World:
    """`%resource`, `%rootResource`, and who answers `resolve()`, `memberOf()` and `conformsTo()`."""

    resource: Node
    root: Node
    resolve: Callable[[str], Node | None] = _nowhere
    member_of: Callable[[str, Any], bool] = _unanswered
    """Value set, item; raises `UndecidedError` where nobody knows."""
    conforms_to: Callable[[str, Any], bool] = _unanswered
    """Profile, item."""
    constants: dict[str, Items] = field(default_factory=dict)
    """More of what `%name` may stand for."""
    effort: Effort = field(default_factory=Effort)


class Scope:
    """`$this`, `$index`, `$total` and `%context` of the expression that is being evaluated."""

    __slots__ = ("context", "index", "this", "total", "world")

    def __init__(self, this: Items, world: World, context: Items, index: int = -1, total: Items | None = None) -> None:
        self.this, self.world, self.context, self.index, self.total = this, world, context, index, total

    def inner(self, item: Any, index: int) -> "Scope":  # noqa: ANN401 - any item
        return Scope([item], self.world, self.context, index, self.total)


Step = Callable[[Items, Scope], Items]
"""A compiled expression: from a collection to a collection."""
