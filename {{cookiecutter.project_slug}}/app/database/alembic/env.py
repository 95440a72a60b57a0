"""Runs the migrations on the application's own engine; called by ``flask db``."""

from alembic import context
from flask import current_app

from app.database import db

extension = current_app.extensions["migrate"]
is_sqlite = current_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
options = {
    **extension.configure_args,
    "target_metadata": db.metadata,
    # Only SQLite needs a table to be copied for most changes.
    "render_as_batch": is_sqlite,
}

if context.is_offline_mode():
    context.configure(dialect_name=db.engine.dialect.name, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with db.engine.connect().execution_options(copies_tables=True) as connection:
        connection.detach()  # nobody else is to get what is set up for this
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
