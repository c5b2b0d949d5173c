"""The gateway as a process: database first, then the web server, until it is told to stop."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from gateway import logs, rebuild, worker
from gateway.app import App
from gateway.rest.incoming import BASE_PATH
from gateway.settings import Settings
from gateway.storage import embedded, migrations


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; what was begun is finished."""
    logs.configure()
    with database(settings) as url:
        migrations.upgrade(url)
        rebuild.ensure(url)
        listening = _listen(settings.host, settings.port)
        config = uvicorn.Config(
            App(settings, url, revive=_revival(settings)),
            log_config=None,
            proxy_headers=False,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        host, port = listening.getsockname()[:2]
        _Server(config, f"http://{host}:{port}{BASE_PATH}").run([listening])


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database: the configured one, or the embedded one for as long as it is used."""
    if settings.database_url:
        yield settings.database_url
    else:
        with embedded.running(settings.data_dir) as cluster:
            yield cluster.url()


def _revival(settings: Settings) -> worker.Revive:
    """An embedded database that died is started again; somebody else's is theirs to start."""
    if settings.database_url:
        return lambda: None
    return lambda: embedded.revive(settings.data_dir)


class _Server(uvicorn.Server):
    """Says so, in one line, when it answers."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"fdgw gateway ready at {self._address}", flush=True)  # noqa: T201 - the line that operators wait for


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(2048)
    return listening
