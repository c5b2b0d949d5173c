"""What alembic runs a migration in; any libpq URL or connection string serves."""

import psycopg
import sqlalchemy
from alembic import context

from gateway.storage.tables import metadata

database_url = context.config.attributes["database_url"]
engine = sqlalchemy.create_engine(
    "postgresql+psycopg://", creator=lambda: psycopg.connect(database_url), poolclass=sqlalchemy.pool.NullPool
)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
