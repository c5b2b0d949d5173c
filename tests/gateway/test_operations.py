"""What operators see: health, metrics, migrations, the audit, and what is not in the logs."""

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names

from gateway import logs
from gateway.storage import migrations
from gateway.storage.tables import Xid8, metadata
from tests.conftest import Gateway
from tests.gateway.district import resident, resident_id


def root(gateway: Gateway, path: str) -> str:
    return gateway.client.get(gateway.base.removesuffix("/fhir") + path).text


def test_health_and_metrics_answer_without_personal_data(gateway: Gateway) -> None:
    gateway.client.put("/Patient/measured", json=resident("measured", 300))
    gateway.client.get(f"/Patient?identifier={resident_id(300)}")
    assert '"ok"' in root(gateway, "/livez")
    assert '"database":"ok"' in root(gateway, "/readyz")
    text = root(gateway, "/metrics")
    assert 'fdgw_fhir_requests_total{interaction="search",status="200"}' in text
    assert "fdgw_worker_last_run_timestamp_seconds" in text
    assert resident_id(300) not in text


def test_the_migrations_make_the_schema_that_the_code_describes(gateway: Gateway) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(gateway.database_url))
    ischema_names["xid8"] = Xid8
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_database_that_is_up_to_date_is_left_alone(gateway: Gateway) -> None:
    assert migrations.upgrade(gateway.database_url) is False


@pytest.mark.feature("Access", "audit of every access")
def test_every_access_leaves_a_line_in_the_audit(gateway: Gateway) -> None:
    answer = gateway.client.put("/Patient/watched", json=resident("watched", 301))
    read = gateway.client.get("/Patient/watched")
    missed = gateway.client.get("/Patient/watched-not")
    searched = gateway.client.get("/Patient?_id=watched")
    expected = {
        answer.headers["x-request-id"]: ("developer", "create", "Patient", "watched", 1),
        read.headers["x-request-id"]: ("developer", "read", "Patient", "watched", 1),
        missed.headers["x-request-id"]: ("developer", "read", "Patient", "watched-not", 0),
        searched.headers["x-request-id"]: ("developer", "search", "Patient", None, 1),
    }
    deadline = time.monotonic() + 5
    while (lines := audited(gateway, list(expected))) != expected:
        assert time.monotonic() < deadline, lines
        time.sleep(0.02)


def audited(gateway: Gateway, requests: list[str]) -> dict[str, tuple[object, ...]]:
    with psycopg.connect(gateway.database_url) as connection:
        rows = connection.execute(
            "SELECT request, actor, interaction, type, id, results FROM audit WHERE request = ANY(%s)", [requests]
        ).fetchall()
    return {row[0]: tuple(row[1:]) for row in rows}


def test_every_write_leaves_a_line_in_the_outbox(gateway: Gateway) -> None:
    gateway.client.put("/Patient/told", json=resident("told", 302))
    gateway.client.put("/Patient/told", json=resident("told", 302) | {"gender": "male"})
    gateway.client.delete("/Patient/told")
    with psycopg.connect(gateway.database_url) as connection:
        rows = connection.execute(
            "SELECT version, interaction FROM outbox WHERE type = 'Patient' AND id = 'told' ORDER BY version"
        ).fetchall()
    assert rows == [(1, "create"), (2, "update"), (3, "delete")]


def test_what_libraries_log_is_one_line_without_data(capfd: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    logs.configure()
    try:
        try:
            int(resident_id(303) + "?")
        except ValueError:
            logging.getLogger("asyncio").exception("never retrieved\nfuture: %s", resident_id(303))
            logging.getLogger("psycopg.pool").warning("error connecting in %r: %s", "pool-1", resident_id(303))
    finally:
        logging.getLogger().handlers[:] = before
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [(line["logger"], line["text"]) for line in lines] == [
        ("asyncio", "never retrieved"),
        ("psycopg.pool", "error connecting in %r: %s"),
    ]
    assert lines[0]["error"] == "ValueError"
    assert resident_id(303) not in json.dumps(lines)


def test_a_database_that_cannot_be_reached_ends_the_start_with_a_word_and_its_exit_code(tmp_path: Path) -> None:
    environment = os.environ | {"FDGW_DATABASE_URL": "postgresql://127.0.0.1:1/none", "FDGW_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "gateway.cli", "serve", "--port", "0"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 4
    assert "the database is not available" in ended.stderr
    assert "Traceback" not in ended.stderr
