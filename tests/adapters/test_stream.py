"""The feed at its socket: every hazard of a stream."""

import asyncio
import sqlite3

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.hl7v2.framing import framed
from tests.adapters.inbox_views import answers, codes, rows
from tests.adapters.peers import adt, exchange, feed, run, until


def test_cut_at_every_byte(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            reader, writer = await asyncio.open_connection("127.0.0.1", ports.mllp)
            data = framed(adt("M1", name="珅"))
            for at in range(len(data)):
                writer.write(data[at : at + 1])
                if at % 16 == 0:
                    await asyncio.sleep(0)
            said = await reader.readuntil(b"\x1c\r")
            writer.close()
            assert codes(said) == [("AA", "M1")]

    run(story())


def test_glued_noisy_frames_without_trailers_are_answered_in_order(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            data = b"\r\n\x00".join(framed(adt(f"M{n}", patient=f"P{n}"))[:-1] for n in range(200))
            said = await exchange(ports.mllp, data, 200)
            assert codes(said) == [("AA", f"M{n}") for n in range(200)]
        assert [row.raw for row in rows(tmp_path)] == [adt(f"M{n}", patient=f"P{n}") for n in range(200)]

    run(story())


def test_a_message_that_is_too_large_is_refused_and_the_connection_lives(tmp_path):
    async def story():
        async with feed(tmp_path, frame_limit=100_000) as ports:
            large = adt("BIG", extra="OBX|1|ED|||" + "A" * 300_000)
            said = await exchange(ports.mllp, framed(large) + framed(adt("M2")), 2)
            assert codes(said) == [("AR", "BIG"), ("AA", "M2")]
            assert await exchange(ports.mllp, framed(b"x" * 300_000)) == b""
        kept = rows(tmp_path)
        assert [row.state for row in kept] == ["rejected", "received", "rejected"]
        assert kept[0].raw == large[: 64 * 1024]

    run(story())


def test_sixteen_megabytes_pass(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            large = adt("BIG", extra="OBX|1|ED|||" + "A" * (16 * 1024 * 1024 - 2000))
            assert codes(await exchange(ports.mllp, framed(large))) == [("AA", "BIG")]
        assert rows(tmp_path)[0].raw == large

    run(story())


def test_connect_and_close_is_a_probe(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            for _ in range(20):
                _, writer = await asyncio.open_connection("127.0.0.1", ports.mllp)
                writer.close()
            assert codes(await exchange(ports.mllp, framed(adt("M1")))) == [("AA", "M1")]
        assert len(rows(tmp_path)) == 1

    run(story())


def test_connections_and_patience_have_limits(tmp_path):
    async def story():
        async with feed(tmp_path, connections=2, idle_seconds=0.3, frame_seconds=0.2) as ports:
            silent = await asyncio.open_connection("127.0.0.1", ports.mllp)
            slow = await asyncio.open_connection("127.0.0.1", ports.mllp)
            slow[1].write(b"\x0bMSH|^~\\&|HIS|H1|F|R|2026||ADT^A01|SLOW|P|2.5\rPID")
            one_too_many = await asyncio.open_connection("127.0.0.1", ports.mllp)
            async with asyncio.timeout(5):
                assert await one_too_many[0].read() == b""
                assert await silent[0].read() == b""
                assert codes(await slow[0].read()) == [("AR", "SLOW")]
            for _, writer in (silent, slow, one_too_many):
                writer.close()

    run(story())


def test_a_sender_that_does_not_read_its_answers_is_slowed_down_not_lost(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            reader, writer = await asyncio.open_connection("127.0.0.1", ports.mllp)
            for n in range(1000):
                writer.write(framed(adt(f"M{n}")))
            await until(lambda: len(rows_quickly(tmp_path)) > 300)
            said = b""
            while said.count(b"\x1c\r") < 1000:
                said += await reader.read(65536)
            writer.close()
            assert codes(said) == [("AA", f"M{n}") for n in range(1000)]

    run(story())


def rows_quickly(folder):
    connection = sqlite3.connect(folder / "inbox.db")
    found = connection.execute("SELECT seq FROM message").fetchall()
    connection.close()
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(min_size=1, max_size=200),
        st.binary(max_size=100).map(lambda raw: framed(b"MSH|^~\\&|HIS|H1|F|R|2026||ADT^A01|X|P|2.5\r" + raw)),
        st.binary(max_size=100).map(lambda raw: framed(b"MSH" + raw)),
        st.integers(0, 250).flatmap(
            lambda at: st.binary(max_size=4).map(lambda raw: framed(adt("X")[:at] + raw + adt("X")[at + 2 :]))
        ),
    )
)
def malformed_frames_are_answered_or_closed_and_kept(port, data):
    async def story():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(5):
            said = await reader.read()
        writer.close()
        return said

    said = asyncio.run(story())
    assert said.count(b"\x1c\r") == said.count(b"\x0b")
    assert all(answer.code in ("AA", "AE", "AR", "CA", "CE", "CR") for answer in answers(said))
    SENT.append(data)


SENT: list[bytes] = []


def test_malformed_frames_are_answered_or_closed_and_kept(tmp_path):
    SENT.clear()

    async def story():
        async with feed(tmp_path) as ports:
            await asyncio.to_thread(malformed_frames_are_answered_or_closed_and_kept, ports.mllp)

    run(story())
    assert len(SENT) >= 100
    drop = b"\x00\r\n\x0b\x1c"
    kept = b"\n".join(row.raw.translate(None, drop) for row in rows(tmp_path))
    for data in SENT:
        for piece in data.replace(b"\x1c", b"\x0b").split(b"\x0b"):
            assert piece.translate(None, drop) in kept
