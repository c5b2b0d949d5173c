"""The commands, as they are typed."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from adapters.__main__ import app
from adapters.hl7v2 import statements
from adapters.hl7v2.framing import framed
from tests.adapters.inbox_views import rows
from tests.adapters.peers import PERSON_UNKNOWN, adapter, adt, gateway, run, until


@pytest.fixture
def fdgw(tmp_path, monkeypatch):
    """Runs a command on the data directory of the test: `(exit code, output)`."""
    monkeypatch.setenv("FDGW_DATA_DIR", str(tmp_path))

    def invoke(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        return result.exit_code, result.stdout_bytes

    return invoke


def states(folder):
    return [row.state for row in rows(folder)]


def test_send_list_show_replay(tmp_path, fdgw):
    file = tmp_path / "messages.hl7"
    dos, unix = adt("M1").replace(b"\r", b"\r\n"), adt("M2", patient="P2").replace(b"\r", b"\n")
    file.write_bytes(dos + unix + adt("M3", event="A99"))
    framed_file = tmp_path / "frames.mllp"
    framed_file.write_bytes(framed(adt("M4", patient="P4")))

    with gateway() as server, adapter(tmp_path, server.url) as (_, port):
        server.decide = lambda _bundle, _token: (200, [PERSON_UNKNOWN])
        code, output = fdgw("send", file, framed_file, "--to", f"127.0.0.1:{port}", "--json")
        assert code == 1
        acks = [(row["control_id"], row["ack"]) for row in json.loads(output)]
        assert acks == [("M1", "AA"), ("M2", "AA"), ("M3", "AR"), ("M4", "AA")]
        code, output = fdgw("send", framed_file, "--to", f"127.0.0.1:{port}")
        assert (code, b"M4" in output) == (0, True)
        run(until(lambda: all(row.next_at is None for row in rows(tmp_path))))
        code, output = fdgw("messages", "list", "--state", "parked", "--json")
        assert [row["control_id"] for row in json.loads(output)] == ["M4", "M2", "M1"]
        server.decide = lambda _bundle, _token: (200, [])
        assert fdgw("messages", "replay", "1")[0] == 0
        run(until(lambda: states(tmp_path) == ["forwarded", "parked", "rejected", "parked"]))
        assert fdgw("messages", "replay", "--all-parked")[0] == 0
        run(until(lambda: states(tmp_path) == ["forwarded", "forwarded", "rejected", "forwarded"]))

    code, raw = fdgw("messages", "show", "1", "--raw")
    assert (code, raw) == (0, adt("M1"))
    code, output = fdgw("messages", "show", "3")
    shown = json.loads(output)
    assert (shown["control_id"], shown["reason"]["code"]) == ("M3", "201")
    assert "测试甲".encode() not in output
    code, output = fdgw("messages", "list")
    assert (code, output.count(b"ADT^A01")) == (0, 3)


def test_exit_codes(tmp_path, fdgw):
    empty = tmp_path / "empty.hl7"
    empty.write_bytes(b"nothing\n")
    one = tmp_path / "one.hl7"
    one.write_bytes(adt("M1"))
    assert fdgw("send", empty)[0] == 5
    assert fdgw("send", one, "--to", "127.0.0.1:9")[0] == 4
    assert fdgw("send", one, "--to", "nowhere")[0] == 2
    assert fdgw("messages", "list")[0] == 5
    statements.connect(tmp_path / "inbox.db").close()
    assert fdgw("messages", "list")[0] == 5
    assert fdgw("messages", "list", "--state", "lost")[0] == 2
    assert fdgw("messages", "show", "1")[0] == 5
    assert fdgw("messages", "replay")[0] == 2
    assert fdgw("messages", "replay", "1", "--all-parked")[0] == 2
    assert fdgw("messages", "replay", "--all-rejected")[0] == 5


def test_the_commands_import_nothing_heavy_before_they_run():
    heavy = "{'pydantic_settings', 'httpx', 'uvloop', 'structlog', 'rich.table', 'prometheus_client'}"
    script = f"import sys, adapters.cli; print(*(set(sys.modules) & {heavy}))"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == ""
