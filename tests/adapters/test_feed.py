"""The feed from its socket to the gateway's: every hazard of a stream, every hazard of a gateway."""

import asyncio
import sqlite3
import time
import urllib.request

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.hl7v2 import questions, senders, statements
from adapters.hl7v2.framing import framed
from tests.adapters.peers import PERSON_UNKNOWN, adt, exchange, feed, gateway, run, until
from tests.adapters.test_charset import HAZARDS


def rows(folder, state=None):
    connection = statements.connect(folder / "inbox.db")
    found = [questions.load(connection, row.seq) for row in reversed(questions.listed(connection, state, 100_000))]
    connection.close()
    return found


def answers(said):
    return [senders.answer(frame.strip(b"\x0b\r")) for frame in said.split(b"\x1c") if frame.strip(b"\r")]


def codes(said):
    return [(answer.code, answer.control_id) for answer in answers(said)]


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


def test_every_hazard_character_passes_and_is_answered_in_gb18030(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            sent = [
                adt(f"M{n}", name=character * 2, charset="GBK", codec="gb18030").replace(
                    b"|HIS|", f"|{character}|".encode("gb18030")
                )
                for n, character in enumerate(HAZARDS)
            ]
            said = await exchange(ports.mllp, b"".join(map(framed, sent)), len(sent))
            assert codes(said) == [("AA", f"M{n}") for n in range(len(sent))]
            for character, answer in zip(HAZARDS, answers(said), strict=True):
                fields = answer.content.decode("gb18030").split("\r")[0].split("|")
                assert (fields[4], fields[17]) == (character, "GBK")
        assert [row.raw for row in rows(tmp_path)] == sent
        assert {row.codec for row in rows(tmp_path)} == {"gb18030"}

    run(story())


def test_a_refusal_is_said_in_the_senders_character_set(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            raw = adt("M1", charset="GBK", codec="gb18030").replace(b"|V" + b"P1|", b"||")
            said = await exchange(ports.mllp, framed(raw))
            assert codes(said) == [("AE", "M1")]
            text = said.decode("gb18030")
            assert "PV1^1^19|101^Required field missing^HL70357|E" in text
            assert "必填" in text

    run(story())


def test_an_answer_is_labelled_with_what_the_message_was(tmp_path):
    async def story():
        async with feed(tmp_path) as ports:
            wrong = framed(adt("M1", name="欧阳测试甲", charset="UNICODE UTF-8", codec="gb18030"))
            none = framed(adt("M2", name="欧阳测试甲", charset="", codec="gb18030"))
            said = await exchange(ports.mllp, wrong + none, 2)
            labels = [answer.content.split(b"\r")[0].split(b"|")[17:] for answer in answers(said)]
            assert labels == [[b"GB 18030-2000"], []]
            assert "fdgw_charset_conflicts_total 1.0" in await fetched(ports.status, "/metrics")

    run(story())


@pytest.mark.parametrize("wants", [("AL", "NE"), ("NE", "NE")])
def test_enhanced_mode(tmp_path, wants):
    async def story():
        async with feed(tmp_path) as ports:
            data = framed(adt("M1", wants=wants)) + framed(adt("M2"))
            said = await exchange(ports.mllp, data, 2 if wants[0] == "AL" else 1)
            expected = [("CA", "M1"), ("AA", "M2")]
            assert codes(said) == (expected if wants[0] == "AL" else expected[1:])

    run(story())


def test_duplicates_get_the_same_bytes_and_are_forwarded_once(tmp_path):
    async def story(server):
        async with feed(tmp_path, server.url) as ports:
            first = await exchange(ports.mllp, framed(adt("M1")))
            await asyncio.sleep(1.1)  # the clock of the answers has moved on
            again = await exchange(ports.mllp, framed(adt("M1")) * 2, 2)
            other = await exchange(ports.mllp, framed(adt("M1", name="测试乙")))
            assert again == first * 2
            assert codes(other) == [("AA", "M1")]
            await until(lambda: len(server.bundles) == 2)
            metrics = await fetched(ports.status, "/metrics")
        assert 'outcome="duplicate",type="ADT^A01"} 2.0' in metrics
        assert 'outcome="control-id-reused",type="ADT^A01"} 1.0' in metrics

    with gateway() as server:
        run(story(server))
        suffix = rows(tmp_path)[1].sha256.hex()[:8]
        assert server.identifiers() == ["HIS/330106001/M1", f"HIS/330106001/M1/{suffix}"]


async def fetched(port, path):
    def get():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.read().decode()

    return await asyncio.to_thread(get)


def test_a_gateway_that_goes_away_and_comes_back_gets_everything_in_order(tmp_path):
    async def story():
        with gateway() as first:
            async with feed(tmp_path, first.url) as ports:
                await exchange(ports.mllp, batch(0, 20), 20)
                await until(lambda: len(first.bundles) == 20)
                first.decide = lambda _bundle, _token: (503, [])
                await exchange(ports.mllp, batch(20, 40), 20)
                await asyncio.sleep(0.1)
                assert "fdgw_gateway_up 0.0" in await fetched(ports.status, "/metrics")
                assert '"inbox":true' in await fetched(ports.status, "/readyz")
        with gateway(first.server_port) as second:
            async with feed(tmp_path, second.url) as ports:  # the adapter itself has been restarted meanwhile
                await exchange(ports.mllp, batch(40, 60), 20)
                await until(lambda: len(second.bundles) == 40)
                await asyncio.sleep(0.1)
            return first.identifiers() + second.identifiers()

    def batch(start, end):
        return b"".join(framed(adt(f"M{n:02}", patient=f"P{n % 3}")) for n in range(start, end))

    arrived = run(story())
    for lane in range(3):
        expected = [f"HIS/330106001/M{n:02}" for n in range(60) if n % 3 == lane]
        assert [each for each in arrived if int(each[-2:]) % 3 == lane] == expected
    assert {row.state for row in rows(tmp_path)} == {"forwarded"}


def test_what_the_gateway_makes_of_a_message_is_its_state(tmp_path):
    def decide(bundle, _token):
        match bundle["identifier"]["value"].rsplit("/", 1)[1]:
            case "PARK":
                return 200, [PERSON_UNKNOWN]
            case "FINAL":
                return 422, [{"severity": "error", "code": "invalid"}]
            case _:
                return 200, []

    async def story(server):
        server.decide = decide
        async with feed(tmp_path, server.url) as ports:
            data = b"".join(framed(adt(name, patient=name)) for name in ("GOOD", "PARK", "FINAL"))
            await exchange(ports.mllp, data + framed(adt("BAD", event="A99")), 4)
            await until(lambda: all(row.next_at is None for row in rows(tmp_path)))
            metrics = await fetched(ports.status, "/metrics")
        assert 'fdgw_held_messages{state="parked"} 1.0' in metrics
        assert 'fdgw_held_messages{state="rejected"} 2.0' in metrics

    with gateway() as server:
        run(story(server))
        events = {
            bundle["identifier"]["value"].rsplit("/", 1)[1]: bundle["entry"][0]["resource"]["eventCoding"]["code"]
            for bundle in server.bundles
        }
    states = {row.control_id: (row.state, row.ack_code) for row in rows(tmp_path)}
    assert states == {
        "GOOD": ("forwarded", "AA"),
        "PARK": ("parked", "AA"),
        "FINAL": ("rejected", "AA"),
        "BAD": ("rejected", "AR"),
    }
    assert events == {"GOOD": "encounter-admitted", "PARK": "encounter-admitted", "BAD": "message-rejected"}
    final = next(row for row in rows(tmp_path) if row.control_id == "FINAL")
    assert '"severity":"error"' in final.outcome


def test_the_reason_is_told_unescaped(tmp_path):
    async def story():
        async with feed(tmp_path) as ports, senders.connected("127.0.0.1", ports.mllp) as sender:
            answer = await sender.send(adt("M1", event="A99"))
            assert answer.code == "AR"
            assert "ADT^A99" in answer.text

    run(story())


def test_undecodable_bytes_are_refused_kept_and_told(tmp_path):
    async def story(server):
        async with feed(tmp_path, server.url) as ports:
            raw = adt("M1") + b"ZZZ|\xff\xfe\xff\r"
            said = await exchange(ports.mllp, framed(raw))
            assert codes(said) == [("AE", "M1")]
            assert "MSH^1^18" in said.decode()
            await until(lambda: server.bundles)
        assert [(row.state, row.raw, row.codec) for row in rows(tmp_path)] == [("rejected", raw, "")]

    with gateway() as server:
        run(story(server))
    assert server.identifiers() == ["HIS/330106001/M1"]


def test_a_late_answer_to_another_message_is_not_taken_for_ours():
    async def story():
        async def serve(reader, writer):
            await reader.readuntil(b"\x1c\r")
            writer.write(framed(b"MSH|^~\\&|\rMSA|AA|OLD\r") + framed(b"nonsense"))
            await asyncio.sleep(0.05)
            writer.write(framed(b"MSH|^~\\&|\rMSA|AE|M1|why\r"))
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with senders.connected("127.0.0.1", port, seconds=0.5) as sender:
            answer = await sender.send(adt("M1"))
            assert answer[:3] == ("AE", "M1", "why")
            began = time.monotonic()
            with pytest.raises(senders.NoAnswerError):
                await sender.send(adt("M2"))
            assert time.monotonic() - began < 5
        server.close()

    run(story())
