"""An index that remembers for a while, references apart from codes, amounts, jobs; histories by type.

The index is made again from the resources when the gateway starts (`gateway.reindex`).
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_EVER = "'18446744073709551615'::xid8"
_HEAD = "tenant smallint NOT NULL"
_TAIL = f"""sort bigint NOT NULL, rid bigint NOT NULL,
    since xid8 DEFAULT pg_current_xact_id() NOT NULL, until xid8 DEFAULT {_EVER} NOT NULL"""
_TABLES = {
    "idx": ("key bigint NOT NULL", "key, sort, rid"),
    "link": ("target bigint NOT NULL, key bigint NOT NULL", "target, key, sort, rid"),
    "words": ('key bigint NOT NULL, value text COLLATE "C" NOT NULL', "key, value, rid"),
    "span": ("key bigint NOT NULL, low bigint NOT NULL, high bigint NOT NULL", "key, low, high, rid"),
    "amount": ("key bigint NOT NULL, low numeric NOT NULL, high numeric NOT NULL", "key, low, high, rid"),
}
_BATCH = 1000


def upgrade() -> None:
    _index()
    _resources()
    _history()
    _others()


def _index() -> None:
    for table in ("idx", "words", "span"):
        op.drop_table(table)
    for table, (columns, unique) in _TABLES.items():
        op.execute(
            f"CREATE TABLE {table} ({_HEAD}, {columns}, {_TAIL},\n"
            f"CONSTRAINT {table}_pkey PRIMARY KEY (tenant, {unique}, since) INCLUDE (until))"
        )
        op.execute(f"CREATE INDEX {table}_gone ON {table} (until) WHERE until <> {_EVER}")
        if table != "idx":
            op.execute(f"CREATE INDEX {table}_rid ON {table} (tenant, rid, key)")
    op.create_index("span_high", "span", ["tenant", "key", "high"])
    op.execute("CREATE INDEX amount_open ON amount (tenant, key, high) WHERE low < high")


def _resources() -> None:
    for statement in (
        "ADD ref bigint",
        "ADD sort bigint NOT NULL DEFAULT 0",
        "ADD written xid8 NOT NULL DEFAULT pg_current_xact_id()",
        "ALTER sort DROP DEFAULT",
        "DROP CONSTRAINT resource_tenant_type_id_key",
    ):
        op.execute(f"ALTER TABLE resource {statement}")
    _hash_references()
    op.execute("ALTER TABLE resource ALTER ref SET NOT NULL")
    op.execute("ALTER TABLE resource ADD CONSTRAINT resource_tenant_ref_key UNIQUE (tenant, ref)")
    op.create_index("resource_updated", "resource", ["tenant", "type", "last_updated", "rid"])


def _hash_references() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT tenant, rid, type, id FROM resource")).all()
    update = sa.text("UPDATE resource SET ref = :ref WHERE tenant = :tenant AND rid = :rid")
    for start in range(0, len(rows), _BATCH):
        connection.execute(
            update,
            [
                {"tenant": tenant, "rid": rid, "ref": _hash(f"{kind}/{own}")}
                for tenant, rid, kind, own in rows[start : start + _BATCH]
            ],
        )


def _hash(reference: str) -> int:
    return int.from_bytes(hashlib.blake2b(reference.encode(), digest_size=8).digest(), "big", signed=True)


def _history() -> None:
    for statement in (
        'ADD type text COLLATE "C"',
        "ADD sort bigint NOT NULL DEFAULT 0",
        "ADD written xid8 NOT NULL DEFAULT pg_current_xact_id()",
        "ADD replaced xid8 NOT NULL DEFAULT pg_current_xact_id()",
        "ALTER sort DROP DEFAULT",
    ):
        op.execute(f"ALTER TABLE history {statement}")
    op.execute("UPDATE history h SET type = r.type FROM resource r WHERE r.tenant = h.tenant AND r.rid = h.rid")
    op.execute("ALTER TABLE history ALTER type SET NOT NULL")
    op.create_index("history_updated", "history", ["tenant", "type", "last_updated", "rid"])
    op.create_index("history_replaced", "history", ["tenant", "replaced"])


def _others() -> None:
    text, bigint = sa.Text(collation="C"), sa.BigInteger
    op.create_table(
        "job",
        sa.Column("tenant", sa.SmallInteger, nullable=False),
        *(sa.Column(name, text, nullable=False) for name in ("id", "kind", "actor")),
        sa.Column("created", bigint, nullable=False),
        sa.Column("state", text, nullable=False),
        *(sa.Column(name, bigint, nullable=False) for name in ("done", "total", "place", "alive")),
        sa.Column("about", text, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="job_pkey"),
    )
    op.create_table(
        "site",
        sa.Column("name", text, nullable=False),
        sa.Column("value", text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="site_pkey"),
    )
