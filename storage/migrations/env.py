"""Runs migrations on the connection and in the transaction of `Database.migrate`, or writes new ones."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes["metadata"],
    # SQLite changes a column by rebuilding its table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
