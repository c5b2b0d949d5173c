"""HL7's constraints on Bundle, bdl-1 to bdl-12. https://hl7.org/fhir/R4/bundle.html#invs"""

from collections.abc import Iterator

from profiles.json import Resource
from profiles.r4.issues import Issue
from profiles.validation.bundles.contents import Entry, text, thing
from profiles.validation.wordings_bundles import found

CONSTRAINTS = frozenset(f"bdl-{number}" for number in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12))

_WITH_REQUEST = {"batch", "transaction", "history"}
_WITH_RESPONSE = {"batch-response", "transaction-response", "history"}


def issues(bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    kind = text(bundle.get("type"))
    if "total" in bundle and kind not in {"searchset", "history"}:
        yield found("bdl-1", "Bundle.total")
    for entry in held:
        yield from _of_entry(entry, kind)
    if kind != "history":
        yield from _repeated(held)
    if kind == "document":
        yield from _document(bundle, held)
    if kind == "message" and held and held[0].type != "MessageHeader":
        yield found("bdl-12", "Bundle.entry[0].resource")


def _of_entry(entry: Entry, kind: str) -> Iterator[Issue]:
    content = entry.content
    if "search" in content and kind != "searchset":
        yield found("bdl-2", f"{entry.expression}.search")
    if ("request" in content) != (kind in _WITH_REQUEST):
        yield found("bdl-3", f"{entry.expression}.request")
    if ("response" in content) != (kind in _WITH_RESPONSE):
        yield found("bdl-4", f"{entry.expression}.response")
    if not content.keys() & {"resource", "request", "response"}:
        yield found("bdl-5", entry.expression)
    if "/_history/" in entry.full_url:
        yield found("bdl-8", f"{entry.expression}.fullUrl")


def _repeated(held: list[Entry]) -> Iterator[Issue]:
    seen: set[tuple[str, str]] = set()
    for entry in held:
        identity = entry.full_url, entry.version
        if entry.full_url and identity in seen:
            yield found("bdl-7", f"{entry.expression}.fullUrl")
        seen.add(identity)


def _document(bundle: Resource, held: list[Entry]) -> Iterator[Issue]:
    identifier = thing(bundle.get("identifier"))
    if not (identifier.get("system") and identifier.get("value")):
        yield found("bdl-9", "Bundle.identifier")
    if "timestamp" not in bundle:
        yield found("bdl-10", "Bundle.timestamp")
    if held and held[0].type != "Composition":
        yield found("bdl-11", "Bundle.entry[0].resource")
