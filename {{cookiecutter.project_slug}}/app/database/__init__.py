"""The database, and the base class of the models.

See https://flask-sqlalchemy.palletsprojects.com
"""

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event, make_url
from sqlalchemy.orm import DeclarativeBase
from werkzeug.local import LocalProxy

from ..discovery import modules_named


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can drop it on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    from click import Command

    # db.Model is made at run time; type checkers see the class that it is made from.
    Model = Base
else:
    Model = db.Model


def init_app(app: Flask) -> None:
    """Connect the application to its database."""
    if make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name() in {"mariadb", "mysql"}:
        # As on PostgreSQL: a query sees what others have committed before it, and not only what
        # they had when the transaction began. A cache would keep the old under the new name.
        app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"isolation_level": "READ COMMITTED"})
    db.init_app(app)
    modules_named("models")  # a table that is not known would be dropped by the next migration
    # Alembic takes long to import, so that Flask-Migrate waits until "flask db" is called.
    app.extensions["migrate"] = LocalProxy(partial(load_migrate, app))
    app.cli.add_command(cast("Command", LocalProxy(load_commands)), "db")


def load_migrate(app: Flask) -> object:
    """Set up Flask-Migrate, and return what it calls its extension."""
    from .migrations import migrate  # noqa: PLC0415

    migrate.init_app(app)
    return app.extensions["migrate"]


def load_commands() -> "Command":
    """Return the commands of ``flask db``."""
    from flask_migrate.cli import db as commands  # noqa: PLC0415

    return cast("Command", commands)


@event.listens_for(Engine, "connect")
def set_up_sqlite(connection: object, _record: object) -> None:
    """Check foreign keys on SQLite, and leave its transactions to SQLAlchemy."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")


@event.listens_for(Engine, "begin")
def begin_sqlite_transaction(connection: Connection) -> None:
    """Begin the transaction that Python's sqlite3 would begin too late for savepoints."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
