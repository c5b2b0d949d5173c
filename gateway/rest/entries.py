"""One entry of a batch or transaction, taken apart and checked. https://hl7.org/fhir/R4/http.html#transaction"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote

from gateway import clock
from gateway.errors import BadRequest
from gateway.planning import Write
from gateway.rest import addresses, conditions, interactions, patching
from gateway.rest.exchange import Request
from profiles import json
from profiles.json import Resource

_T = TypeVar("_T")
_AT_ONCE = 100
_HEADERS = {
    "ifMatch": b"if-match",
    "ifNoneMatch": b"if-none-match",
    "ifModifiedSince": b"if-modified-since",
    "ifNoneExist": b"if-none-exist",
}
_FHIR_JSON = b"application/fhir+json"


class Entry(NamedTuple):
    number: int
    method: str
    segments: tuple[str, ...]
    """The path below the FHIR base."""
    query: tuple[tuple[str, str], ...]
    full_url: str | None
    resource: Resource | None
    headers: dict[bytes, bytes]
    """What the entry says beside its URL, as a request says it in headers."""

    @property
    def place(self) -> str:
        return f"Bundle.entry[{self.number}]"


def parse(request: Request, number: int, listed: Any) -> Entry:
    """The entry, its URL taken apart; raises with its place."""
    place = f"Bundle.entry[{number}]"
    match listed:
        case {"request": {"method": "GET" | "HEAD" | "DELETE" as method, "url": str(url)}}:
            resource = None
        case {"request": {"method": "POST", "url": str(url)}} if "$" in url or "_search" in url:
            method, resource = "POST", listed.get("resource")
        case {"request": {"method": "POST" | "PUT" | "PATCH" as method, "url": str(url)}, "resource": dict(resource)}:
            pass
        case _:
            raise BadRequest(
                "FD-BUNDLE-REQUEST",
                "每个条目需要 request.method(GET、POST、PUT、PATCH、DELETE)与 request.url;"
                "POST、PUT、PATCH 还需要 resource。",
                "Every entry needs request.method (GET, POST, PUT, PATCH, DELETE) and request.url; "
                "POST, PUT and PATCH a resource.",
                f"{place}.request",
            )
    path, _, query = url.removeprefix(f"{request.base}/").partition("?")
    full_url = listed.get("fullUrl")
    said = listed["request"]
    return Entry(
        number,
        method,
        tuple(unquote(segment) for segment in path.strip("/").split("/")) if path else (),
        tuple(parse_qsl(query, keep_blank_values=True)),
        full_url if isinstance(full_url, str) else None,
        resource if isinstance(resource, dict) else None,
        {header: str(said[name]).encode() for name, header in _HEADERS.items() if name in said},
    )


def subrequest(request: Request, entry: Entry) -> Request:
    """The entry as the request that it stands for."""
    media, body = _FHIR_JSON, b""
    if entry.resource is not None:
        media, body = _body(entry)
    headers = {
        **{name: value for name, value in request.headers.items() if name in {b"authorization", b"prefer"}},
        **entry.headers,
        b"content-type": media,
        b"accept": _FHIR_JSON,
    }
    return replace(request, method=entry.method, segments=entry.segments, query=entry.query, headers=headers, body=body)


def _body(entry: Entry) -> tuple[bytes, bytes]:
    resource = entry.resource or {}
    if entry.method == "PATCH" and resource.get("resourceType") == "Binary":
        try:
            return str(resource.get("contentType", "")).encode(), b64decode(
                str(resource.get("data", "")), validate=True
            )
        except ValueError:
            raise BadRequest(
                "FD-PATCH-DATA", "Binary.data 应为 base64。", "Binary.data must be base64.", f"{entry.place}.resource"
            ) from None
    return _FHIR_JSON, json.dumps(resource)


def write(entry: Entry, *, many: bool) -> Write:
    """The entry of a transaction as a write; raises for a URL that is not one of its method.

    `many` is whether a conditional delete may delete several.
    """
    place = f"{entry.place}.request.url"
    tags = conditions.expected(entry.headers)
    expected = tags.have if tags else None
    match entry.method, entry.segments:
        case "POST", (kind,):
            resource_type = _typed(entry, kind)
            criteria = interactions.criteria(entry.headers.get(b"if-none-exist"))
            return Write(resource_type, clock.uuid7(), entry.resource, new=True, criteria=criteria, place=place)
        case "PUT", (kind, own):
            resource_type, resource_id = _typed(entry, kind), addresses.written_id(own, place)
            interactions.identified(entry.resource or {}, f"{entry.place}.resource", resource_id)
            return Write(resource_type, resource_id, entry.resource, expected, place=place)
        case "PUT", (kind,) if entry.query:
            return Write(_typed(entry, kind), None, entry.resource, expected, criteria=entry.query, place=place)
        case "PATCH", (kind, own):
            resource_type, resource_id = addresses.known_type(kind), addresses.written_id(own, place)
            return Write(resource_type, resource_id, None, expected, change=_change(entry), place=place)
        case "PATCH", (kind,) if entry.query:
            resource_type = addresses.known_type(kind)
            return Write(resource_type, None, None, expected, criteria=entry.query, change=_change(entry), place=place)
        case "DELETE", (kind, own):
            return Write(addresses.known_type(kind), addresses.written_id(own, place), None, expected, place=place)
        case "DELETE", (kind,) if entry.query:
            return Write(addresses.known_type(kind), None, criteria=entry.query, many=many, place=place)
    raise BadRequest(
        "FD-BUNDLE-URL",
        "request.url 应为 类型(POST)、类型/id 或 类型?条件(PUT、PATCH、DELETE)。",
        "request.url must be Type (POST), or Type/id or Type?criteria (PUT, PATCH, DELETE).",
        place,
    )


def _change(entry: Entry) -> Any:
    return lambda resource: patching.apply_entry(resource, entry.resource)


def _typed(entry: Entry, kind: str) -> str:
    return interactions.typed(entry.resource or {}, addresses.known_type(kind), f"{entry.place}.resource.")


async def paced(values: Iterable[_T]) -> AsyncIterator[_T]:
    """The values, with a turn for everybody else after every hundred: a large Bundle holds up nobody."""
    for number, value in enumerate(values, start=1):
        yield value
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
