"""Where a reference inside a Bundle leads, by the fullUrl of its entry. https://hl7.org/fhir/R4/bundle.html#references"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles.contents import Entry, text, without_version
from profiles.validation.wordings_bundles import found

Failure = Literal["", "FD-BUNDLE-UNRESOLVED", "FD-BUNDLE-AMBIGUOUS", "FD-BUNDLE-VERSION"]


class Target(NamedTuple):
    entry: Entry | None
    failure: Failure = ""


class Resolver:
    """The entries of a Bundle by their fullUrl, which several versions of a resource share."""

    def __init__(self, held: list[Entry]) -> None:
        self._by_url: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in held:
            if entry.full_url:
                self._by_url[entry.full_url].append(entry)

    def named(self, url: str) -> list[Entry]:
        return self._by_url.get(url, [])

    def target(self, source: Entry, reference: str) -> Target:
        """What a reference (not `#id`) in the resource of an entry leads to."""
        url, version = without_version(reference)
        matches = self.named(url if ":" in url else source.base + url)
        if not matches:
            return Target(None, "FD-BUNDLE-UNRESOLVED")
        if version:
            matches = [entry for entry in matches if entry.version == version]
            if not matches:
                return Target(None, "FD-BUNDLE-VERSION")
        return Target(matches[0]) if len(matches) == 1 else Target(matches[0], "FD-BUNDLE-AMBIGUOUS")


class Said(NamedTuple):
    """A string in a resource that may lead somewhere."""

    expression: str
    value: str
    is_reference: bool
    """`Reference.reference`; else a url, uri or canonical that only leads where it is the very fullUrl."""


def strings(resource: Resource, expression: str) -> Iterator[Said]:
    """Every string of a resource; a stack of its own, for the depth is the sender's choice."""
    left: list[tuple[str, object]] = [(expression, resource)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            left.extend((f"{place}.{name}", member) for name, member in value.items() if name != "div")
        elif isinstance(value, list):
            left.extend((f"{place}[{index}]", item) for index, item in enumerate(value))
        elif isinstance(value, str):
            yield Said(place, value, place.endswith(".reference"))


def unresolved_urns(entry: Entry, resolver: Resolver) -> Iterator[Issue]:
    """A URN is of use only to those who have the resource beside it."""
    for said in strings(entry.resource, f"{entry.expression}.resource"):
        if said.is_reference and said.value.startswith(("urn:uuid:", "urn:oid:")):
            url, _ = without_version(said.value)
            if not resolver.named(url):
                yield found("FD-BUNDLE-URN", said.expression)


def neighbours(entry: Entry, resolver: Resolver) -> Iterator[Entry]:
    """The entries that this one leads to."""
    for said in strings(entry.resource, ""):
        if said.is_reference and not said.value.startswith("#"):
            target = resolver.target(entry, said.value).entry
            if target:
                yield target
        else:
            yield from resolver.named(text(said.value).partition("#")[0])
