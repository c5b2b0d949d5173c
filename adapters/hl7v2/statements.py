"""The table of the inbox and how it is written."""

import sqlite3
import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    received_at TEXT NOT NULL,     -- instant, +08:00
    identifier TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,     -- MSH-3
    facility TEXT NOT NULL,        -- MSH-4
    control_id TEXT NOT NULL,      -- MSH-10
    type TEXT NOT NULL,            -- MSH-9, as ADT^A01
    sha256 BLOB NOT NULL,
    codec TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL,                  -- seconds since 1970: when to tell the gateway; NULL: nothing is left to tell
    ack_code TEXT NOT NULL,
    reason TEXT,                   -- JSON: why it was not accepted
    outcome TEXT,                  -- JSON: what the gateway, or the way to it, said last
    ack BLOB NOT NULL,
    raw BLOB NOT NULL
);
CREATE INDEX message_waiting ON message (seq) WHERE next_at IS NOT NULL;
CREATE INDEX message_attention ON message (state, seq) WHERE state IN ('parked', 'rejected');
"""
_REPLAY = "UPDATE message SET state = 'received', attempts = 0, next_at = ? WHERE"
_SETTLE = "UPDATE message SET state = column1, attempts = column2, next_at = column3, outcome = column4"
ATTENTION = "state IN ('parked', 'rejected')"
LARGEST_COMMIT = 256
"""Messages of one commit, which are the rows of one statement; one is prepared for every number that occurs."""
_CHECKPOINT_PAGES = 4000


class State(StrEnum):
    RECEIVED = "received"
    FORWARDED = "forwarded"
    PARKED = "parked"
    REJECTED = "rejected"


class Arrival(NamedTuple):
    """A message about to be stored: the columns of its row, with the answer that it will get."""

    received_at: str
    identifier: str
    application: str
    facility: str
    control_id: str
    type: str
    sha256: bytes
    codec: str
    lane: str
    state: str
    next_at: float | None
    ack_code: str
    reason: str | None
    ack: bytes
    raw: bytes


class Storing(StrEnum):
    NEW = "new"
    DUPLICATE = "duplicate"
    REUSED = "reused"  # the control id was used before, for something else
    FAILED = "failed"


class Receipt(NamedTuple):
    storing: Storing
    ack: bytes


class Settlement(NamedTuple):
    """What became of a message; `next_at` None says that the gateway knows all it has to."""

    state: State
    attempts: int
    next_at: float | None
    outcome: str | None
    seq: int


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits survive the loss of power; makes or checks the schema."""
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5, cached_statements=512)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute("PRAGMA cache_size = -65536")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        version_set = f"PRAGMA user_version = {SCHEMA_VERSION}"
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {version_set}; COMMIT;")
    elif version != SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"the inbox has schema {version}, this program knows {SCHEMA_VERSION}")
    return connection


def record(connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Commits what is new and says for each, in order, what it was; at most `LARGEST_COMMIT`.

    One statement that commits by itself is the usual case: every call into SQLite gives up the interpreter lock, and
    has to wait until a busy event loop gives it back.
    """
    cursor = connection.execute(_insertion(len(arrivals)), list(chain.from_iterable(arrivals)))
    if cursor.rowcount == len(arrivals):
        return [Receipt(Storing.NEW, arrival.ack) for arrival in arrivals]
    stored = cursor.rowcount
    return _compared(connection, arrivals, (cursor.lastrowid or 0) - stored if stored else sys.maxsize)


def _compared(connection: sqlite3.Connection, arrivals: Sequence[Arrival], before: int) -> list[Receipt]:
    """The receipts where some identifiers were there before; what is stored now has a `seq` after `before`."""
    known = _known(connection, [arrival.identifier for arrival in arrivals])
    receipts: list[Receipt] = []
    for arrival in arrivals:
        seq, sha256, ack = known[arrival.identifier]
        if sha256 != arrival.sha256:
            suffixed = arrival._replace(identifier=f"{arrival.identifier}/{arrival.sha256.hex()[:8]}")
            [receipt] = record(connection, [suffixed])
            storing = Storing.REUSED if receipt.storing is Storing.NEW else receipt.storing
            receipts.append(receipt._replace(storing=storing))
            continue
        receipts.append(Receipt(Storing.NEW if seq > before else Storing.DUPLICATE, ack))
        before = max(before, seq)
    return receipts


def settle(connection: sqlite3.Connection, settlements: Sequence[Settlement]) -> list[Receipt]:
    """Commits what became of messages; at most `LARGEST_COMMIT`."""
    connection.execute(_updating(len(settlements)), list(chain.from_iterable(settlements)))
    return [Receipt(Storing.NEW, b"")] * len(settlements)


def replay(connection: sqlite3.Connection, seq: int, now: float) -> bool:
    """Has the message forwarded again; says whether there is one."""
    return connection.execute(f"{_REPLAY} seq = ?", (now, seq)).rowcount == 1


def replay_all(connection: sqlite3.Connection, state: State, now: float) -> int:
    """Has every message of a state forwarded again; how many."""
    return connection.execute(f"{_REPLAY} {in_state(state)}", (now,)).rowcount


def in_state(state: State) -> str:
    """A condition in words that let SQLite use the partial index where it covers the state."""
    literal = f"state = '{state.value}'"
    return f"{literal} AND {ATTENTION}" if state in (State.PARKED, State.REJECTED) else literal


def _known(connection: sqlite3.Connection, identifiers: Sequence[str]) -> dict[str, tuple[int, bytes, bytes]]:
    """Place, digest and answer of those messages that are stored."""
    marks = ", ".join("?" * len(identifiers))
    rows = connection.execute(
        f"SELECT identifier, seq, sha256, ack FROM message WHERE identifier IN ({marks})",  # noqa: S608 - marks
        identifiers,
    )
    return {identifier: (seq, sha256, ack) for identifier, seq, sha256, ack in rows}


@cache
def _insertion(rows: int) -> str:
    columns, marks = ", ".join(Arrival._fields), ", ".join("?" * len(Arrival._fields))
    values = ", ".join([f"({marks})"] * rows)
    insertion = f"INSERT INTO message ({columns}) VALUES {values}"  # noqa: S608 - names of our own, and marks
    return f"{insertion} ON CONFLICT (identifier) DO NOTHING"


@cache
def _updating(rows: int) -> str:
    marks = ", ".join("?" * len(Settlement._fields))
    values = ", ".join([f"({marks})"] * rows)
    return f"{_SETTLE} FROM (VALUES {values}) WHERE seq = column5"
