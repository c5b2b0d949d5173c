"""The literal references of a resource: what must be there when it is written. https://hl7.org/fhir/R4/references.html"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from gateway.errors import Issue
from profiles.json import Resource

_LOCAL = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?", re.ASCII)
_STORED = re.compile(rb'"reference":"([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?"')


def local(resource: Resource) -> set[str]:
    """`Patient/1` for every reference to a resource of this server, without its version."""
    found = (_LOCAL.fullmatch(reference) for _, reference in _placed(resource, ""))
    return {match.group(1) for match in found if match}


def stored(content: bytes) -> frozenset[str]:
    """The same, read off a resource as it is stored: JSON of ours has no white space, and a quote in it is escaped."""
    return frozenset(one.decode() for one in _STORED.findall(content))


def relative(resource: Resource, base: str) -> Resource:
    """A copy in which references to resources of this server, written with its base, are relative."""
    made: Resource = _relative(resource, "", f"{base}/")
    return made


def _relative(node: Any, name: str, base: str) -> Any:
    match node:
        case dict():
            return {own: _relative(inner, own, base) for own, inner in node.items()}
        case list():
            return [_relative(inner, name, base) for inner in node]
        case str() if name == "reference" and node.startswith(base):
            own = node.removeprefix(base)
            return own if _LOCAL.fullmatch(own) else node
    return node


def dangling(resource: Resource | None, missing: AbstractSet[str]) -> Iterator[Issue]:
    """An issue for every reference of the resource to something that is missing."""
    if resource is None or not missing:
        return
    for place, reference in _placed(resource, resource["resourceType"]):
        match = _LOCAL.fullmatch(reference)
        if match and match.group(1) in missing:
            yield Issue(
                "not-found",
                "FD-REFERENCE",
                f"所引用的 {match.group(1).partition('/')[0]} 不存在或已删除;请先写入它,或放入同一事务。",
                f"The {match.group(1).partition('/')[0]} that is referred to does not exist or was deleted; "
                "write it first, or in the same transaction.",
                place,
            )


def _placed(node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "reference" and isinstance(value, str):
                yield f"{place}.reference", value
            else:
                yield from _placed(value, f"{place}.{name}")
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _placed(item, f"{place}[{number}]")
