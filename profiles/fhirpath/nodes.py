"""Elements as FHIRPath sees them: a value with its type, and the children that the type allows. https://hl7.org/fhir/R4/fhirpath.html"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from profiles import definitions
from profiles.json import Resource

Node = tuple[Any, str, Any]
"""JSON value, type as `definitions.elements` knows it (`HumanName`, `code`, `Patient.contact`), and the object of
id and extensions that a primitive has under `_name`. Everything else in a collection is a value without an element.
"""

_QUANTITIES = ("Age", "Count", "Distance", "Duration", "MoneyQuantity", "SimpleQuantity")
_STRINGS = ("code", "id", "markdown")
_URIS = ("canonical", "oid", "url", "uuid")
_PLAIN_RESOURCES = frozenset({"Binary", "Bundle", "Parameters"})
_ABOVE = {
    **dict.fromkeys(_QUANTITIES, "Quantity"),
    **dict.fromkeys(_STRINGS, "string"),
    **dict.fromkeys(_URIS, "uri"),
    **dict.fromkeys(("positiveInt", "unsignedInt"), "integer"),
    **dict.fromkeys(("Timing", "Dosage", "ElementDefinition"), "BackboneElement"),
    "DomainResource": "Resource",
}


def root(resource: Resource) -> Node:
    return resource, resource_type(resource), None


def resource_type(value: object) -> str:
    kind = value.get("resourceType") if type(value) is dict else None
    return kind if type(kind) is str and kind in definitions.resource_types() else "Resource"


@lru_cache(maxsize=4096)
def lineage(kind: str) -> tuple[str, ...]:
    """The type and those that it is a special case of: `Patient`, `DomainResource`, `Resource`."""
    if kind in _ABOVE:
        return kind, *lineage(_ABOVE[kind])
    if kind in definitions.resource_types():
        return (kind, "Resource") if kind in _PLAIN_RESOURCES else (kind, "DomainResource", "Resource")
    if kind in {"Resource", "Element"}:
        return (kind,)
    return (kind, "BackboneElement", "Element") if "." in kind else (kind, "Element")


# Children

_Alternative = tuple[str, str, str]
"""JSON member, the member of its extensions (empty where it has none), type."""


@lru_cache(maxsize=4096)
def members(kind: str) -> Mapping[str, tuple[_Alternative, ...]]:
    """Element name, without `[x]` → the JSON members it may stand under; empty for a type that R4 does not have."""
    try:
        elements = definitions.elements(kind)
    except KeyError:
        return {}
    return {
        element.name.removesuffix("[x]"): tuple(
            (member, "_" + member if definitions.is_primitive(inner) and not element.attribute else "", inner)
            for member, inner in element.json_names.items()
        )
        for element in elements
    }


def child(node: Node, name: str) -> Iterator[Node]:
    """The elements of that name, in order; none where the type has no such element."""
    value, kind, side = node
    held = value if type(value) is dict else side
    if type(held) is not dict:
        return
    for member, sibling, inner in members(kind).get(name, ()):
        if member in held or sibling in held:
            yield from _nodes(held.get(member), inner, held.get(sibling))


def _nodes(value: Any, kind: str, side: Any) -> Iterator[Node]:  # noqa: ANN401 - any JSON value
    if type(value) is list or type(side) is list:
        for one, its_side in zip_longest(_listed(value), _listed(side)):
            if one is not None or its_side is not None:
                yield one, resource_type(one) if kind == "Resource" else kind, its_side
    elif value is not None or side is not None:
        yield value, resource_type(value) if kind == "Resource" else kind, side


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    return value if type(value) is list else [] if value is None else [value]


def children(node: Node) -> Iterator[Node]:
    """In the order of the definition."""
    for name in members(node[1]):
        yield from child(node, name)


def descendants(node: Node) -> Iterator[Node]:
    waiting = list(children(node))
    waiting.reverse()
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(list(children(one))))
