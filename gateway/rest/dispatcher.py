"""The FHIR API as one ASGI application: it stands before the framework, whose routing costs more than a read."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any

from gateway.access import NOBODY, Tokens
from gateway.metrics import Metrics
from gateway.records import Records, Source
from gateway.rest import cors, failures, incoming, outcome, routes, shaping
from gateway.rest.exchange import FHIR_JSON, Request, Response
from gateway.rest.incoming import Receive, Scope
from gateway.rest.later import Later
from gateway.settings import Settings

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Dispatcher:
    def __init__(self, source: Source, tokens: Tokens, metrics: Metrics, settings: Settings, later: Later) -> None:
        self._source = source
        self._tokens = tokens
        self._metrics = metrics
        self._settings = settings
        self._later = later

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = incoming.headers(scope)
        request_id = incoming.request_id(headers) or f"{self._source.ground.row_id():x}"
        name, method = "unknown", scope["method"]
        try:
            request = incoming.request(scope, headers, self._settings.base_url, request_id)
            name, handle = routes.handler(request.method, request.segments)
            response = await self._response(request, handle, receive)
        except Exception as error:  # noqa: BLE001 - the last resort: an OperationOutcome, never a bare 500
            response = outcome.response(failures.told(error, request_id, name))
        self._metrics.request(name, response.status, time.perf_counter() - started)
        about = ((b"x-request-id", request_id.encode()), *cors.headers(self._settings.cors_origins, method, headers))
        await _answer(send, _pretty(scope, response), about, head=method == "HEAD")

    async def _response(self, request: Request, handle: routes.Handler, receive: Receive) -> Response:
        if handle in routes.PUBLIC:
            return await handle(request, Records(self._source, NOBODY, request.id, request.base))
        grant = self._tokens.grant(request.headers.get(b"authorization"))
        whole = await incoming.with_body(request, receive, self._settings.body_limit)
        records = Records(self._source, grant, request.id, request.base)
        if b"prefer" in request.headers and request.prefer.respond_async and handle not in routes.AT_ONCE:
            return await self._later.accept(whole, records, handle)
        return await handle(whole, records)


def _pretty(scope: Scope, response: Response) -> Response:
    """In lines, where that is asked for: whatever answers, and every answer that is FHIR."""
    asked = b"_pretty" in scope["query_string"] and ("_pretty", "true") in incoming.pairs(scope)
    if asked and response.body and response.media_type == FHIR_JSON:
        return replace(response, body=shaping.pretty(response.body))
    return response


async def _answer(send: Send, response: Response, about: cors.Headers, *, head: bool) -> None:
    headers = [*about, *response.headers]
    if response.body:
        headers += [(b"content-type", response.media_type), (b"content-length", b"%d" % len(response.body))]
    elif response.status not in {204, 304}:
        headers.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
