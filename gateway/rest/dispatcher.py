"""The FHIR API as one ASGI application: it stands before the framework, whose routing costs more than a read."""

import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import psycopg
import psycopg_pool
import structlog

from gateway.access import Tokens
from gateway.errors import BadSyntax, FhirError, NotAcceptable, TooLarge, Unavailable
from gateway.metrics import Metrics
from gateway.records import Records, Source
from gateway.rest import capability, outcome, routes
from gateway.rest.exchange import Request, Response

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BASE_PATH = "/fhir"
_log = structlog.get_logger()
_JSON = (b"*/*", b"application/*", b"json")


class Dispatcher:
    def __init__(self, source: Source, tokens: Tokens, metrics: Metrics, body_limit: int, base_url: str | None) -> None:
        self._source = source
        self._tokens = tokens
        self._metrics = metrics
        self._body_limit = body_limit
        self._base_url = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = f"{self._source.row_id():x}"
        name = "unknown"
        try:
            segments = _segments(scope)
            _require_json(headers)
            request = Request(
                scope["method"], segments, _query(scope), headers, b"", self._base(scope, headers), request_id
            )
            if segments == ("metadata",):
                name, response = "capabilities", capability.metadata(request)
            else:
                grant = self._tokens.grant(headers.get(b"authorization"))
                name, handle = routes.handler(request.method, segments)
                request = await self._with_body(request, receive)
                response = await handle(request, Records(self._source, grant, request_id))
        except FhirError as error:
            response = outcome.response(error)
        except RecursionError:
            response = outcome.response(_TOO_DEEP)
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            _log.error("database-away", request=request_id, error=type(error).__name__)
            response = outcome.response(_AWAY)
        except Exception as error:  # noqa: BLE001 - the last resort: an OperationOutcome, never a bare 500
            _log.error(
                "request-failed", request=request_id, interaction=name, error=type(error).__name__, at=_frames(error)
            )
            response = outcome.response(_FAILED)
        self._metrics.request(name, response.status, time.perf_counter() - started)
        await _answer(send, response, request_id, head=scope["method"] == "HEAD")

    def _base(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        if self._base_url:
            return self._base_url
        host = headers.get(b"host", b"localhost").decode("latin-1")
        return f"{scope['scheme']}://{host}{BASE_PATH}"

    async def _with_body(self, request: Request, receive: Receive) -> Request:
        if request.method not in {"POST", "PUT", "PATCH"}:
            return request
        chunks, size = [], 0
        while True:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._body_limit:
                raise TooLarge(
                    "FD-TOO-LARGE",
                    f"请求体超过 {self._body_limit} 字节;请分批提交。",
                    f"The body has more than {self._body_limit} bytes; send it in parts.",
                )
            chunks.append(chunk)
            if not message.get("more_body"):
                break
        return Request(
            request.method, request.segments, request.query, request.headers, b"".join(chunks), request.base, request.id
        )


def _segments(scope: Scope) -> tuple[str, ...]:
    path = scope["path"].removeprefix(BASE_PATH).strip("/")
    return tuple(path.split("/")) if path else ()


def _query(scope: Scope) -> tuple[tuple[str, str], ...]:
    text = scope["query_string"].decode("latin-1")
    return tuple(parse_qsl(text, keep_blank_values=True)) if text else ()


def _require_json(headers: dict[bytes, bytes]) -> None:
    accept = headers.get(b"accept", b"*/*")
    if accept and not any(media in accept for media in _JSON):
        raise NotAcceptable(
            "FD-ACCEPT",
            "本服务只提供 application/fhir+json。",
            "This server speaks application/fhir+json only.",
        )


def _frames(error: Exception) -> list[str]:
    """Where it happened, without the words of the error, which may quote data."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


async def _answer(send: Send, response: Response, request_id: str, *, head: bool) -> None:
    headers = [(b"x-request-id", request_id.encode()), *response.headers]
    if response.body:
        headers += [(b"content-type", response.media_type), (b"content-length", b"%d" % len(response.body))]
    elif response.status not in {204, 304}:
        headers.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})


_TOO_DEEP = BadSyntax("FD-DEPTH", "JSON 嵌套过深。", "The JSON is nested too deeply.")
_AWAY = Unavailable("FD-DATABASE", "数据库暂不可用,请稍后重试。", "The database is not available; try again later.")
_FAILED = FhirError(
    "FD-INTERNAL",
    "服务内部错误,未作任何更改;请凭 X-Request-Id 联系运维。",
    "Internal error; nothing was changed. Give the X-Request-Id to the operator.",
)
