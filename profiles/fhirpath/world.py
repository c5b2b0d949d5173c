"""What an expression is evaluated in: the resource around it, and whom to ask for what is not in it. https://hl7.org/fhir/R4/fhirpath.html"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from profiles.fhirpath.nodes import Node

Items = list[Any]
"""A collection: `Node`s, and values of the system types (bool, int, Decimal, str, Moment, Quantity)."""

MOST_WORK = 1_000_000
"""What the expressions of one resource may spend, all together: a second where all of it is spent."""


class UndecidedError(Exception):
    """An expression that cannot be evaluated: it asks what nobody here can answer, or makes no sense for the data."""


class TooCostlyError(UndecidedError):
    """All that may be spent is spent: whatever is asked next is refused as well."""


@dataclass(slots=True)
class Effort:
    """How much work it has been; strangers write resources, and expressions that compare all with all.

    One is about what it takes to look at an element, or at a hundred characters: a third of a microsecond.
    """

    left: int = MOST_WORK
    sizes: dict[int, tuple[Any, int]] = field(default_factory=dict)
    """By identity: an object or array, kept so that nothing else gets its identity, and how much is in it."""

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise TooCostlyError("too much work")

    def weigh(self, items: Items) -> int:
        """Spends what it takes to compare these with others, whole as they are; that is what it gives."""
        amount = len(items)
        for item in items:
            value = item[0] if type(item) is tuple else item
            if type(value) is str:
                amount += len(value) >> 6
            elif type(value) in {dict, list}:
                amount += self._size(value)
        self.spend(amount)
        return amount

    def _size(self, value: Any) -> int:  # noqa: ANN401 - any JSON value
        known = self.sizes.get(id(value))
        if known is not None:
            return known[1]
        if type(value) is str:
            return 1 + (len(value) >> 6)
        if type(value) not in {dict, list}:
            return 1
        size = 1 + sum(map(self._size, value.values() if type(value) is dict else value))
        self.spend(1)
        self.sizes[id(value)] = value, size
        return size


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
    trusted: bool = False
    """Whoever wrote the expression does no harm by its regular expressions."""


class Scope:
    """`$this`, `$index`, `$total` and `%context` of the expression that is being evaluated."""

    __slots__ = ("context", "effort", "index", "this", "total", "world")

    def __init__(self, this: Items, world: World, context: Items, index: int = -1, total: Items | None = None) -> None:
        self.this, self.world, self.context, self.index, self.total = this, world, context, index, total
        self.effort = world.effort

    def inner(self, item: Any, index: int) -> "Scope":  # noqa: ANN401 - any item
        return Scope([item], self.world, self.context, index, self.total)


Step = Callable[[Items, Scope], Items]
"""A compiled expression: from a collection to a collection."""
