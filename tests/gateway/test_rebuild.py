"""The index is made again at start when what it depends on has changed, from whatever version the database is."""

import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql

import gateway.storage.migrations
from gateway import clock, rebuild
from gateway.search import index
from gateway.storage import migrations
from profiles import json
from profiles.json import Resource
from tests.conftest import serving
from tests.gateway.indexed import differences
from tests.gateway.waiting import until
from tests.processes import FDGW, environment, fhir_client

PATIENT: Resource = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"text": "张三\t\\N"}],
    "gender": "female",
    "birthDate": "1950-03-01",
}
PLACES = "a\nb"


def observation(number: int) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": PLACES},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": f"2026-01-{number % 28 + 1:02}",
        "valueQuantity": {"value": 100 + number},
    }


@pytest.fixture
def old(server_url: str) -> str:
    """A database of the first release, with resources as it kept them."""
    name = f"fdgw_test_{clock.uuid7().replace('-', '')}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = psycopg.conninfo.make_conninfo(server_url, dbname=name)
    config = Config(attributes={"database_url": url})
    config.set_main_option("script_location", str(Path(gateway.storage.migrations.__path__[0])))
    command.upgrade(config, "0001")
    with psycopg.connect(url) as connection:
        for number, resource in enumerate((PATIENT, *(observation(one) for one in range(29)))):
            content = b"" if resource["id"] == "o28" else json.dumps(resource)
            row = (number + 1, resource["resourceType"], resource["id"], not content, content)
            connection.execute("INSERT INTO resource VALUES (1, %s, %s, %s, 1, 1700000000000, %s, %s)", row)
    return url


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several pieces, so that other processes make them."""
    monkeypatch.setattr(rebuild, "_CHUNK", 6)


def ids(found: httpx.Response) -> set[str]:
    assert found.status_code == 200, found.text
    return {entry["resource"]["id"] for entry in found.json().get("entry", ())}


def test_a_database_of_the_first_release_is_found_by_everything(old: str, tmp_path: Path, capfd: Any) -> None:
    migrations.upgrade(old)
    assert rebuild.ensure(old) == 29
    assert differences(old) == {}
    assert "29" in capfd.readouterr().err
    with serving(old, tmp_path) as running, running.client as client:
        assert ids(client.get("/Patient?name=zhangsan&birthdate=1950")) == {"p1"}
        assert ids(client.get("/Observation?date=2026-01-03&patient=p1&value-quantity=102")) == {"o2"}
        assert ids(client.get("/Observation?_sort=-date&_count=1")) == {"o27"}
        assert len(ids(client.get("/Observation?patient.name=zhangsan&_count=100"))) == 28
        assert client.get("/Observation/o28").status_code == 410
        assert client.delete("/Patient/p1").status_code == 409


def test_it_is_made_once_and_again_when_its_fingerprint_is_another(old: str) -> None:
    migrations.upgrade(old)
    assert rebuild.ensure(old) == 29
    assert rebuild.ensure(old) is None
    with psycopg.connect(old) as connection:
        connection.execute("UPDATE site SET value = 'other' WHERE name = 'index'")
        connection.execute("DELETE FROM idx")
        connection.execute("INSERT INTO link (tenant, target, key, sort, rid) VALUES (1, 1, 1, 1, 1)")
    before = definitions(old)
    assert rebuild.ensure(old) == 29
    assert differences(old) == {}
    assert definitions(old) == before, "the indexes are made anew as they were"


def definitions(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")}


def test_processes_that_start_together_take_turns(old: str) -> None:
    migrations.upgrade(old)
    made: list[int | None] = []
    starts = [threading.Thread(target=lambda: made.append(rebuild.ensure(old))) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(made, key=str) == [29, None]


def test_a_resource_that_cannot_be_read_is_told_of_and_does_not_stop_the_start(old: str, capfd: Any) -> None:
    migrations.upgrade(old)
    with psycopg.connect(old) as connection:
        connection.execute("UPDATE resource SET content = 'no json' WHERE rid = 7")
    assert rebuild.ensure(old) == 29
    assert "[7]" in capfd.readouterr().err


def test_an_empty_database_has_nothing_to_be_made(database_url: str) -> None:
    assert rebuild.ensure(database_url) is None
    with psycopg.connect(database_url) as connection:
        held = connection.execute("SELECT value FROM site WHERE name = 'index'").fetchone()
    assert held == (index.fingerprint(),)


def test_search_parameters_of_users_are_made_too(old: str, tmp_path: Path) -> None:
    migrations.upgrade(old)
    with serving(old, tmp_path) as running, running.client as client:
        definition = {
            "resourceType": "SearchParameter",
            "url": "https://example.org/text",
            "name": "Text",
            "description": "-",
            "status": "active",
            "code": "code-words",
            "base": ["Observation"],
            "type": "string",
            "expression": "Observation.code.text",
        }
        assert client.post("/SearchParameter", json=definition).status_code == 201
        until(lambda: client.get("/Observation?code-words=a").status_code == 200)
    assert rebuild.ensure(old) == 30
    with serving(old, tmp_path) as running, running.client as client:
        assert len(ids(client.get("/Observation?code-words=a&_count=100"))) == 28


def test_serve_makes_it_before_it_says_that_it_is_ready(old: str, tmp_path: Path) -> None:
    command_line = [FDGW, "serve", "--port", "0"]
    env = {**environment(tmp_path), "FDGW_DATABASE_URL": old}
    process = subprocess.Popen(command_line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        base = process.stdout.readline().rpartition(" ")[2].strip()
        assert base or not process.stderr, process.stderr.read()
        with fhir_client(base, tmp_path) as client:
            assert ids(client.get("/Patient?name=zs")) == {"p1"}
    finally:
        os.kill(process.pid, signal.SIGTERM)
        _, told = process.communicate(timeout=20)
    assert "检索索引已重建 / the search index was made again: 29" in told
