"""Health and metrics of a feed over HTTP: /livez, /readyz, /metrics, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from profiles import json

Checks = Callable[[], Awaitable[Mapping[str, bool]]]
"""Answers which parts work; all of them must for the feed to be ready."""

_SECONDS = 5


async def serve(host: str, port: int, registry: CollectorRegistry, checks: Checks) -> asyncio.Server:
    """One request a connection; loopback or an operator's network is what this is for."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _response(request, registry, checks))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(handle, host, port)


async def _response(request: bytes, registry: CollectorRegistry, checks: Checks) -> bytes:
    method, _, rest = request.partition(b" ")
    if method != b"GET":
        return _http(HTTPStatus.METHOD_NOT_ALLOWED, b"", "text/plain")
    match rest.split(b" ")[0].partition(b"?")[0]:
        case b"/livez":
            return _http(HTTPStatus.OK, b'{"status":"ok"}', "application/json")
        case b"/readyz":
            found = await checks()
            ready = all(found.values())
            body = json.dumps({"status": "ok" if ready else "failing", "checks": found})
            return _http(HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE, body, "application/json")
        case b"/metrics":
            await checks()
            return _http(HTTPStatus.OK, generate_latest(registry), CONTENT_TYPE_LATEST)
        case _:
            return _http(HTTPStatus.NOT_FOUND, b"", "text/plain")


def _http(status: HTTPStatus, body: bytes, content_type: str) -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
