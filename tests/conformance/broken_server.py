"""A reverse proxy before a FHIR server that spoils its answers in one way."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "accept-encoding"}


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    """With the query, from the root of the host."""
    headers: httpx.Headers
    body: bytes

    def without(self, header: str) -> "Call":
        return replace(self, headers=httpx.Headers([one for one in self.headers.items() if one[0] != header.lower()]))

    def with_header(self, name: str, value: str) -> "Call":
        return replace(self, headers=httpx.Headers({**self.headers, name.lower(): value}))

    def with_resource(self, resource: dict[str, Any]) -> "Call":
        return replace(self, body=json.dumps(resource).encode())

    @property
    def resource(self) -> dict[str, Any]:
        return _resource(self.body)

    @property
    def segments(self) -> list[str]:
        """Below the base."""
        return [one for one in urlsplit(self.path).path.split("/")[2:] if one]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: httpx.Headers
    body: bytes

    def without(self, header: str) -> "Reply":
        return replace(self, headers=httpx.Headers([one for one in self.headers.items() if one[0] != header.lower()]))

    def with_resource(self, resource: dict[str, Any]) -> "Reply":
        return replace(self, body=json.dumps(resource).encode())

    @property
    def resource(self) -> dict[str, Any]:
        return _resource(self.body)


Forward = Callable[[Call], Reply]
Fault = Callable[[Call, Forward], Reply]


def _resource(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Clients that come at the same time."""


@contextmanager
def spoiling(base: str, fault: Fault) -> Iterator[str]:
    """The base of a server that answers as the one at `base` does, spoiled by the fault."""
    parts = urlsplit(base)
    with httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=30) as client:
        server = _Server(("127.0.0.1", 0), _handler(client, fault))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{parts.path}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join(10)


def _handler(client: httpx.Client, fault: Fault) -> type[BaseHTTPRequestHandler]:
    def forward(call: Call) -> Reply:
        headers = [(name, value) for name, value in call.headers.items() if name not in _HOP_BY_HOP]
        said = client.request(call.method, call.path, headers=headers, content=call.body or None)
        return Reply(said.status_code, said.headers, said.content)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = fault(Call(self.command, self.path, httpx.Headers(self.headers.items()), body), forward)
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                if name not in _HOP_BY_HOP:
                    self.send_header(name, value)
            if reply.status not in {204, 304}:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
