"""The elements of a resource as FHIRPath names them, and where each stands in the JSON. https://hl7.org/fhir/R4/json.html#primitive"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from gateway.errors import Unprocessable
from profiles import definitions
from profiles.definitions import Element
from profiles.json import Resource

Pair = tuple[Any, Any]
"""What an element is in JSON: its value, and the object of id and extensions that a primitive has under `_name`."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One element that is there. Nodes are snapshots: after an edit they are looked up again."""

    type: str
    """As `definitions.elements` knows it: `HumanName`, `code`, `Patient.contact`."""
    pair: Pair
    above: "Node | None" = None
    """None for the root."""
    element: Element | None = None
    member: str = ""
    """Its name in JSON: `deceasedBoolean`."""
    index: int = 0

    @property
    def members(self) -> dict[str, Any]:
        """The JSON object that holds its own elements; a new one for a primitive that has none yet."""
        value, side = self.pair
        if isinstance(value, dict):
            return value
        return dict(side) if isinstance(side, dict) else {}


def root(resource: Resource) -> Node:
    """Raises `Unprocessable` for what is no resource of R4."""
    kind = _resource_type(resource)
    if kind == "Resource":
        raise Unprocessable(
            "FD-UNKNOWN-RESOURCE-TYPE",
            "resourceType 不是 FHIR R4 的资源类型。",
            "The resourceType is no resource type of FHIR R4.",
            "resourceType",
        )
    return Node(kind, (resource, None))


def _resource_type(value: object) -> str:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in definitions.resource_types() else "Resource"


# What may be there


def places(type_name: str, name: str) -> tuple[Element, Mapping[str, str]]:
    """The element of that name and the JSON members it may stand under, with their types.

    `deceased` may be either of two; a name written with its type, `deceasedBoolean`, is that one only.
    Raises `Unprocessable` where the type has no such element.
    """
    found = _places(type_name).get(name)
    if found is None:
        raise Unprocessable(
            "FD-PATCH-ELEMENT",
            f"{type_name} 没有名为 {name[:64]!r} 的元素;请按 FHIR R4 的定义更正名称。",
            f"{type_name} has no element {name[:64]!r}; write the name as FHIR R4 defines it.",
        )
    return found


@cache
def _places(type_name: str) -> Mapping[str, tuple[Element, Mapping[str, str]]]:
    every: dict[str, tuple[Element, Mapping[str, str]]] = {}
    for element in definitions.elements(type_name):
        members = MappingProxyType(element.json_names)
        every |= {member: (element, MappingProxyType({member: kind})) for member, kind in members.items()}
        every[element.name.removesuffix("[x]")] = (element, members)
    return MappingProxyType(every)


# What is there


def children(node: Node, name: str) -> list[Node]:
    """Those elements of a node, in order; raises `Unprocessable` for a name that its type does not have."""
    element, members = places(node.type, name)
    held = node.members
    return [
        Node(_resource_type(pair[0]) if kind == "Resource" else kind, pair, node, element, member, index)
        for member, kind in members.items()
        if member in held or f"_{member}" in held
        for index, pair in enumerate(slots(held, member))
        if pair != (None, None)
    ]


def slots(held: Mapping[str, Any], member: str) -> list[Pair]:
    """The elements under one JSON member; a primitive's value and extensions meet at the same index."""
    return list(zip_longest(_listed(held.get(member)), _listed(held.get(f"_{member}"))))


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# Changes


def copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: copied(one) for name, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


def put(node: Node, pair: Pair | None) -> None:
    """Another value in the place of a node; None takes it away, and with it every element left without content."""
    assert node.above is not None  # noqa: S101 - the edits refuse to touch the root
    pairs = slots(node.above.members, node.member)
    pairs[node.index : node.index + 1] = [] if pair is None else [pair]
    store(node.above, node.member, pairs)


def store(node: Node, member: str, pairs: list[Pair]) -> None:
    """The elements under one JSON member of a node; in an array where the element may repeat."""
    held = node.members
    many = isinstance(held.get(member), list) or places(node.type, member)[0].many
    _write(held, member, [value for value, _ in pairs], many=many)
    _write(held, f"_{member}", [side for _, side in pairs], many=many)
    value, _ = node.pair
    if value is not held:
        put(node, None if value is None and not held else (value, held or None))
    elif not held and node.above is not None:
        put(node, None)


def _write(held: dict[str, Any], member: str, values: list[Any], *, many: bool) -> None:
    if all(value is None for value in values):
        held.pop(member, None)
    else:
        held[member] = values if many else values[0]
