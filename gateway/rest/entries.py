"""One entry of a batch or transaction, taken apart and checked. https://hl7.org/fhir/R4/http.html#transaction"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote

from gateway import clock
from gateway.errors import BadRequest, NotSupported
from gateway.rest import addresses, headers, interactions
from gateway.rest.exchange import Request
from profiles.json import Resource

_T = TypeVar("_T")
_AT_ONCE = 100


class Entry(NamedTuple):
    number: int
    method: str
    type: str
    id: str | None
    """One of ours for a POST; None for a search."""
    query: tuple[tuple[str, str], ...]
    full_url: str | None
    resource: Resource | None
    if_match: int | None

    @property
    def place(self) -> str:
        return f"Bundle.entry[{self.number}]"


def parse(request: Request, number: int, listed: Any) -> Entry:  # noqa: ANN401 - whatever the client sent
    """The entry, its URL resolved and its resource of the type that the URL names; raises with its place."""
    place = f"Bundle.entry[{number}]"
    match listed:
        case {"request": {"method": "GET" | "DELETE" as method, "url": str(url)}}:
            resource = None
        case {"request": {"method": "POST" | "PUT" as method, "url": str(url)}, "resource": dict(resource)}:
            pass
        case _:
            raise BadRequest(
                "FD-BUNDLE-REQUEST",
                "每个条目需要 request.method(GET、POST、PUT、DELETE)与 request.url;POST、PUT 还需要 resource。",
                "Every entry needs request.method (GET, POST, PUT, DELETE) and request.url; POST and PUT a resource.",
                f"{place}.request",
            )
    path, _, query = url.removeprefix(f"{request.base}/").partition("?")
    if "ifNoneExist" in listed["request"] or (method != "GET" and query):
        raise NotSupported(
            "FD-CONDITIONAL", "暂不支持条件写入。", "Conditional writes are not supported.", f"{place}.request"
        )
    resource_type, resource_id = _target(method, path, f"{place}.request.url")
    _require_same(method, resource, resource_type, resource_id)
    full_url, if_match = listed.get("fullUrl"), listed["request"].get("ifMatch")
    return Entry(
        number,
        method,
        resource_type,
        resource_id,
        tuple(parse_qsl(query, keep_blank_values=True)),
        full_url if isinstance(full_url, str) else None,
        resource,
        None if if_match is None else headers.etag_version(str(if_match).encode()),
    )


def _target(method: str, path: str, place: str) -> tuple[str, str | None]:
    match method, [unquote(segment) for segment in path.split("/")]:
        case "POST", [resource_type]:
            return addresses.known_type(resource_type), clock.uuid7()
        case "GET", [resource_type]:
            return addresses.known_type(resource_type), None
        case "GET", [resource_type, resource_id]:
            return addresses.known_type(resource_type), resource_id
        case "PUT" | "DELETE", [resource_type, resource_id]:
            return addresses.known_type(resource_type), addresses.written_id(resource_id, place)
    raise BadRequest(
        "FD-BUNDLE-URL",
        "request.url 应为 类型(POST、检索)或 类型/id(GET、PUT、DELETE)。",
        "request.url must be Type (POST, search) or Type/id (GET, PUT, DELETE).",
        place,
    )


def _require_same(method: str, resource: Resource | None, resource_type: str, resource_id: str | None) -> None:
    if resource is not None:
        interactions.typed(resource, resource_type)
        if method == "PUT":
            interactions.identified(resource, resource_type, resource_id)


async def paced(values: Iterable[_T]) -> AsyncIterator[_T]:
    """The values, with a turn for everybody else after every hundred: a large Bundle holds up nobody."""
    for number, value in enumerate(values, start=1):
        yield value
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
