"""Resources, their history, the inverted index, claims, outbox and audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _bigint(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _tenant() -> sa.Column[int]:
    return sa.Column("tenant", sa.SmallInteger, nullable=False)


def upgrade() -> None:
    op.create_table(
        "resource",
        _tenant(),
        _bigint("rid"),
        _text("type"),
        _text("id"),
        sa.Column("version", sa.Integer, nullable=False),
        _bigint("last_updated"),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "rid", name="resource_pkey"),
        sa.UniqueConstraint("tenant", "type", "id", name="resource_tenant_type_id_key"),
    )
    op.create_table(
        "history",
        _tenant(),
        _bigint("rid"),
        sa.Column("version", sa.Integer, nullable=False),
        _bigint("last_updated"),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "rid", "version", name="history_pkey"),
    )
    op.create_table(
        "idx",
        _tenant(),
        _bigint("key"),
        _bigint("sort"),
        _bigint("rid"),
        sa.PrimaryKeyConstraint("tenant", "key", "sort", "rid", name="idx_pkey"),
    )
    op.create_table(
        "words",
        _tenant(),
        _bigint("key"),
        _text("value"),
        _bigint("rid"),
        sa.PrimaryKeyConstraint("tenant", "key", "value", "rid", name="words_pkey"),
    )
    op.create_table(
        "span",
        _tenant(),
        _bigint("key"),
        _bigint("low"),
        _bigint("high"),
        _bigint("rid"),
        sa.PrimaryKeyConstraint("tenant", "key", "low", "high", "rid", name="span_pkey"),
    )
    op.create_index("span_high", "span", ["tenant", "key", "high"])
    op.create_table(
        "claim",
        _tenant(),
        _text("name"),
        _bigint("rid"),
        sa.PrimaryKeyConstraint("tenant", "name", name="claim_pkey"),
    )
    op.create_table(
        "outbox",
        _tenant(),
        _bigint("oid"),
        _text("type"),
        _text("id"),
        sa.Column("version", sa.Integer, nullable=False),
        _text("interaction"),
        _bigint("written"),
        sa.PrimaryKeyConstraint("tenant", "oid", name="outbox_pkey"),
    )
    op.create_table(
        "audit",
        _tenant(),
        _bigint("aid"),
        _bigint("at"),
        _text("actor"),
        _text("interaction"),
        _text("type"),
        _text("id", nullable=True),
        _text("request"),
        sa.Column("results", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "aid", name="audit_pkey"),
    )
    # the stored bytes are what is sent: compressing a page of JSON costs more than it saves below 8 KB
    op.execute("ALTER TABLE resource ALTER content SET STORAGE EXTERNAL")
    op.execute(
        """
        CREATE FUNCTION expect_rows(counted bigint, expected integer) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF counted <> expected THEN
                RAISE EXCEPTION 'expected % rows, found %', expected, counted USING ERRCODE = '40001';
            END IF;
        END $$
        """
    )
