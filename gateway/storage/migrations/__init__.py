"""The schema's history: forward only, run at start by the first process that holds the lock."""

import hashlib
from pathlib import Path

import psycopg

HEAD = "0003"
"""The newest revision; a test compares it with the files."""

_LOCK = int.from_bytes(hashlib.blake2b(b"fdgw migrations", digest_size=8).digest(), "big", signed=True)


_OLDEST_SERVER = 150000


class UnsupportedServerError(RuntimeError):
    """The database is too old."""


def upgrade(database_url: str) -> bool:
    """Brings the database to `HEAD`; True when there was something to do. Processes that start together take turns."""
    with psycopg.connect(database_url, autocommit=True, connect_timeout=10) as connection:
        if connection.info.server_version < _OLDEST_SERVER:
            raise UnsupportedServerError(
                "需要 PostgreSQL 15 或更高版本 / PostgreSQL 15 or newer is needed; "
                f"this one is {connection.info.server_version // 10000}"
            )
        if _revision(connection) == HEAD:
            return False
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if _revision(connection) == HEAD:
            return False
        _run(database_url)
        return True


def _revision(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    table = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if table is None or table[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row and row[0]


def _run(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(Path(__file__).parent))
    command.upgrade(config, "head")
