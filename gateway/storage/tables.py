"""The tables. One resource row each, one inverted index, and what must be unique.

Every key starts with the tenant, and ids are made by us (`gateway.clock`), never by a sequence: the
database can later be distributed by tenant without changing a statement.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_%(column_0_N_name)s_key"},
)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), nullable=nullable)


def _bigint(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, autoincrement=False)


def _tenant() -> Column[int]:
    return Column("tenant", SmallInteger, nullable=False)


resource = Table(
    "resource",
    metadata,
    _tenant(),
    _bigint("rid"),
    _text("type"),
    _text("id"),
    Column("version", Integer, nullable=False),
    _bigint("last_updated"),  # milliseconds since 1970 UTC
    Column("deleted", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),  # the JSON that is sent, byte for byte; empty when deleted
    PrimaryKeyConstraint("tenant", "rid"),
    UniqueConstraint("tenant", "type", "id"),
)

history = Table(
    "history",
    metadata,
    _tenant(),
    _bigint("rid"),
    Column("version", Integer, nullable=False),
    _bigint("last_updated"),
    Column("deleted", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "rid", "version"),
)

idx = Table(
    "idx",
    metadata,
    _tenant(),
    _bigint("key"),  # 64-bit hash of (type, parameter, value): token, reference, uri
    _bigint("sort"),  # the resource's clinical date in milliseconds, 0 where it has none
    _bigint("rid"),
    PrimaryKeyConstraint("tenant", "key", "sort", "rid"),
)

words = Table(
    "words",
    metadata,
    _tenant(),
    _bigint("key"),  # 64-bit hash of (type, parameter): string
    _text("value"),  # folded
    _bigint("rid"),
    PrimaryKeyConstraint("tenant", "key", "value", "rid"),
)

span = Table(
    "span",
    metadata,
    _tenant(),
    _bigint("key"),  # 64-bit hash of (type, parameter): date
    _bigint("low"),  # half-open interval [low, high) in milliseconds
    _bigint("high"),
    _bigint("rid"),
    PrimaryKeyConstraint("tenant", "key", "low", "high", "rid"),
    Index("span_high", "tenant", "key", "high"),
)

claim = Table(
    "claim",
    metadata,
    _tenant(),
    _text("name"),  # what at most one resource may hold, such as the active contract of a resident
    _bigint("rid"),
    PrimaryKeyConstraint("tenant", "name"),
)

outbox = Table(
    "outbox",
    metadata,
    _tenant(),
    _bigint("oid"),
    _text("type"),
    _text("id"),
    Column("version", Integer, nullable=False),
    _text("interaction"),
    _bigint("written"),
    PrimaryKeyConstraint("tenant", "oid"),
)

audit = Table(
    "audit",
    metadata,
    _tenant(),
    _bigint("aid"),
    _bigint("at"),
    _text("actor"),
    _text("interaction"),
    _text("type"),
    _text("id", nullable=True),
    _text("request"),
    Column("results", Integer, nullable=False),
    PrimaryKeyConstraint("tenant", "aid"),
)
