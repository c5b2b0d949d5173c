"""What the entries of a Bundle say of each other, made literal. https://hl7.org/fhir/R4/http.html#trules"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway import references
from gateway.errors import BadRequest
from gateway.planning import Linking
from gateway.rest.entries import Entry
from profiles.json import Resource

_CONDITIONAL = re.compile(r"[A-Z][A-Za-z]+\?\S+")


def linking(entries: Sequence[Entry], base: str) -> Linking:
    """How the resources of a transaction refer to each other, and by which searches to others."""
    _require_different(entries)
    sought = frozenset(text for entry in entries for text in _conditional(entry.resource))

    def rewrite(number: int, known: Mapping[str, str]) -> Resource | None:
        entry = entries[number]
        if entry.resource is None:
            return None
        return references.relative(linked(entry.resource, known, f"{entry.place}.resource"), base)

    return Linking(tuple(entry.full_url for entry in entries), sought, rewrite)


def linked(resource: Resource, known: Mapping[str, str], place: str) -> Resource:
    """A copy in which all that points to an entry points to what it became; raises where a link leads nowhere."""
    made: Resource = _linked(resource, known, place, "")
    return made


def _require_different(entries: Sequence[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.full_url in seen:
            raise BadRequest(
                "FD-BUNDLE-FULL-URL",
                "两个条目的 fullUrl 相同。",
                "Two entries have the same fullUrl.",
                f"{entry.place}.fullUrl",
            )
        if entry.full_url:
            seen.add(entry.full_url)


def _conditional(node: Any) -> Iterator[str]:
    """`Patient?identifier=…` wherever it stands as a reference."""
    match node:
        case dict():
            for name, value in node.items():
                if name == "reference" and isinstance(value, str) and _CONDITIONAL.fullmatch(value):
                    yield value
                else:
                    yield from _conditional(value)
        case list():
            for item in node:
                yield from _conditional(item)


def _linked(value: Any, known: Mapping[str, str], place: str, name: str) -> Any:
    """A Bundle inside is a world of its own: its links are among its own entries."""
    match value:
        case {"resourceType": "Bundle"}:
            return value
        case dict():
            return {own: _linked(inner, known, f"{place}.{own}", own) for own, inner in value.items()}
        case list():
            return [_linked(inner, known, f"{place}[{number}]", name) for number, inner in enumerate(value)]
        case str() if name == "reference":
            return _reference(value, known, place)
        case str() if name != "value" and value.startswith("urn:"):
            # Elements of type uri, url, uuid, oid and canonical; `value` is an identifier's, and stays what it is.
            return known.get(value, value)
    return value


def _reference(text: str, known: Mapping[str, str], place: str) -> str:
    if text.startswith("urn:uuid:") and text not in known:
        raise BadRequest(
            "FD-BUNDLE-REFERENCE",
            "引用的 urn:uuid 不是本 Bundle 中任何写入条目的 fullUrl。",
            "The reference is a urn:uuid that is the fullUrl of no entry that this Bundle writes.",
            place,
        )
    return known.get(text, text)
