"""An HTTP request as it arrives, made a `Request`; its body is taken whole or not at all."""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from gateway.errors import BadRequest, BadSyntax, TooLarge, UnsupportedMediaType
from gateway.rest import binary, media
from gateway.rest.exchange import Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

BASE_PATH = "/fhir"
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._~:/+=-]{1,64}")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def headers(scope: Scope) -> dict[bytes, bytes]:
    """By name; of one that came several times, the values with commas between. RFC 9110 §5.3"""
    found = dict(scope["headers"])
    if len(found) == len(scope["headers"]):
        return found
    return {name: b", ".join(value for other, value in scope["headers"] if other == name) for name in found}


def request_id(headers: Mapping[bytes, bytes]) -> str | None:
    """The client's own name for the request, where it is short and plain enough to be sent back and kept."""
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else None


def pairs(scope: Scope) -> tuple[tuple[str, str], ...]:
    """The parameters of the URL."""
    text = scope["query_string"]
    return tuple(parse_qsl(text.decode("latin-1"), keep_blank_values=True)) if text else ()


def request(scope: Scope, headers: dict[bytes, bytes], base_url: str | None, request_id: str) -> Request:
    """The request without its body; raises for a host that is none, and for a format that we do not speak."""
    asked = Request(
        scope["method"],
        _segments(scope["path"]),
        pairs(scope),
        headers,
        b"",
        base_url or _base(headers),
        request_id,
    )
    _require_json(asked)
    return asked


async def with_body(asked: Request, receive: Receive, limit: int) -> Request:
    """The request with all of its body; raises where the client went away before the end, or sends too much."""
    if asked.method not in _WITH_BODY:
        return asked
    _require_plain(asked)
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadSyntax("FD-BODY-CUT", "请求体未传完,未作处理。", "The body ended early; it was not applied.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise TooLarge(
                "FD-TOO-LARGE",
                f"请求体超过 {limit} 字节;请分批提交。",
                f"The body has more than {limit} bytes; send it in parts.",
            )
        more = message.get("more_body", False)
    return replace(asked, body=b"".join(chunks))


def _segments(path: str) -> tuple[str, ...]:
    below = path.removeprefix(BASE_PATH).strip("/")
    return tuple(below.split("/")) if below else ()


def _base(headers: dict[bytes, bytes]) -> str:
    """Where the client found us: this server speaks no TLS, and a proxy that does is told of in the base URL.

    What X-Forwarded-* says is anybody's word, and not believed.
    """
    host = headers.get(b"host", b"localhost").decode("latin-1")
    if not _HOST.fullmatch(host):
        raise BadRequest(
            "FD-HOST",
            "请求头 Host 应为 主机名[:端口]。",
            "The header Host must be a host name, with a port or without.",
        )
    return f"http://{host}{BASE_PATH}"


def _require_json(asked: Request) -> None:
    """`_format` says more than the header, and a Binary is whatever it is.

    https://hl7.org/fhir/R4/http.html#parameters
    """
    format_ = dict(asked.query).get("_format") if asked.query else None
    if format_:
        media.require_format(format_)
    elif not binary.is_read(asked):
        media.require_accepted(asked.headers.get(b"accept", b""))


def _require_plain(asked: Request) -> None:
    coding = asked.headers.get(b"content-encoding", b"identity").strip().lower()
    if coding not in {b"identity", b""}:
        raise UnsupportedMediaType(
            "FD-CONTENT-ENCODING",
            "请求体不接受压缩(Content-Encoding);请原样发送。",
            "A body is not accepted with a Content-Encoding; send it as it is.",
        )
