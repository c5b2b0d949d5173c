"""What is stored is stored once, and nothing is said before it is."""

import asyncio
import sqlite3
import stat

import pytest

from adapters.hl7v2 import questions, statements
from adapters.hl7v2.inbox import Inbox, NotStoredError
from adapters.hl7v2.statements import Arrival, Receipt, Settlement, State, Storing
from tests.adapters.peers import run


def arrival(control_id="M1", raw=b"raw", lane="L", ack=b"ack"):
    return Arrival(
        received_at="2026-01-31T08:00:00+08:00",
        identifier=f"HIS/H1/{control_id}",
        application="HIS",
        facility="H1",
        control_id=control_id,
        type="ADT^A01",
        sha256=raw.ljust(32, b"."),
        codec="utf-8",
        lane=lane,
        state="received",
        next_at=0.0,
        ack_code="AA",
        reason=None,
        ack=ack,
        raw=raw,
    )


async def stored(inbox, arrivals):
    """The receipts of messages that wait together."""
    receipts = [asyncio.get_running_loop().create_future() for _ in arrivals]
    for each, receipt in zip(arrivals, receipts, strict=True):
        inbox.store(each, receipt.set_result)
    return await asyncio.gather(*receipts)


def test_a_duplicate_gets_the_first_answer_even_after_a_restart(tmp_path):
    async def story():
        first = Inbox(tmp_path / "inbox.db")
        receipts = await stored(first, [arrival(), arrival(ack=b"later"), arrival("M2")])
        await first.close()
        second = Inbox(tmp_path / "inbox.db")
        receipts += await stored(second, [arrival(ack=b"much later")])
        waiting = await second.ask(questions.waiting, 0, 10)
        await second.close()
        assert receipts == [
            Receipt(Storing.NEW, b"ack"),
            Receipt(Storing.DUPLICATE, b"ack"),
            Receipt(Storing.NEW, b"ack"),
            Receipt(Storing.DUPLICATE, b"ack"),
        ]
        assert [row.seq for row in waiting] == [1, 2]

    run(story())


def test_a_control_id_used_again_is_another_message(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        arrivals = [arrival(), arrival(raw=b"other"), arrival(raw=b"other"), arrival()]
        receipts = [*await stored(inbox, arrivals[:1]), *await stored(inbox, arrivals[1:])]
        rows = [await inbox.ask(questions.load, seq) for seq in (1, 2)]
        await inbox.close()
        storing = [receipt.storing for receipt in receipts]
        assert storing == [Storing.NEW, Storing.REUSED, Storing.DUPLICATE, Storing.DUPLICATE]
        suffix = b"other".ljust(32, b".").hex()[:8]
        assert [row.identifier for row in rows] == ["HIS/H1/M1", f"HIS/H1/M1/{suffix}"]
        assert [row.raw for row in rows] == [b"raw", b"other"]

    run(story())


def test_many_at_once_keep_their_order(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        await stored(inbox, [arrival(f"M{n}", b"%d" % n) for n in range(3000)])
        waiting = await inbox.ask(questions.waiting, 0, 5000)
        rows = await inbox.ask(questions.listed, None, 5000)
        await inbox.close()
        assert [row.seq for row in waiting] == list(range(1, 3001))
        assert [row.control_id for row in reversed(rows)] == [f"M{n}" for n in range(3000)]

    run(story())


def test_what_cannot_be_written_is_said_so_and_does_not_stay_broken(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        other = sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)
        other.execute("ALTER TABLE message RENAME TO elsewhere")
        assert await stored(inbox, [arrival(), arrival("M2")]) == [Receipt(Storing.FAILED, b"")] * 2
        assert inbox.failing
        with pytest.raises(NotStoredError):
            await inbox.settle(Settlement(State.FORWARDED, 1, None, None, 1))
        other.execute("ALTER TABLE elsewhere RENAME TO message")
        other.close()
        assert [receipt.storing for receipt in await stored(inbox, [arrival()])] == [Storing.NEW]
        assert not inbox.failing
        await inbox.close()

    run(story())


def test_settled_messages_wait_no_more_and_come_back_when_asked_for(tmp_path):
    async def story():
        inbox = Inbox(tmp_path / "inbox.db")
        await stored(inbox, [arrival("M1"), arrival("M2"), arrival("M3")])
        await inbox.settle(Settlement(State.FORWARDED, 1, None, "{}", 1))
        await inbox.settle(Settlement(State.PARKED, 1, None, "{}", 2))
        await inbox.settle(Settlement(State.REJECTED, 1, None, "{}", 3))
        assert await inbox.ask(questions.waiting, 0, 10) == []
        assert await inbox.ask(questions.held) == {"parked": 1, "rejected": 1}
        with sqlite3.connect(tmp_path / "inbox.db") as cli:
            assert statements.replay(cli, 1, 5.0)
            assert not statements.replay(cli, 99, 5.0)
            assert statements.replay_all(cli, State.PARKED, 6.0) == 1
        cli.close()
        assert [row.seq for row in await inbox.ask(questions.waiting, 0, 10)] == [1, 2]
        assert await inbox.ask(questions.backlog) == (2, "2026-01-31T08:00:00+08:00")
        await inbox.close()

    run(story())


def test_the_inbox_is_for_its_owner_only_and_another_schema_is_refused(tmp_path):
    path = tmp_path / "inbox.db"
    statements.connect(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(sqlite3.DatabaseError):
        statements.connect(path)
