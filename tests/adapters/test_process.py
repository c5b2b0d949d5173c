"""The adapter as a process: killed, stopped, and out of disk."""

import asyncio
import os
import resource
import signal
import subprocess
import sys

import pytest

from adapters.hl7v2 import senders
from adapters.hl7v2.framing import framed
from tests.adapters.inbox_views import codes, rows
from tests.adapters.peers import adapter, adt, exchange, gateway, run, until


async def sent_until_it_breaks(port, connection, acknowledged):
    """Sends one message after the other and notes what was acknowledged."""
    try:
        async with senders.connected("127.0.0.1", port, seconds=5) as sender:
            for n in range(100_000):
                answer = await sender.send(adt(f"{connection}-{n}", patient=f"P{connection}"))
                assert answer.code == "AA"
                acknowledged.append(answer.control_id)
    except OSError:
        return


@pytest.mark.parametrize("after", [1, 60])
def test_killed_in_mid_stream_nothing_acknowledged_is_lost(tmp_path, after):
    acknowledged: list[str] = []

    async def stream(process, port):
        senders_at_work = [
            asyncio.create_task(sent_until_it_breaks(port, connection, acknowledged)) for connection in range(5)
        ]
        await until(lambda: len(acknowledged) >= after)
        process.send_signal(signal.SIGKILL)
        await asyncio.gather(*senders_at_work)

    with gateway() as server:
        with adapter(tmp_path, server.url) as (process, port):
            run(stream(process, port))
        stored = {row.control_id for row in rows(tmp_path)}
        assert set(acknowledged) <= stored
        with adapter(tmp_path, server.url):
            run(until(lambda: {each.rsplit("/", 1)[1] for each in server.identifiers()} >= stored))
        for connection in range(5):
            lane = [int(each.rsplit("-", 1)[1]) for each in server.identifiers() if f"/{connection}-" in each]
            assert [n for at, n in enumerate(lane) if n not in lane[:at]] == sorted(set(lane))


def test_stopped_it_answers_what_it_has_received_and_ends_well(tmp_path):
    async def story(process, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(framed(adt(f"M{n}")) for n in range(500)))
        said = await reader.readuntil(b"\x1c\r")
        process.terminate()
        async with asyncio.timeout(10):
            said += await reader.read()
        writer.close()
        return codes(said)

    with adapter(tmp_path) as (process, port):
        answered = run(story(process, port))
        assert process.wait(10) == 0
    assert [code for code, _ in answered] == ["AA"] * len(answered)
    assert [row.control_id for row in rows(tmp_path)] == [control_id for _, control_id in answered]


def test_without_room_on_the_disk_nothing_is_acknowledged(tmp_path):
    def room(process, limit):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    async def story(process, port):
        async with senders.connected("127.0.0.1", port) as sender:
            first = await sender.send(adt("M1"))
            room(process, 4096)
            refused = [await sender.send(adt(f"FULL{n}")) for n in range(3)]
            room(process, resource.RLIM_INFINITY)
            again = await sender.send(adt("FULL0"))
        assert (first.code, again.code) == ("AA", "AA")
        assert [answer.code for answer in refused] == ["AE"] * 3
        assert b"|207^" in refused[0].content
        assert "请重发" in refused[0].text

    with adapter(tmp_path) as (process, port):
        run(story(process, port))
    assert [row.control_id for row in rows(tmp_path)] == ["M1", "FULL0"]


def test_the_log_names_nobody(tmp_path):
    with gateway() as server:
        server.decide = lambda _bundle, _token: (422, [{"severity": "error", "details": {"text": "测试甲"}}])
        with adapter(tmp_path, server.url) as (_, port):
            data = framed(adt("M1", patient="P4711")) + framed(adt("M2", patient="P4711", event="A99"))
            run(exchange(port, data + b"P4711", 2))
            run(until(lambda: [row.next_at for row in rows(tmp_path)] == [None] * 3))
    log = (tmp_path / "log").read_text()
    assert '"verdict": "final"' in log
    assert not [word for word in ("P4711", "测试甲", "19491231") if word in log]


def test_a_port_in_use_is_said_so(tmp_path):
    with adapter(tmp_path) as (_, port):
        environment = os.environ | {"FDGW_DATA_DIR": str(tmp_path / "other")}
        command = [sys.executable, "-m", "adapters", "hl7v2", "--port", str(port), "--status-port", "0"]
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
        assert (second.returncode, "cannot listen" in second.stderr) == (4, True)
        assert codes(run(exchange(port, framed(adt("M1"))))) == [("AA", "M1")]
