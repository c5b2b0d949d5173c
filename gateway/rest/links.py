"""What the entries of a Bundle say of each other, made literal. https://hl7.org/fhir/R4/http.html#trules"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import BadRequest
from gateway.records import Write
from gateway.rest.entries import Entry, paced
from profiles.json import Resource


async def writes(entries: Sequence[Entry]) -> list[Write]:
    """The writes, new resources under their ids, linked; raises where two entries are one, or a link leads nowhere."""
    _require_once(entries)
    links = _links(entries)
    return [
        Write(entry.type, str(entry.id), _resource(entry, links), entry.if_match, new=entry.method == "POST")
        async for entry in paced(entries)
    ]


def _require_once(entries: Sequence[Entry]) -> None:
    seen: set[tuple[str, str | None]] = set()
    for entry in entries:
        if (entry.type, entry.id) in seen:
            raise BadRequest(
                "FD-BUNDLE-TWICE",
                "同一资源在一个事务中只能写入一次。",
                "A transaction may write a resource only once.",
                f"{entry.place}.request.url",
            )
        seen.add((entry.type, entry.id))


def _links(entries: Sequence[Entry]) -> dict[str, str]:
    """What every fullUrl becomes."""
    links: dict[str, str] = {}
    for entry in entries:
        if entry.full_url in links:
            raise BadRequest(
                "FD-BUNDLE-FULL-URL",
                "两个条目的 fullUrl 相同。",
                "Two entries have the same fullUrl.",
                f"{entry.place}.fullUrl",
            )
        if entry.full_url:
            links[entry.full_url] = f"{entry.type}/{entry.id}"
    return links


def _resource(entry: Entry, links: Mapping[str, str]) -> Resource | None:
    if entry.resource is None:
        return None
    linked: Resource = _linked(entry.resource, links, f"{entry.place}.resource", "")
    return {**linked, "id": entry.id}


def _linked(value: Any, links: Mapping[str, str], place: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    """A copy in which everything that points to an entry points to what it became.

    A Bundle inside is a world of its own: its links are among its own entries.
    """
    match value:
        case {"resourceType": "Bundle"}:
            return value
        case dict():
            return {own: _linked(inner, links, f"{place}.{own}", own) for own, inner in value.items()}
        case list():
            return [_linked(inner, links, f"{place}[{number}]", name) for number, inner in enumerate(value)]
        case str() if name == "reference":
            return _reference(value, links, place)
        case str() if name != "value" and value.startswith("urn:"):
            # Elements of type uri, url, uuid, oid and canonical; `value` is an identifier's, and stays what it is.
            return links.get(value, value)
    return value


def _reference(text: str, links: Mapping[str, str], place: str) -> str:
    if text.startswith("urn:uuid:") and text not in links:
        raise BadRequest(
            "FD-BUNDLE-REFERENCE",
            "引用的 urn:uuid 不是本 Bundle 中任何写入条目的 fullUrl。",
            "The reference is a urn:uuid that is the fullUrl of no entry that this Bundle writes.",
            place,
        )
    return links.get(text, text)
