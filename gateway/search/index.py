"""A resource's rows in the index, from its content alone, so that the rows of an old version can be made again."""

from gateway.search import date, parameters
from gateway.search.terms import Name, key
from gateway.storage.rows import Rows
from profiles.json import Resource


def rows(resource: Resource) -> Rows:
    resource_type = resource["resourceType"]
    idx: set[int] = {everything(resource_type)}
    words: set[tuple[int, str]] = set()
    span: set[tuple[int, int, int]] = set()
    for parameter in parameters.parameters(resource_type).values():
        values = parameter.extract(resource)
        if not values:
            continue
        found = parameters.MODULES[parameter.kind].rows(parameter.name, values)
        match parameter.kind:
            case "string":
                words |= {(key(parameter.name), word) for word in found}
            case "date":
                span |= {(key(parameter.name), *interval) for interval in found}
            case _:
                idx |= found
    sort = moment(resource)
    return Rows(frozenset((one, sort) for one in idx), frozenset(words), frozenset(span))


def moment(resource: Resource) -> int:
    """When it happened, in milliseconds, for order; 0 where its type or content does not say."""
    clock = parameters.clock(resource["resourceType"])
    intervals = date.rows(clock.name, clock.extract(resource)) if clock else set()
    low = min((interval.low for interval in intervals), default=0)
    return max(low, 0)


def everything(resource_type: str) -> int:
    """The key under which every resource of a type is found."""
    return key(Name(resource_type, ""))
