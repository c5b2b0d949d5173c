"""The story's own parts: its sending side, its choice of people, its judgement of what it finds."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from conformance.errors import LapsedError
from conformance.story import mllp, table
from conformance.story.cast import cast
from conformance.story.checks import Check, checks
from conformance.story.facts import Facts
from conformance.story.mllp import Ack
from conformance.story.report import Due, Row, plain
from conformance.story.steps import Step, steps
from conformance.synthetic.population import population
from profiles.json import Resource
from profiles.policy import ZONE

STARTED = datetime(2026, 3, 2, 9, 30, 15, tzinfo=ZONE)
PEOPLE = population(1, STARTED.date())
STEPS = steps(cast(PEOPLE, STARTED), STARTED)
NOTHING = Facts([], [], [], [], [], [], None, None)

Receiver = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def sent(receiver: Receiver, *messages: bytes) -> list[Ack]:
    """The answers of a receiver that is no more than that."""

    async def talk() -> list[Ack]:
        over = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError):
                await receiver(reader, writer)
            writer.close()
            over.set()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            try:
                async with mllp.line(*server.sockets[0].getsockname()[:2], seconds=0.3) as line:
                    return [await line.exchange(message, "gb18030") for message in messages]
            finally:
                await over.wait()

    return asyncio.run(talk())


async def polite(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while frame := await reader.readuntil(b"\x1c\r"):
        control_id = frame.split(b"|")[9]
        answer = b"MSH|^~\\&|||||||ACK|1|P|2.4||||||GB 18030-2000\rMSA|AA|%s|\xca\xbe\r" % control_id
        writer.write(b"\x0b" + answer[:20])
        await asyncio.sleep(0.01)
        writer.write(answer[20:] + b"\x1c\r")


async def hanging_up(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    return


async def mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


def test_messages_and_answers_alternate_on_one_connection() -> None:
    first, second = sent(polite, STEPS[0].payload, STEPS[1].payload)
    assert (first.code, first.control_id, first.charset) == ("AA", STEPS[0].control_id, "GB 18030-2000")
    assert second.control_id == STEPS[1].control_id


def test_a_receiver_that_hangs_up_or_says_nothing_is_an_error() -> None:
    with pytest.raises((EOFError, ConnectionError)):
        sent(hanging_up, b"MSH|")
    with pytest.raises(TimeoutError):
        sent(mute, b"MSH|")


def test_an_answer_that_is_none_is_read_as_such() -> None:
    assert mllp.acknowledgement(b"hello", "utf-8") == Ack(b"hello", "", "", "")


def test_contracts_that_are_about_to_end_are_not_played() -> None:
    with pytest.raises(LapsedError):
        cast(PEOPLE, STARTED + timedelta(days=400))


def contracted(step: Step) -> Facts:
    """What a server shows that did everything right."""
    contract = step.player.contract
    assert contract is not None
    encounter: Resource = {
        "id": "e",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{contract.id}"}],
    }
    recipients = f"Patient/{contract.resident.id}", f"CareTeam/{contract.team.id}"
    return replace(
        NOTHING,
        provenances=[{}],
        encounters=[encounter],
        notices=[{"status": "preparation", "recipient": [{"reference": one}]} for one in recipients],
        records=[{"status": "preliminary"}],
        timers=[timer("admission-push", "2026-03-03T04:31:15"), timer("inpatient-contact", "2026-03-05T23:59:59")],
        raw=step.payload,
    )


def timer(code: str, due: str) -> Resource:
    return {"code": {"coding": [{"code": code}]}, "restriction": {"period": {"end": f"{due}+08:00"}}}


def answer(step: Step) -> Ack:
    return Ack(b"ack", "AA", step.control_id, "UNICODE UTF-8")


def missed(step: Step, facts: Facts) -> list[str]:
    ack = answer(step)
    return [check.name for check in checks(step, ack, ack, facts) if not check.met]


def test_a_server_that_did_everything_right_misses_nothing() -> None:
    assert STEPS[0].stay.admitted == datetime(2026, 3, 2, 4, 31, 15, tzinfo=ZONE)
    assert missed(STEPS[0], contracted(STEPS[0])) == []


@pytest.mark.parametrize(
    ("wrong", "noticed"),
    [
        ({"provenances": []}, ["来源 Provenance"]),
        ({"provenances": [{}, {}]}, ["来源 Provenance"]),
        ({"notices": []}, ["通知 notices"]),
        ({"records": [{}, {}]}, ["住院服务档案 inpatient record"]),
        ({"timers": []}, ["时限 admission-push", "时限 inpatient-contact"]),
        (
            {
                "timers": [
                    timer("admission-push", "2026-03-03T04:31:16"),
                    timer("inpatient-contact", "2026-03-05T23:59:59"),
                ]
            },
            ["时限 admission-push"],
        ),
        ({"raw": b"something else"}, ["原文保存 raw message kept"]),
    ],
)
def test_whatever_a_server_does_wrong_is_noticed(wrong: dict[str, list[Resource]], noticed: list[str]) -> None:
    assert missed(STEPS[0], replace(contracted(STEPS[0]), **wrong)) == noticed


def test_a_server_that_did_nothing_misses_something_of_every_message() -> None:
    assert all(missed(step, NOTHING) for step in STEPS)


def test_a_duplicate_must_be_answered_with_the_same_bytes() -> None:
    [again] = [step for step in STEPS if step.kind == "duplicate"]
    other = replace(answer(again), raw=b"other")
    found = checks(again, other, answer(again), contracted(again))
    assert [check.name for check in found if not check.met] == ["同一应答 same answer"]


def test_the_table_shows_what_was_expected_and_found() -> None:
    wrong = Check("住院服务档案 inpatient record", "1", "0")
    right = Check("就诊 Encounter", "IMP", "IMP")
    due = Due("03-05 23:59:59", "住院期间联系 Contact during the stay", "时限内 On time")
    row = Row("张*", "ADT^A01", "已签约 contracted", "UNICODE UTF-8", "AA", ("Encounter",), (due,), (wrong, right))
    console = Console(file=StringIO(), width=160)
    table.show(console, [row])
    shown = console.file.getvalue()
    for words in ("张*", "ADT^A01", "03-05 23:59:59", "✗ 1/2", "应为 expected 1; 实为 found 0", "1 项不符 missed"):
        assert words in shown
    assert plain([row])[0]["met"] is False
    assert row.missed == [wrong]


def test_the_contract_of_the_story_is_in_force_for_all_of_it() -> None:
    for step in STEPS:
        if contract := step.player.contract:
            assert contract.start <= step.stay.admitted.date() <= date(2026, 3, 9) <= contract.end
