"""What Alembic runs: migrations on the connection, and in the transaction, that whoever called it gives."""

from alembic import context

from jobs.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
