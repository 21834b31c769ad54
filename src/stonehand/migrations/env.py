"""What Alembic runs: on the connection it is given, with the tables of every room."""

from alembic import context

from stonehand.migrations import load_models

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=load_models(), render_as_batch=True, compare_type=False)
connection.execution_options(writes=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
