"""Whether a document or a message holds what its first resource speaks of, and nothing else.

https://hl7.org/fhir/R4/documents.html#content, https://hl7.org/fhir/R4/messaging.html#bundle
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles.contents import Entry, text, thing, things
from profiles.validation.bundles.references import Resolver, neighbours
from profiles.validation.wordings_bundles import found

Spot = tuple[str, Any]
"""An expression, and what stands there."""

_COMPOSITION = ("subject", "encounter", "author", "custodian", "attester.party", "event.detail")
_SECTION = ("author", "focus", "entry")


def document(_bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    if held and held[0].type == "Composition":
        resolver = Resolver(held)
        yield from _required(held[0], _spots_of_composition(held[0].resource), resolver)
        yield from _unreachable(held, resolver)


def message(_bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    if held and held[0].type == "MessageHeader":
        resolver = Resolver(held)
        yield from _required(held[0], _at(held[0].resource, "focus"), resolver)
        ahead, either = _reached(held, resolver)
        yield from (found("FD-BUNDLE-UNUSED", entry.expression) for entry in held if entry.index not in ahead | either)


# References that have to lead to an entry


def _required(first: Entry, spots: Iterable[Spot], resolver: Resolver) -> Iterator[Issue]:
    for expression, reference in spots:
        value = text(thing(reference).get("reference"))
        if value and not value.startswith("#"):
            failure = resolver.target(first, value).failure
            if failure:
                yield found(failure, f"{first.expression}.resource.{expression}.reference")


def _spots_of_composition(composition: Resource) -> Iterator[Spot]:
    for path in _COMPOSITION:
        yield from _at(composition, path)
    left = [(f"section[{index}]", section) for index, section in things(composition.get("section"))]
    while left:
        place, section = left.pop(0)
        for name in _SECTION:
            yield from ((f"{place}.{where}", what) for where, what in _at(section, name))
        left += [(f"{place}.section[{index}]", inner) for index, inner in things(section.get("section"))]


def _at(value: Resource, path: str) -> Iterator[Spot]:
    """Everything at a dotted path, arrays opened, with its indexes."""
    name, _, rest = path.partition(".")
    member = value.get(name)
    items = [(f"{name}[{index}]", item) for index, item in things(member)] or [(name, thing(member))]
    for place, item in items:
        if rest:
            yield from ((f"{place}.{where}", what) for where, what in _at(item, rest))
        else:
            yield place, item


# What is reached from the first entry


def _unreachable(held: list[Entry], resolver: Resolver) -> Iterator[Issue]:
    ahead, either = _reached(held, resolver)
    for entry in held:
        if entry.index not in either:
            yield found("FD-BUNDLE-UNREACHABLE", entry.expression)
        elif entry.index not in ahead and entry.type != "Provenance":
            yield found("FD-BUNDLE-BACKWARD", entry.expression)


def _reached(held: list[Entry], resolver: Resolver) -> tuple[set[int], set[int]]:
    """Indexes of the entries reached by following references from the first; and by following them either way."""
    forward: dict[int, set[int]] = {entry.index: {one.index for one in neighbours(entry, resolver)} for entry in held}
    both: defaultdict[int, set[int]] = defaultdict(set)
    for source, targets in forward.items():
        both[source] |= targets
        for target in targets:
            both[target].add(source)
    start = held[0].index
    return _closure(start, forward), _closure(start, both)


def _closure(start: int, steps: dict[int, set[int]]) -> set[int]:
    reached, left = {start}, [start]
    while left:
        new = steps.get(left.pop(), set()) - reached
        reached |= new
        left.extend(new)
    return reached
