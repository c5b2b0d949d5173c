"""The FHIR API as one ASGI application: it stands before the framework, whose routing costs more than a read."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from gateway.access import NOBODY, Tokens
from gateway.metrics import Metrics
from gateway.records import Records, Source
from gateway.rest import failures, incoming, outcome, routes
from gateway.rest.exchange import Request, Response
from gateway.rest.incoming import Receive, Scope

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Dispatcher:
    def __init__(self, source: Source, tokens: Tokens, metrics: Metrics, body_limit: int, base_url: str | None) -> None:
        self._source = source
        self._tokens = tokens
        self._metrics = metrics
        self._body_limit = body_limit
        self._base_url = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = f"{self._source.row_id():x}"
        name = "unknown"
        try:
            request = incoming.request(scope, self._base_url, request_id)
            name, handle = routes.handler(request.method, request.segments)
            response = await self._response(request, handle, receive)
        except Exception as error:  # noqa: BLE001 - the last resort: an OperationOutcome, never a bare 500
            response = outcome.response(failures.told(error, request_id, name))
        self._metrics.request(name, response.status, time.perf_counter() - started)
        await _answer(send, response, request_id, head=scope["method"] == "HEAD")

    async def _response(self, request: Request, handle: routes.Handler, receive: Receive) -> Response:
        if handle in routes.PUBLIC:
            return await handle(request, Records(self._source, NOBODY, request.id))
        grant = self._tokens.grant(request.headers.get(b"authorization"))
        whole = await incoming.with_body(request, receive, self._body_limit)
        return await handle(whole, Records(self._source, grant, request.id))


async def _answer(send: Send, response: Response, request_id: str, *, head: bool) -> None:
    headers = [(b"x-request-id", request_id.encode()), *response.headers]
    if response.body:
        headers += [(b"content-type", response.media_type), (b"content-length", b"%d" % len(response.body))]
    elif response.status not in {204, 304}:
        headers.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
