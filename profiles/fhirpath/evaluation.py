"""Expressions, compiled and cached by their text."""

import re
from dataclasses import dataclass
from functools import lru_cache

from profiles.fhirpath.compiler import step
from profiles.fhirpath.grammar import Tree, parsed
from profiles.fhirpath.nodes import Node
from profiles.fhirpath.operators import only
from profiles.fhirpath.world import Items, Scope, Step, UndecidedError, World

_FAILURES = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError, re.error)
"""What evaluation may run into on data that no validator has seen."""


LONGEST_KEPT = 600
"""Characters; HL7's longest has 510."""


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    _step: Step

    def items(self, node: Node, world: World) -> Items:
        """What the expression finds, starting from a node; raises `UndecidedError`."""
        focus = [node]
        try:
            return self._step(focus, Scope(focus, world, focus))
        except _FAILURES as error:
            raise UndecidedError(type(error).__name__) from error

    def holds(self, node: Node, world: World) -> bool:
        """Whether an invariant is kept: true, or one thing that is no boolean. Nothing at all is not true."""
        items = self.items(node, world)
        value = only(items)
        return value if type(value) is bool else bool(items)


def compiled(text: str) -> Expression:
    """Raises `NotFhirPathError` for what is no FHIRPath, `UndecidedError` for a function that nobody knows.

    What is short is kept: long ones, of which there are few, would take room for ever.
    """
    return _kept(text) if len(text) <= LONGEST_KEPT else compiled_tree(text, parsed(text))


@lru_cache(maxsize=1024)
def _kept(text: str) -> Expression:
    return compiled_tree(text, parsed(text))


def compiled_tree(text: str, tree: Tree) -> Expression:
    try:
        return Expression(text, step(tree))
    except (ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
        raise UndecidedError("the expression is too deep, or has a wrong number of arguments") from error
