"""What the parameters of a search mean something in: the definitions, the moment, and what the caller may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.errors import NotSupported
from gateway.search.parameters import Catalogue, Parameter
from gateway.search.terms import LAST, All, AnyOf, Clause, Condition, Keyed, Targets, any_of
from profiles.terminology import Terminology, shipped


@dataclass(frozen=True, slots=True)
class Context:
    """What the parameters of a search mean something in."""

    catalogue: Catalogue
    now: datetime
    base: str = ""
    """The FHIR base, by which references to our own resources may be written."""
    permitted: Callable[[str], Clause | None] = lambda _: None
    """What the caller may see of a type; None for all of it. Raises where it is nothing."""
    searchable: Callable[[str], bool] = lambda _: True
    """Whether the caller may search a type at all."""
    terminology: Terminology = field(default_factory=shipped)
    depth: int = 0
    """Of the chain that we are in."""

    def deeper(self) -> "Context":
        return replace(self, depth=self.depth + 1)

    def restrictions(self, types: Sequence[str]) -> list[Clause]:
        """What the caller may see of these types, as clauses that must all hold."""
        seen = [(one, self.permitted(one)) for one in types]
        if all(clause is None for _, clause in seen):
            return []
        return [any_of(_within(one, clause) for one, clause in seen if clause != AnyOf(()))]


def _within(resource_type: str, clause: Clause | None) -> Clause:
    """What is found by a key is of the key's own type."""
    if isinstance(clause, Keyed | Targets):
        return clause
    return _of_type(resource_type) if clause is None else All((_of_type(resource_type), clause))


def _of_type(resource_type: str) -> Condition:
    return Condition("resource", "x.type = %(type_{n})s", {"type": resource_type}, rank=LAST)


def seen(resource_type: str, inner: Clause, context: Context) -> Clause:
    """Nobody learns through a chain of what he may not search."""
    permitted = context.permitted(resource_type)
    return inner if permitted is None else All((inner, permitted))


def require_ready(parameter: Parameter, catalogue: Catalogue) -> None:
    if not parameter.ready:
        done, total = catalogue.progress.get(parameter.name.edition, (0, 0))
        raise NotSupported(
            "FD-SEARCH-BACKFILL",
            f"检索参数 {parameter.name.code} 正在为已有资源建立索引(已完成 {done} / {total}),完成后方可使用。",
            f"The index of search parameter {parameter.name.code} is still being made ({done} of {total} resources); "
            "use it when that is done.",
        )
