"""Two small indexes: long periods by their end, and words in ASCII as they were written, in order."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE INDEX span_long ON span (tenant, key, high) WHERE high > sort + 86400000")
    op.execute(
        "CREATE INDEX words_written ON words (tenant, key, value, rid) INCLUDE (sort, since, until) "
        "WHERE strpos(value, chr(1)) > 0 AND value < chr(128)"
    )
