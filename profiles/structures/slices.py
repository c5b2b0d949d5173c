"""Slices of an element, those that nobody spells out included. https://hl7.org/fhir/R4/profiling.html#slicing"""

from profiles.json import Resource
from profiles.structures.steps import is_type_slice
from profiles.structures.tree import Node

_EXTENSIONS = {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}
_TYPES = {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "open"}


def implied_slicing(node: Node, name: str) -> Resource | None:
    """Extensions are told apart by their URL and the values of a choice by their type, without anybody saying so."""
    if type_of(node, name):
        return _TYPES
    return _EXTENSIONS if [kind["code"] for kind in node.element.get("type", ())] == ["Extension"] else None


def type_of(node: Node, name: str) -> Resource | None:
    """The type of a choice that `valueQuantity` is a value of, or None."""
    if not is_type_slice(node.name, name):
        return None
    wanted = name[len(node.name) - len("[x]") :]
    return next((kind for kind in node.element.get("type", ()) if capital(kind["code"]) == wanted), None)


def capital(code: str) -> str:
    return code[:1].upper() + code[1:]


def new_slice(holder: Node, name: str) -> Node:
    """A slice says what the element says, but for its slicing, and need not be there unless it says so itself."""
    told = {fact: said for fact, said in holder.element.items() if fact != "slicing"}
    kind = type_of(holder, name)
    only_type = {"type": [kind]} if kind else {}
    return Node(holder.name, name, told | {"min": 0} | only_type, [one.copy() for one in holder.children])


def restrict(node: Node) -> None:
    """`valueQuantity` alone, where nothing else is said of slicing, leaves no other type."""
    if len(node.slices) == 1 and node.element["slicing"] is _TYPES:
        kind = type_of(node, node.slices[0].slice)
        node.element = node.element | {"type": [kind], "slicing": _TYPES | {"rules": "closed"}}
