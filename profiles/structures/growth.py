"""Differential → snapshot: the base's tree, with what a differential says put where it belongs.

https://hl7.org/fhir/R4/profiling.html#snapshot
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from profiles.json import Resource
from profiles.structures import faults
from profiles.structures.merge import join, merged, under_profile
from profiles.structures.slices import implied_slicing, new_slice, restrict, type_of
from profiles.structures.steps import Step, located
from profiles.structures.tree import Node, without_place

_TAKEN = frozenset({"type", "constraint"})
"""What an element has of the one that it refers to."""

Trees = Callable[[str], Node | None]
"""The tree of a type or profile by its canonical URL or its name, or None where it is not known."""
Constraints = Callable[[str], list[Resource]]
"""What every element of a type is held to."""
MOST_ELEMENTS = 4000
"""Of one snapshot; HL7's largest has 256."""
MOST_AT_ONCE = 20_000
"""Of one snapshot and all that have to be made for it."""


@dataclass(slots=True)
class Room:
    """How many elements may still come to be: profiles that use others twice double and double again."""

    left: int = MOST_AT_ONCE

    def take(self, count: int, url: str) -> None:
        """Raises `SnapshotError` where there is not so much."""
        self.left -= count
        if self.left < 0:
            raise faults.too_large(url)


