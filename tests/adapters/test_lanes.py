"""Whatever goes wrong on the way, each lane arrives whole and in order."""

import asyncio
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.fhir_client import Verdict, said
from adapters.hl7v2 import questions, statements
from adapters.hl7v2.breaker import Breaker
from adapters.hl7v2.inbox import Inbox
from adapters.hl7v2.lanes import Delivery, Lanes, Pace
from adapters.hl7v2.statements import State
from tests.adapters.peers import EAGER, run, until
from tests.adapters.test_inbox import arrival, stored

STATES = {Verdict.APPLIED: State.FORWARDED, Verdict.PARKED: State.PARKED, Verdict.FINAL: State.REJECTED}
SWIFT = Pace(parallel=4, window=20, look=0.01, first_wait=0.001, longest_wait=0.003, longest_pause=0.003)


class Peer:
    """A gateway that answers as it is told, and knows what it saw."""

    def __init__(self, inbox, answers=()):
        self.inbox = inbox
        self.answers = list(answers)
        self.arrived = defaultdict(list)
        self.under_way = set()

    async def __call__(self, seq):
        row = await self.inbox.ask(questions.load, seq)
        lane = row.raw.decode().split("-")[0]
        assert lane not in self.under_way
        self.under_way.add(lane)
        await asyncio.sleep(0)
        self.under_way.discard(lane)
        verdict = self.answers.pop() if self.answers else Verdict.APPLIED
        if verdict in STATES:
            self.arrived[lane].append(seq)
        return Delivery(verdict, STATES.get(verdict, State.RECEIVED), said(verdict))


async def forwarded(inbox, peer, pace=SWIFT, seconds=10.0):
    """Lanes at work until nothing waits, or for so long."""
    lanes = Lanes(inbox, peer, pace, time.time, lambda: 0.5)
    work = asyncio.create_task(lanes.run())
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                if work.done() or not (await inbox.ask(questions.backlog))[0]:
                    break
                await asyncio.sleep(0.002)
    work.cancel()
    await asyncio.wait([work])
    await lanes.drain(1)
    return lanes


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from("ABC"), min_size=1, max_size=30),
    st.lists(st.sampled_from(list(Verdict)), max_size=40),
    st.booleans(),
)
def test_any_answers_in_any_order_leave_each_lane_in_its_own(lanes, answers, restart):
    async def story(folder):
        inbox = Inbox(Path(folder) / "inbox.db")
        await stored(inbox, [arrival(f"M{n}", f"{lane}-{n}".encode(), lane) for n, lane in enumerate(lanes)])
        peer = Peer(inbox, answers)
        if restart:
            await forwarded(inbox, peer, seconds=0.003)
        await forwarded(inbox, peer)
        rows = await inbox.ask(questions.listed, None, 100)
        await inbox.close()
        for lane in set(lanes):
            assert peer.arrived[lane] == [n + 1 for n, each in enumerate(lanes) if each == lane]
        assert {row.state for row in rows} <= set(STATES.values())

    with tempfile.TemporaryDirectory() as folder:
        run(story(folder))


def test_a_message_asked_for_again_is_found_behind_the_cursor(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        await stored(inbox, [arrival(f"M{n}", b"A-%d" % n, "A") for n in range(3)])
        peer = Peer(inbox, [Verdict.APPLIED, Verdict.APPLIED, Verdict.PARKED])
        lanes = Lanes(inbox, peer, SWIFT, time.time, lambda: 0.5)
        work = asyncio.create_task(lanes.run())
        await until(lambda: len(peer.arrived["A"]) == 3)
        await asyncio.sleep(0.05)
        with statements.connect(tmp_path / "inbox.db") as cli:
            assert statements.replay_all(cli, State.PARKED, time.time()) == 1
        cli.close()
        await until(lambda: len(peer.arrived["A"]) == 4)
        work.cancel()
        await asyncio.wait([work])
        await inbox.close()
        assert peer.arrived["A"] == [1, 2, 3, 1]

    run(story())


def test_one_stuck_lane_does_not_hold_the_others(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        await stored(inbox, [arrival("M0", b"A-0", "A"), *(arrival(f"M{n}", b"B-%d" % n, "B") for n in (1, 2, 3))])
        peer = Peer(inbox, [*[Verdict.APPLIED] * 3, Verdict.LATER])
        patient = Pace(look=0.01, first_wait=60, longest_wait=60)
        await forwarded(inbox, peer, patient, seconds=0.5)
        row = await inbox.ask(questions.load, 1)
        await inbox.close()
        assert peer.arrived == {"B": [2, 3, 4]}
        assert (row.state, row.attempts) == ("received", 1)
        assert '"diagnostics":"later"' in row.outcome
        assert row.next_at > time.time() + 30

    run(story())


def test_an_inbox_that_cannot_be_read_ends_the_forwarding(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        await stored(inbox, [arrival()])

        async def broken(seq):
            raise OSError(seq)

        with pytest.raises(OSError, match="1"):
            await Lanes(inbox, broken, EAGER, time.time, lambda: 0.5).run()
        await inbox.close()

    run(story())


def test_an_open_breaker_lets_one_attempt_through_at_a_time():
    breaker = Breaker()
    assert breaker.room(8, 3, now=0) == 5
    for _ in range(3):  # all that were under way come back at once: one failure
        breaker.failed(now=10, wait=lambda failures: 2.0**failures)
    assert (breaker.failures, breaker.retry_at) == (1, 12)
    assert breaker.room(8, 0, now=11) == 0
    assert breaker.room(8, 0, now=12) == 1
    assert breaker.room(8, 1, now=12) == 0
    breaker.failed(now=12, wait=lambda failures: 2.0**failures)
    assert breaker.retry_at == 16
    breaker.passed()
    assert breaker.room(8, 0, now=12) == 8
