"""What is asked of the inbox: one function a question."""

import sqlite3
from typing import NamedTuple

from adapters.hl7v2.statements import ATTENTION, State, in_state


class Row(NamedTuple):
    """A stored message; the columns are told in the schema."""

    seq: int
    received_at: str
    identifier: str
    application: str
    facility: str
    control_id: str
    type: str
    sha256: bytes
    codec: str
    state: str
    attempts: int
    next_at: float | None
    ack_code: str
    reason: str | None
    outcome: str | None
    raw: bytes


class Waiting(NamedTuple):
    seq: int
    lane: str
    attempts: int
    next_at: float


def waiting(connection: sqlite3.Connection, after: int, limit: int) -> list[Waiting]:
    """What the gateway has yet to be told, in the order of commit."""
    rows = connection.execute(
        "SELECT seq, lane, attempts, next_at FROM message WHERE next_at IS NOT NULL AND seq > ? ORDER BY seq LIMIT ?",
        (after, limit),
    )
    return [Waiting(*row) for row in rows]


def waiting_until(connection: sqlite3.Connection, seq: int) -> int:
    """How many there are of them up to `seq`."""
    count: int = connection.execute(
        "SELECT count(*) FROM message WHERE next_at IS NOT NULL AND seq <= ?", (seq,)
    ).fetchone()[0]
    return count


def held(connection: sqlite3.Connection) -> dict[str, int]:
    """How many somebody should look at, by state."""
    rows = connection.execute(
        f"SELECT state, count(*) FROM message WHERE {ATTENTION} GROUP BY state"  # noqa: S608 - our own words
    )
    return dict(rows.fetchall())


def load(connection: sqlite3.Connection, seq: int) -> Row:
    """Raises `LookupError`."""
    columns = ", ".join(Row._fields)
    found = connection.execute(
        f"SELECT {columns} FROM message WHERE seq = ?",  # noqa: S608 - names of our own
        (seq,),
    ).fetchone()
    if found is None:
        raise LookupError(seq)
    return Row(*found)


def listed(connection: sqlite3.Connection, state: State | None, limit: int) -> list[Row]:
    """The latest, newest first, without their bytes."""
    columns = ", ".join("x''" if name == "raw" else name for name in Row._fields)
    chosen = "" if state is None else f"WHERE {in_state(state)}"
    rows = connection.execute(
        f"SELECT {columns} FROM message {chosen} ORDER BY seq DESC LIMIT ?",  # noqa: S608 - words of our own
        (limit,),
    )
    return [Row(*row) for row in rows]


def backlog(connection: sqlite3.Connection) -> tuple[int, str | None]:
    """How many wait, and since when the oldest does."""
    row: tuple[int, str | None] = connection.execute(
        "SELECT count(*), (SELECT received_at FROM message WHERE next_at IS NOT NULL ORDER BY seq LIMIT 1)"
        " FROM message WHERE next_at IS NOT NULL"
    ).fetchone()
    return row
