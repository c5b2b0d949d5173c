"""The feed from a message to the gateway: how it is answered, kept and told."""

import asyncio
import time
import urllib.request

import pytest

from adapters.hl7v2 import senders
from adapters.hl7v2.framing import framed
from tests.adapters.inbox_views import answers, codes, rows
from tests.adapters.peers import PERSON_UNKNOWN, adt, exchange, feed, gateway, run, until
from tests.adapters.test_charset import HAZARDS


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


@pytest.mark.parametrize("version", ["9.9", "3.0", "2.10", "2", "2.5-draft", "V2.4"])
def test_a_version_that_is_not_supported_is_rejected_and_kept(tmp_path, version):
    async def story():
        async with feed(tmp_path) as ports:
            said = await exchange(ports.mllp, framed(adt("M1", version=version)))
            assert codes(said) == [("AR", "M1")]
            assert "203" in said.decode()
            assert "Unsupported version id" in said.decode()
        assert [row.state for row in rows(tmp_path)] == ["rejected"]

    run(story())


def test_every_version_of_hl7_v2_is_taken_and_one_that_names_none(tmp_path):
    versions = ["", "2.1", "2.2", "2.3", "2.3.1", "2.4 ", "2.4^CHN", "2.5.1", "2.6", "2.7.1", "2.8.2", "2.9", "2.9.1"]

    async def story():
        async with feed(tmp_path) as ports:
            sent = [framed(adt(f"M{n}", version=version)) for n, version in enumerate(versions)]
            said = await exchange(ports.mllp, b"".join(sent), len(sent))
            assert codes(said) == [("AA", f"M{n}") for n in range(len(versions))]

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
