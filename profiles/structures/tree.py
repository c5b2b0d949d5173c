"""A snapshot as a tree: an element, its children, and its slices with theirs.

https://hl7.org/fhir/R4/elementdefinition.html#id
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from profiles.json import Resource
from profiles.structures.steps import Step, located

PLACE = frozenset({"id", "path", "sliceName"})
"""What an ElementDefinition says of where it stands; a node knows that itself, so that it can be planted elsewhere."""


@dataclass(slots=True)
class Node:
    """Changed while a snapshot grows, and by nobody after that; the `element` is shared between trees, and replaced."""

    name: str
    """`value[x]` for a choice of types."""
    slice: str
    """`system`, of a slice of a slice `system/part`; empty for the element as such."""
    element: Resource
    children: list["Node"] = field(default_factory=list)
    slices: list["Node"] = field(default_factory=list)

    def copy(self) -> "Node":
        children = [one.copy() for one in self.children]
        return Node(self.name, self.slice, self.element, children, [one.copy() for one in self.slices])

    @property
    def size(self) -> int:
        """How many elements and slices there are, with this one."""
        return 1 + sum(one.size for one in self.children) + sum(one.size for one in self.slices)

    def child(self, name: str) -> "Node | None":
        return next((one for one in self.children if one.name == name), None)

    def sliced(self, name: str) -> "Node | None":
        """The slice of that name, a slice of a slice included."""
        for one in self.slices:
            if one.slice == name:
                return one
            found = one.sliced(name) if one.slices else None
            if found:
                return found
        return None

    def holder(self, name: str) -> "Node":
        """What a slice of that name is a slice of: of `a/b`, the slice `a` where there is one."""
        outer = name.rpartition("/")[0]
        return (outer and (self.sliced(outer) or self.holder(outer))) or self

    def descendant(self, names: Iterable[str]) -> "Node | None":
        found: Node | None = self
        for name in names:
            found = found and found.child(name)
        return found


def without_place(element: Resource) -> Resource:
    return {name: fact for name, fact in element.items() if name not in PLACE}


def flat(node: Node, path: str = "", identity: str = "") -> Iterator[Resource]:
    """The ElementDefinitions of a tree in FHIR's order: an element, its children, its slices."""
    path = f"{path}.{node.name}" if path else node.name
    identity = f"{identity}.{node.name}" if identity else node.name
    yield from _flat(node, path, identity)


def _flat(node: Node, path: str, unsliced: str) -> Iterator[Resource]:
    identity = f"{unsliced}:{node.slice}" if node.slice else unsliced
    place: Resource = {"id": identity, "path": path}
    if node.slice:
        place["sliceName"] = node.slice
    yield place | node.element
    for child in node.children:
        yield from flat(child, path, identity)
    for one in node.slices:
        yield from _flat(one, path, unsliced)


def grown(elements: Iterable[Resource]) -> Node:
    """The tree of a snapshot that somebody else made; raises `ValueError` where an element has no parent."""
    root: Node | None = None
    for steps, element in located(elements):
        if root is None:
            root = Node(steps[0].name, "", without_place(element))
        else:
            _hang(root, steps, without_place(element))
    if root is None:
        raise ValueError("no elements")
    return root


def _hang(root: Node, steps: tuple[Step, ...], element: Resource) -> None:
    parent = root
    for step in steps[1:-1]:
        found = parent.child(step.name)
        if found is None:
            raise ValueError(step.name)
        parent = found.sliced(step.slice) or found
    name, slice_name = steps[-1]
    unsliced = parent.child(name)
    if slice_name and unsliced:
        unsliced.holder(slice_name).slices.append(Node(name, slice_name, element))
    else:
        parent.children.append(Node(name, "", element))