@dataclass(slots=True)
class Growth:
    """One snapshot while it is being made: `root` is the tree of the base, and becomes that of the definition."""

    url: str
    root: Node
    adds: bool
    """Whether the differential may have elements that the base lacks: it makes a type, and no profile of one."""
    trees: Trees
    constraints: Constraints
    room: Room
    _left: int = MOST_ELEMENTS
    _short: list[Node] = field(default_factory=list)
    """Choices that `valueQuantity` sliced, and nothing before it."""
    _named: set[tuple[int, str]] = field(default_factory=set)
    """Elements with a name for a slice that are not sliced: the name is no more than that."""

    def grow(self, elements: list[Resource]) -> Node:
        self._take(self.root.size + len(elements))
        ordered = self._ordered(elements)
        slices = Counter((steps[:-1], steps[-1].name) for steps, _ in ordered if steps[-1].slice)
        for steps, element in ordered:
            self._put(steps, element, alone=slices[steps[:-1], steps[-1].name] == 1)
        for node in self._short:
            restrict(node)
        return self.root

    def _take(self, count: int) -> None:
        self._left -= count
        self.room.take(count if self._left >= 0 else MOST_AT_ONCE + 1, self.url)

    def _planted(self, tree: Node) -> list[Node]:
        """Copies of the children."""
        self._take(tree.size)
        return [one.copy() for one in tree.children]

    def _ordered(self, elements: list[Resource]) -> list[tuple[tuple[Step, ...], Resource]]:
        """What is said of an element comes before its slices, and they before what is in them."""
        every = list(located(elements))
        for steps, element in every:
            if steps[0].name != self.root.name:
                raise faults.another_type(self.url, element["path"], self.root.name)
        return sorted(every, key=lambda one: (sum(map(_slices, one[0])), len(one[0])))

    def _put(self, steps: tuple[Step, ...], element: Resource, *, alone: bool) -> None:
        node, path = self.root, self.root.name
        for depth, step in enumerate(steps[1:], 2):
            path = f"{path}.{step.name}"
            node, short = self._child(node, step.name, path)
            if short:
                node = self._short_slice(node, short)
            elif step.slice:
                node = self._slice(node, step.slice, path, declared=depth == len(steps), alone=alone)
        node.element = self._element(node, without_place(element), path)

    # Elements

    def _element(self, node: Node, stated: Resource, path: str) -> Resource:
        if not self.adds:
            self._hold_to_profile(node, stated.get("type", ()))
            return merged(node.element, stated, self.url)
        added = node is not self.root and not node.element
        told = self._of_types(stated) if added else node.element
        if added or node is self.root:
            told = told | {"base": {"path": path, "min": stated.get("min", 0), "max": stated.get("max", "*")}}
        return merged(told, stated, self.url)

    def _of_types(self, stated: Resource) -> Resource:
        """The constraints that an element has by what it is."""
        codes = {"Element"} if "contentReference" in stated else {kind["code"] for kind in stated.get("type", ())}
        if not codes:
            return {}
        found = self.constraints(codes.pop() if len(codes) == 1 else "Element")
        return {"constraint": found} if found else {}

    def _hold_to_profile(self, node: Node, types: list[Resource]) -> None:
        profiles = [url for kind in types for url in kind.get("profile", ())]
        tree = self.trees(profiles[0]) if len(types) == len(profiles) == 1 else None
        if tree:
            node.element = under_profile(node.element, tree.element)
            if node.children:
                self._take(tree.size)
                join(node, tree)

    # Children

    def _child(self, node: Node, name: str, path: str) -> tuple[Node, str]:
        """The child of that name, and the slice that the name is short for: `valueQuantity` of `value[x]`."""
        self._unfold(node)
        found = node.child(name)
        if found:
            return found, ""
        for choice in node.children:
            if choice.name.endswith("[x]") and (choice.sliced(name) or type_of(choice, name)):
                return choice, name
        if not self.adds:
            raise faults.unknown_element(path, self.url)
        node.children.append(Node(name, "", {}))
        return node.children[-1], ""

    def _unfold(self, node: Node) -> None:
        if not node.children and "contentReference" in node.element:
            self._dereference(node)
        elif not node.children:
            tree = self._type_tree(node.element.get("type", ()))
            node.children = self._planted(tree) if tree else []

    def _type_tree(self, types: list[Resource]) -> Node | None:
        """The tree of a profile if there is one, of Element if the types are several."""
        codes = {kind["code"] for kind in types}
        if len(codes) != 1:
            return self.trees("Element") if codes else None
        profiles = [url for kind in types for url in kind.get("profile", ())]
        under = self.trees(profiles[0]) if len(profiles) == 1 else None
        return under or self.trees(codes.pop())

    def _dereference(self, node: Node) -> None:
        """The children, type and constraints of the element referred to, as its own type has them."""
        target = node.element["contentReference"].rpartition("#")[2]
        kind, *names = target.split(".")
        tree = self.root if self.adds else self.trees(kind)
        found = tree.descendant(names) if tree else None
        if found is None:
            raise faults.unknown_element(target, self.url)
        node.children = self._planted(found)
        own = {name: fact for name, fact in node.element.items() if name != "contentReference"}
        taken = {name: fact for name, fact in found.element.items() if name in _TAKEN}
        node.element = merged(own, taken, self.url)

    # Slices

    def _slice(self, node: Node, name: str, path: str, *, declared: bool, alone: bool) -> Node:
        """The slice of that name, made if it is `declared` here; `alone` says that the differential has no other."""
        if (id(node), name) in self._named:
            return node
        found = node.sliced(name)
        if found is None and not declared and not type_of(node, name):
            raise faults.unknown_slice(f"{path}:{name}", self.url)
        return found or self._new_slice(node, name, path, alone=alone)

    def _new_slice(self, node: Node, name: str, path: str, *, alone: bool) -> Node:
        slicing = node.element.get("slicing") or implied_slicing(node, name)
        if slicing:
            node.element = node.element | {"slicing": slicing}
            holder = node.holder(name)
            self._take(sum(one.size for one in holder.children))
            holder.slices.append(new_slice(holder, name))
            return holder.slices[-1]
        if not alone:
            raise faults.not_sliced(f"{path}:{name}", self.url)
        self._named.add((id(node), name))
        return node

    def _short_slice(self, node: Node, name: str) -> Node:
        """`valueQuantity` where `value[x]` may be nothing else is `value[x]` itself."""
        found = node.sliced(name)
        if found is None and "slicing" not in node.element:
            if len(node.element["type"]) == 1:
                return node
            self._short.append(node)
        return found or self._new_slice(node, name, name, alone=True)


def _slices(step: Step) -> int:
    return step.slice.count("/") + 1 if step.slice else 0
