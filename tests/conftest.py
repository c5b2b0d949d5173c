"""A real PostgreSQL for the session, a database for every test module, and a gateway that answers on a real socket."""

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import hypothesis
import psycopg
import pytest
import uvicorn
from psycopg import sql

from gateway import clock
from gateway.app import App
from gateway.settings import Settings, development_tokens
from gateway.storage import embedded, migrations
from tests import features

hypothesis.settings.register_profile("fdgw", deadline=None, derandomize="CI" in os.environ, print_blob=True)
hypothesis.settings.load_profile("fdgw")
# Hypothesis watches the one random generator of the process while it draws; the pool in the gateway's thread draws its
# jitter from a generator of its own, or a test would now and then be called flaky.
pytest.MonkeyPatch().setattr("psycopg_pool.base.random", random.Random().random)

TEMPLATE = "fdgw_template"
SETTINGS = {"fsync": "off", "full_page_writes": "off", "shared_preload_libraries": "pg_stat_statements"}


class Clock:
    """The gateway's clock in tests: real time, moved by what a test says."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.offset


class Gateway:
    """A running gateway: its address, its tokens, its clock and a client that may do everything."""

    def __init__(self, base: str, tokens: dict[str, dict[str, str]], database_url: str, moved: Clock) -> None:
        self.base = base
        self.tokens = {name: entry["token"] for name, entry in tokens.items()}
        self.database_url = database_url
        self.clock = moved
        self.client = self.client_for("developer")

    def client_for(self, name: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[name]}", "Content-Type": "application/fhir+json"}
        headers["Accept"] = "application/fhir+json"
        return httpx.Client(base_url=self.base, headers=headers, timeout=30)


def _cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    given = os.environ.get("FDGW_TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = tmp_path_factory.mktemp("cluster")
    with embedded.running(folder, settings=SETTINGS) as cluster:
        yield cluster.url("postgres", "postgres")


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: embedded, or the one of FDGW_TEST_DATABASE_URL."""
    yield from _cluster_url(tmp_path_factory)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """A database with the newest schema, copied for every module."""
    name = f"{TEMPLATE}_{os.getpid()}"
    _create(server_url, name, "template1")
    migrations.upgrade(_with_name(server_url, name))
    return name


@pytest.fixture(scope="module")
def database_url(server_url: str, template: str) -> str:
    name = f"fdgw_test_{clock.uuid7().replace('-', '')}"
    _create(server_url, name, template)
    return _with_name(server_url, name)


@pytest.fixture(scope="module")
def gateway(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with serving(database_url, tmp_path_factory.mktemp("gateway")) as running:
        yield running
        running.client.close()


@contextmanager
def serving(database_url: str, data_dir: Path) -> Iterator[Gateway]:
    """A gateway in a thread of this process, on a port of its own."""
    moved = Clock()
    settings = Settings(data_dir=data_dir, worker_seconds=0.2)
    config = uvicorn.Config(
        App(settings, database_url, moved), host="127.0.0.1", port=0, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Gateway(f"http://127.0.0.1:{port}/fhir", development_tokens(data_dir), database_url, moved)
    finally:
        server.should_exit = True
        thread.join(15)


def _create(server_url: str, name: str, source: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        connection.execute(statement)


def _with_name(server_url: str, name: str) -> str:
    return psycopg.conninfo.make_conninfo(server_url, dbname=name)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements", action="store_true", help="list the requirements that tests prove, and run none")
    features.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    features.configure(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """`--requirements`: every requirement id of the catalogue that has a test, with its tests."""
    if not session.config.getoption("--requirements"):
        return
    proven: dict[str, set[str]] = {}
    for item in session.items:
        for marker in item.iter_markers("req"):
            proven.setdefault(marker.args[0], set()).add(item.nodeid.partition("[")[0])
    for requirement, tests in sorted(proven.items()):
        print(requirement, *sorted(tests), sep="\n    ")
    pytest.exit(f"{len(proven)} requirements have tests", returncode=0)
