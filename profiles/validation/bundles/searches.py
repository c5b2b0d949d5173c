"""Whether links and results are those of a search. https://hl7.org/fhir/R4/http.html#search, search.html#modes"""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from profiles.definitions import resource_types
from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles.contents import Entry, text, thing, things
from profiles.validation.wordings_bundles import found

_PAGING = {"first", "previous", "prev", "next", "last"}
_SINGLE = _PAGING | {"self"}
_PAGED = {"searchset", "history"}


def links(bundle: Resource, _held: list[Entry]) -> Iterator[Issue]:
    paged = text(bundle.get("type")) in _PAGED
    seen: set[str] = set()
    for index, link in things(bundle.get("link")):
        relation = text(link.get("relation"))
        if not paged and relation in _PAGING:
            yield found("FD-BUNDLE-LINK-PAGING", f"Bundle.link[{index}].relation")
        elif relation in _SINGLE and relation in seen:
            yield found("FD-BUNDLE-LINK-REPEATED", f"Bundle.link[{index}].relation")
        seen.add(relation)


def results(bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    own = [text(link.get("url")) for _, link in things(bundle.get("link")) if link.get("relation") == "self"]
    if not own:
        yield found("FD-BUNDLE-NO-SELF", "Bundle.link")
    types = _searched(own[0]) if own else frozenset()
    if any(not _mode(entry) for entry in held):
        yield found("FD-BUNDLE-NO-MODE", "Bundle.entry.search.mode")
    for entry in held:
        if entry.resource:
            yield from _result(entry, types)


def _mode(entry: Entry) -> str:
    return text(thing(entry.content.get("search")).get("mode"))


def _result(entry: Entry, types: frozenset[str]) -> Iterator[Issue]:
    mode, is_outcome = _mode(entry), entry.type == "OperationOutcome"
    if mode == "outcome" and not is_outcome:
        yield found("FD-BUNDLE-OUTCOME", f"{entry.expression}.resource")
    if not entry.id and mode != "outcome" and (mode or not is_outcome):
        yield found("FD-BUNDLE-NO-ID", f"{entry.expression}.resource.id")
    if mode == "match" and types and entry.type not in types:
        yield found("FD-BUNDLE-MATCH", f"{entry.expression}.resource", types=", ".join(sorted(types)))


def _searched(url: str) -> frozenset[str]:
    """The resource types that a search may find; empty where the URL does not tell."""
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query).get("_type", [])
    except ValueError:  # such as an IPv6 host that is none
        return frozenset()
    steps = [step for step in parts.path.split("/") if step and step != "_search"]
    if steps and steps[-1] in resource_types():
        return frozenset({steps[-1]})
    return frozenset(name for value in asked for name in value.split(",") if name in resource_types())
