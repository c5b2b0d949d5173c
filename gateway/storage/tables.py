"""The tables. One resource row each, one inverted index, and what must be unique.

Every key starts with the tenant, and ids are made by us (`gateway.clock`), never by a sequence: the
database can later be distributed by tenant without changing a statement.

The index remembers: a row that is no longer so keeps the transaction that took it away in `until`, so that the
later pages of a search see what its first page saw. The worker removes such rows when no page link is that old.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_%(column_0_N_name)s_key"},
)

EVER = "18446744073709551615"
"""The transaction id that stands in `until` of a row that is so now; no transaction has it."""
INDEX_TABLES = ("idx", "link", "words", "span", "amount")


class Xid8(UserDefinedType[str]):
    """A PostgreSQL transaction id that never wraps. https://www.postgresql.org/docs/18/functions-info.html"""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), nullable=nullable)


def _bigint(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, autoincrement=False)


def _tenant() -> Column[int]:
    return Column("tenant", SmallInteger, nullable=False)


def _written(name: str = "written") -> Column[str]:
    return Column(name, Xid8, nullable=False, server_default=text("pg_current_xact_id()"))


resource = Table(
    "resource",
    metadata,
    _tenant(),
    _bigint("rid"),
    _text("type"),
    _text("id"),
    _bigint("ref"),  # 64-bit hash of type/id: what references are looked up by
    _bigint("sort"),  # the clinical date in milliseconds, 0 where it has none
    Column("version", Integer, nullable=False),
    _bigint("last_updated"),  # milliseconds since 1970 UTC
    Column("deleted", Boolean, nullable=False),
    _written(),
    Column("content", LargeBinary, nullable=False),  # the JSON that is sent, byte for byte; empty when deleted
    PrimaryKeyConstraint("tenant", "rid"),
    UniqueConstraint("tenant", "ref"),
    Index("resource_updated", "tenant", "type", "last_updated", "rid"),
)

history = Table(
    "history",
    metadata,
    _tenant(),
    _bigint("rid"),
    Column("version", Integer, nullable=False),
    _text("type"),
    _bigint("sort"),
    _bigint("last_updated"),
    Column("deleted", Boolean, nullable=False),
    _written(),
    _written("replaced"),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "rid", "version"),
    Index("history_updated", "tenant", "type", "last_updated", "rid"),
    Index("history_replaced", "tenant", "replaced"),
)


def _index(name: str, *columns: Column[int] | Column[str]) -> Table:
    """A table of the index: found by its columns in order; what was so until some transaction, for a while."""
    names = [column.name for column in columns]
    ordered = names if "sort" in names else [*names, "rid"]
    until = Column("until", Xid8, nullable=False, server_default=text(f"'{EVER}'::xid8"))
    own = [*columns, *([] if "sort" in names else [_bigint("sort")])]
    unique = ["tenant", *dict.fromkeys([*ordered, "rid"]), "since"]
    return Table(
        name,
        metadata,
        _tenant(),
        *own,
        _bigint("rid"),
        _written("since"),
        until,
        PrimaryKeyConstraint(*unique, postgresql_include=["until"]),
        Index(f"{name}_gone", "until", postgresql_where=text(f"until <> '{EVER}'::xid8")),
    )


idx = _index("idx", _bigint("key"), _bigint("sort"))  # 64-bit hash of (type, parameter, value): token
link = _index("link", _bigint("target"), _bigint("key"), _bigint("sort"))  # hash of type/id: reference
words = _index("words", _bigint("key"), _text("value"))  # string, folded; uri
span = _index("span", _bigint("key"), _bigint("low"), _bigint("high"))  # date: [low, high) in milliseconds
amount = _index(
    "amount",
    _bigint("key"),
    Column("low", Numeric, nullable=False),
    Column("high", Numeric, nullable=False),  # number, quantity: [low, high]
)
for _table in (link, words, span, amount):
    Index(f"{_table.name}_rid", _table.c.tenant, _table.c.rid, _table.c.key)
Index("span_high", span.c.tenant, span.c.key, span.c.high)
LONG = 86_400_000
"""Milliseconds after its resource's clinical date: what ends later is found apart."""
Index("span_long", span.c.tenant, span.c.key, span.c.high, postgresql_where=text(f"high > sort + {LONG}"))
# words in ASCII as they were written, for what is sorted by them
Index(
    "words_written",
    *(words.c[name] for name in ("tenant", "key", "value", "rid")),
    postgresql_include=["sort", "since", "until"],
    postgresql_where=text("strpos(value, chr(1)) > 0 AND value < chr(128)"),
)
# a point is found by its low end
Index("amount_open", amount.c.tenant, amount.c.key, amount.c.high, postgresql_where=text("low < high"))

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

job = Table(
    "job",
    metadata,
    _tenant(),
    _text("id"),
    _text("kind"),  # reindex, search-parameter, or a request that is answered later
    _text("actor"),
    _bigint("created"),
    _text("state"),  # running, done; of a search parameter also ending
    _bigint("done"),
    _bigint("total"),
    _bigint("place"),  # the row id up to which a reindex has come
    _bigint("alive"),  # until then it is somebody's, or nobody's yet; whoever works on it says so again before
    _text("about"),  # JSON: what to do, and what came of it
    Column("answer", LargeBinary, nullable=True),
    PrimaryKeyConstraint("tenant", "id"),
)

site = Table(
    "site",
    metadata,
    _text("name"),  # the key of the page links, the fingerprint of the index
    _text("value"),
    PrimaryKeyConstraint("name"),
)
