"""PostgreSQL: the schema, its history, and the few statements that everything goes through."""
