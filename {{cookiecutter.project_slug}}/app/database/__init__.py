"""The database: the base class of the models, and the migrations.

See https://flask-sqlalchemy.palletsprojects.com and https://flask-migrate.readthedocs.io
"""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import MigrationScript
from alembic.operations.ops import DropTableOp, ModifyTableOps
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.orm import DeclarativeBase

from ..config import ROOT


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
    # db.Model is made at run time; type checkers see the class that it is made from.
    Model = Base
else:
    Model = db.Model


def import_column_type(kind: str, item: object, context: AutogenContext) -> bool:
    """Import the module of a custom column type, which Alembic names but does not import."""
    module = type(item).__module__
    if kind == "type" and not module.startswith("sqlalchemy."):
        context.imports.add(f"import {module}")
    return False


def simplify_migration(
    context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    scripts: list[MigrationScript],
) -> None:
    """Write no empty migration, and none that drops the indexes of a table it drops.

    MySQL refuses to drop an index that a foreign key still needs; dropping the table
    drops both.
    """
    [script] = scripts
    if script.upgrade_ops is None or script.downgrade_ops is None:
        return
    options = context.config.cmd_opts if context.config else None
    if getattr(options, "autogenerate", False) and script.upgrade_ops.is_empty():
        scripts.clear()
    operations = script.downgrade_ops.ops
    dropped = {op.table_name for op in operations if isinstance(op, DropTableOp)}
    operations[:] = [
        op for op in operations if not (isinstance(op, ModifyTableOps) and op.table_name in dropped)
    ]


migrate = Migrate(
    db=db,
    directory=ROOT / "migrations",
    render_item=import_column_type,
    process_revision_directives=simplify_migration,
)


def init_app(app: Flask) -> None:
    """Connect the application to its database."""
    db.init_app(app)
    migrate.init_app(app)


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
