"""An HTTP request as it arrives, made a `Request`; its body is taken whole or not at all."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from gateway.errors import BadRequest, BadSyntax, NotAcceptable, TooLarge, UnsupportedMediaType
from gateway.rest.exchange import Request
from gateway.search import query

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

BASE_PATH = "/fhir"
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_JSON = (b"*/*", b"application/*", b"json")


def request(scope: Scope, base_url: str | None, request_id: str) -> Request:
    """The request without its body; raises for a host that is none, and for a format that we do not speak."""
    headers = dict(scope["headers"])
    asked = Request(
        scope["method"],
        _segments(scope["path"]),
        _pairs(scope["query_string"]),
        headers,
        b"",
        base_url or _base(headers),
        request_id,
    )
    _require_json(asked)
    return asked


async def with_body(asked: Request, receive: Receive, limit: int) -> Request:
    """The request with all of its body; raises where the client went away before the end, or sends too much."""
    if asked.method not in {"POST", "PUT"}:
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


def _pairs(query_string: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)) if query_string else ()


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
    """`_format` says more than the header. https://hl7.org/fhir/R4/http.html#parameters"""
    format_ = dict(asked.query).get("_format") if asked.query else None
    if format_:
        query.require_json(format_)
        return
    accept = asked.headers.get(b"accept", b"*/*")
    if accept and not any(media in accept for media in _JSON):
        raise NotAcceptable(*query.JSON_ONLY)


def _require_plain(asked: Request) -> None:
    coding = asked.headers.get(b"content-encoding", b"identity").strip().lower()
    if coding not in {b"identity", b""}:
        raise UnsupportedMediaType(
            "FD-CONTENT-ENCODING",
            "请求体不接受压缩(Content-Encoding);请原样发送。",
            "A body is not accepted with a Content-Encoding; send it as it is.",
        )
