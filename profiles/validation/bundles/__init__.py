"""What is wrong with a Bundle as a whole. https://hl7.org/fhir/R4/bundle.html"""

from collections.abc import Callable, Iterator

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles import documents, identity, interactions, invariants, searches
from profiles.validation.bundles.contents import Entry, entries, text
from profiles.validation.bundles.references import Resolver, unresolved_urns
from profiles.validation.wordings_bundles import found

__all__ = ["CONSTRAINTS", "issues"]

CONSTRAINTS = invariants.CONSTRAINTS
"""Keys of HL7's constraints on Bundle that are decided here, so that nobody need evaluate their expressions."""

Rule = Callable[[Resource, list[Entry]], Iterator[Issue]]


def issues(bundle: Resource) -> list[Issue]:
    """Every fault of a Bundle as such, not of the resources in it. Raises nothing, whatever the shape."""
    held, kind = entries(bundle), text(bundle.get("type"))
    rules = [*_OF_EVERY, *_OF_TYPE.get(kind, ())]
    return [issue for rule in rules for issue in rule(bundle, held)]


def _links(bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    resolver = Resolver(held)
    for entry in held:
        yield from unresolved_urns(entry, resolver)
    if text(bundle.get("type")) in {"document", "message"} and not held:
        yield found("FD-BUNDLE-EMPTY", "Bundle.entry")


_OF_EVERY: tuple[Rule, ...] = (invariants.issues, identity.issues, searches.links, _links)
_OF_TYPE: dict[str, tuple[Rule, ...]] = {
    "document": (documents.document,),
    "message": (documents.message,),
    "searchset": (searches.results,),
    "transaction": (interactions.requests, interactions.overlaps),
    "batch": (interactions.requests,),
}
