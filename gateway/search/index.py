"""A resource's rows in the index, from its content alone, so that the rows of an old version can be made again.

Every row of the inverted index carries the resource's clinical date in milliseconds, 0 where it has none: rows of one
key are in that order, and rows of two keys of one resource meet at one point.
"""

from gateway.search import parameters
from gateway.search.terms import Name, key
from gateway.storage.rows import Rows
from profiles.json import Resource


def rows(resource: Resource) -> Rows:
    resource_type = resource["resourceType"]
    clock = parameters.clock(resource_type)
    idx: set[int] = {everything(resource_type)}
    words: set[tuple[int, str]] = set()
    span: set[tuple[int, int, int]] = set()
    sort = 0
    for parameter in parameters.parameters(resource_type).values():
        values = parameter.extract(resource)
        if not values:
            continue
        found = parameter.rows(parameter.name, values)
        match parameter.kind:
            case "string":
                words |= {(key(parameter.name), word) for word in found}
            case "date":
                span |= {(key(parameter.name), *interval) for interval in found}
                if parameter is clock:
                    sort = max(0, min(low for low, _ in found)) if found else 0
            case _:
                idx |= found
    return Rows(frozenset((one, sort) for one in idx), frozenset(words), frozenset(span))


def everything(resource_type: str) -> int:
    """The key under which every resource of a type is found."""
    return key(Name(resource_type, ""))
