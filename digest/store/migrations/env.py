"""Runs the migrations on the connection that `digest.store.connecting` opened."""

from alembic import context

from digest.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by making the table again
)
context.run_migrations()
