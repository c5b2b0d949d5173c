"""Who stands around the feed in tests: a hospital's messages, and a gateway that answers on a real socket."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from adapters.hl7v2 import app
from adapters.hl7v2.lanes import Pace
from adapters.settings import Settings

T = TypeVar("T")
Resource = dict[str, Any]

EAGER = Pace(look=0.05, first_wait=0.02, longest_wait=0.1, longest_pause=0.05)
NOWHERE = "http://127.0.0.1:9/fhir"
PERSON_UNKNOWN = {"severity": "warning", "code": "not-found", "details": {"coding": [{"code": "FD-PERSON-UNKNOWN"}]}}


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result; what a callback of the loop raises is a failure too."""
    unhandled: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(lambda _loop, context: unhandled.append(context))
        result = runner.run(work)
    assert unhandled == []
    return result


def adt(
    control_id: str,
    *,
    patient: str = "P1",
    name: str = "测试甲",
    charset: str = "UNICODE UTF-8",
    codec: str = "utf-8",
    event: str = "A01",
    version: str = "2.5.1",
    wants: tuple[str, str] = ("", ""),
    extra: str = "",
) -> bytes:
    """A message of a hospital that does not exist, about a person who does not exist."""
    header = f"MSH|^~\\&|HIS|330106001|FDGW|REGION|20260131080000+0800||ADT^{event}^ADT_{event}|{control_id}|P"
    segments = [
        f"{header}|{version}|||{wants[0]}|{wants[1]}|CHN|{charset}",
        f"EVN|{event}|20260131080000",
        f"PID|1||{patient}^^^330106001^MR||{name}||19491231|M",
        f"PV1|1|I|W12^301^02^330106001||||D001|||MED|||||||D001|IN|V{patient}{'|' * 25}20260131075500",
    ]
    return ("\r".join(segments) + "\r" + extra).encode(codec)


class FakeGateway(ThreadingHTTPServer):
    """Keeps every Bundle it is sent; `decide` gives the status and the issues of each answer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.bundles: list[Resource] = []
        self.tokens: list[str] = []
        self.lock = threading.Lock()
        self.decide: Callable[[Resource, str], tuple[int, list[Resource]]] = lambda _bundle, _token: (200, [])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/fhir"

    def handle_error(self, *_: object) -> None:
        """Quiet: clients that are killed break their connections."""

    def identifiers(self) -> list[str]:
        with self.lock:
            return [bundle["identifier"]["value"] for bundle in self.bundles]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FakeGateway

    def do_POST(self) -> None:
        bundle = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status, issues = self.server.decide(bundle, token)
        with self.server.lock:
            self.server.tokens.append(token)
            if status == 200:
                self.server.bundles.append(bundle)
        outcome = {"resourceType": "OperationOutcome", "issue": issues}
        response = {"resourceType": "MessageHeader", "response": {"code": "ok"}}
        answer = {"resourceType": "Bundle", "type": "message", "entry": [{"resource": response}, {"resource": outcome}]}
        body = json.dumps(answer if status == 200 else outcome).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def gateway(port: int = 0) -> Iterator[FakeGateway]:
    server = FakeGateway(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@asynccontextmanager
async def feed(folder: Path, url: str = NOWHERE, **given: Any) -> AsyncIterator[app.Feed]:
    """The whole adapter, in this loop; settings are given without their prefix `hl7v2_`."""
    chosen = {f"hl7v2_{name}": value for name, value in {"port": 0, "status_port": 0, **given}.items()}
    settings = Settings(data_dir=folder, gateway_url=url, gateway_token="test", **chosen)
    async with app.running(settings, EAGER) as ports:
        yield ports


@contextmanager
def adapter(folder: Path, url: str = NOWHERE) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running adapter and its MLLP port; it is killed at the end, if it still lives. Its log is `folder/log`."""
    environment = os.environ | {"FDGW_DATA_DIR": str(folder), "FDGW_GATEWAY_URL": url}
    command = [sys.executable, "-m", "adapters", "hl7v2", "--port", "0", "--status-port", "0"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        try:
            ready = next(line for line in process.stdout if line.startswith("fdgw hl7v2 ready at mllp://"))
            yield process, int(ready.rsplit(":", 1)[1])
        finally:
            process.kill()


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Waits for what another thread brings about."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


async def exchange(port: int, data: bytes, answers: int = 1) -> bytes:
    """What a listener says to these bytes, up to that many answers or its end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    said = b""
    async with asyncio.timeout(10):
        while said.count(b"\x1c\r") < answers and (more := await reader.read(65536)):
            said += more
    writer.close()
    await writer.wait_closed()
    return said
