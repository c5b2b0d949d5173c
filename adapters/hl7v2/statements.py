"""The table of the inbox and how it is written."""

import sqlite3
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item")

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
_COLUMNS = (
    "received_at, identifier, application, facility, control_id, type, sha256, codec, lane, state, next_at,"
    " ack_code, reason, ack, raw"
)
_ROW = f"({', '.join('?' * 15)})"
_REPLAY = "UPDATE message SET state = 'received', attempts = 0, next_at = ? WHERE"
ATTENTION = "state IN ('parked', 'rejected')"
_LARGEST_STATEMENT = 128
"""Rows of one statement. Each statement gives up the interpreter lock and waits to have it back, so few are better;
one is prepared for every number of rows that occurs, and kept."""
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
    """Inserts what is new and says for each, in order, what it was. Within the caller's transaction."""
    known = _known(connection, [arrival.identifier for arrival in arrivals])
    if known:
        used = [arrival for arrival in arrivals if arrival.identifier in known]
        known |= _known(connection, [_suffixed(arrival) for arrival in used])
    fresh, receipts = [], []
    for arrival in arrivals:
        storing, stored_ack = Storing.NEW, arrival.ack
        identifier = arrival.identifier
        found = known.get(identifier)
        if found and found[0] != arrival.sha256:
            storing, identifier = Storing.REUSED, _suffixed(arrival)
            found = known.get(identifier)
        if found:
            storing, stored_ack = Storing.DUPLICATE, found[1]
        else:
            known[identifier] = (arrival.sha256, arrival.ack)
            fresh.append(arrival if storing is Storing.NEW else arrival._replace(identifier=identifier))
        receipts.append(Receipt(storing, stored_ack))
    _insert(connection, fresh)
    return receipts


def settle(connection: sqlite3.Connection, settlements: Iterable[Settlement]) -> None:
    connection.executemany(
        "UPDATE message SET state = ?, attempts = ?, next_at = ?, outcome = ? WHERE seq = ?", settlements
    )


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


def _known(connection: sqlite3.Connection, identifiers: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    """Digest and answer of those messages that are stored."""
    found: dict[str, tuple[bytes, bytes]] = {}
    for chunk in _chunks(identifiers):
        marks = ", ".join("?" * len(chunk))
        rows = connection.execute(
            f"SELECT identifier, sha256, ack FROM message WHERE identifier IN ({marks})",  # noqa: S608 - marks
            chunk,
        )
        found |= {identifier: (sha256, ack) for identifier, sha256, ack in rows}
    return found


def _insert(connection: sqlite3.Connection, arrivals: Sequence[Arrival]) -> None:
    for chunk in _chunks(arrivals):
        rows = ", ".join([_ROW] * len(chunk))
        connection.execute(
            # OR ROLLBACK: a part of it is never kept, and SQLite then needs no journal of the statement.
            f"INSERT OR ROLLBACK INTO message ({_COLUMNS}) VALUES {rows}",  # noqa: S608 - our columns, and marks
            list(chain.from_iterable(chunk)),
        )


def _chunks(items: Sequence[_Item]) -> Iterable[Sequence[_Item]]:
    return (items[at : at + _LARGEST_STATEMENT] for at in range(0, len(items), _LARGEST_STATEMENT))


def _suffixed(arrival: Arrival) -> str:
    return f"{arrival.identifier}/{arrival.sha256.hex()[:8]}"
