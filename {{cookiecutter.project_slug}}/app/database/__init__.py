"""The database, and the base class of the models.

See https://flask-sqlalchemy.palletsprojects.com
"""

import logging
import re
import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, g, has_app_context, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    ExceptionContext,
    ExecutionContext,
    MetaData,
    Table,
    event,
    make_url,
)
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped
from werkzeug.local import LocalProxy

from ..config import make_private
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
    if TYPE_CHECKING:
        id: Mapped[int]  # of every table


db = SQLAlchemy(model_class=Base)

CONNECT_TIMEOUT = 5  # seconds
MEMORY = ":memory:"
BUSY_TIMEOUT = 10  # seconds that one who writes to SQLite waits for another
# Whether a connection to SQLite is in a transaction that has begun without the write lock.
LACKS_LOCK = "lacks_write_lock"
# A savepoint is made to write something.
WRITES = re.compile(
    r"(?:\s|/\*.*?\*/|--[^\n]*\n)*(WITH\b.*\b)?(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|SAVEPOINT)\b",
    re.IGNORECASE | re.DOTALL,
)

if TYPE_CHECKING:
    from click import Command

    # db.Model is made at run time; type checkers see the class that it is made from.
    Model = Base
else:
    Model = db.Model


def init_app(app: Flask) -> None:
    """Connect the application to its database."""
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app))
    if is_in_instance(app):
        make_private(Path(app.instance_path))
    db.init_app(app)
    app.teardown_appcontext(end_transaction)  # before Flask-SQLAlchemy's own
    modules_named("models")  # a table that is not known would be dropped by the next migration
    # Alembic takes long to import, so that Flask-Migrate waits until "flask db" is called. It
    # logs a line for each of its plugins.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    app.extensions["migrate"] = LocalProxy(partial(load_migrate, app))
    app.cli.add_command(cast("Command", LocalProxy(load_commands)), "db")


def is_in_instance(app: Flask) -> bool:
    """Return whether the database is a file of SQLite in the instance folder."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", MEMORY}
    return is_file and not Path(str(url.database)).is_absolute()


def engine_options(app: Flask) -> dict[str, object]:
    """Return how the database is talked to.

    See https://docs.sqlalchemy.org/core/engines.html
    """
    options: dict[str, object] = {
        # Values of people stay out of log lines.
        "hide_parameters": not app.debug,
        # A connection that has broken while it was not used is replaced by another one.
        "pool_pre_ping": True,
    }
    backend = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name()
    if backend in {"mariadb", "mysql"}:
        # As on PostgreSQL: a query sees what others have committed before it, and not only what
        # they had when the transaction began. A cache would keep the old under the new name.
        options["isolation_level"] = "READ COMMITTED"
    if backend != "sqlite":
        options |= {
            "connect_args": {"connect_timeout": CONNECT_TIMEOUT},
            "pool_timeout": CONNECT_TIMEOUT,
        }
    return options


def load_migrate(app: Flask) -> object:
    """Set up Flask-Migrate, and return what it calls its extension."""
    from .migrations import migrate  # noqa: PLC0415

    migrate.init_app(app)
    return app.extensions["migrate"]


def load_commands() -> "Command":
    """Return the commands of ``flask db``."""
    from flask_migrate.cli import db as commands  # noqa: PLC0415

    return cast("Command", commands)


def end_transaction(_error: BaseException | None = None) -> None:
    """Take back what was not committed; a connection that has broken has done so already."""
    if not db.session.registry.has():
        return
    try:
        db.session.close()
    except SQLAlchemyError:
        db.session().invalidate()


@event.listens_for(Engine, "do_connect")
def create_file(
    dialect: Dialect, _record: object, arguments: list[str], options: dict[str, Any]
) -> None:
    """Create SQLite's file for this account alone; the files that go with it get its mode."""
    if dialect.name == "sqlite" and arguments[0] != MEMORY and not options.get("uri"):
        # SQLite itself says what is wrong with a path.
        with suppress(OSError):
            Path(arguments[0]).touch(mode=0o600, exist_ok=False)


@event.listens_for(Engine, "connect")
def set_up_sqlite(connection: object, _record: object) -> None:
    """Let SQLite serve a site: see https://www.sqlite.org/pragma.html.

    Foreign keys are checked, those who read do not wait for those who write, and SQLAlchemy
    begins the transactions. Its own ``lower`` and ``LIKE`` ignore the case of A to Z only.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA case_sensitive_like=ON")
        connection.create_function("lower", 1, to_lower, deterministic=True)


def to_lower(value: object) -> str | None:
    """Return text in lower case, letter by letter, as PostgreSQL and MySQL do."""
    return None if value is None else "".join(map(str.lower, str(value)))


@event.listens_for(Table, "before_create")
def compare_text_exactly(table: Table, _connection: object, **options: Any) -> None:  # noqa: ANN401
    """Create the tables of MySQL with a collation that tells capitals, accents and emoji apart.

    This holds for ``create_all`` and for migrations. PostgreSQL and SQLite compare text like that.
    """
    dialect = options["_ddl_runner"].dialect.name
    if dialect in {"mariadb", "mysql"}:
        table.dialect_kwargs.setdefault(f"{dialect}_collate", "utf8mb4_bin")


@event.listens_for(Engine, "begin")
def begin_sqlite_transaction(connection: Connection) -> None:
    """Begin the transaction that Python's sqlite3 would begin too late for savepoints.

    Requests that are expected to write take the write lock at once, so that nothing changes
    between what they read and what they write.
    """
    if connection.dialect.name == "sqlite":
        if connection.get_execution_options().get("copies_tables"):
            # To change a table, SQLite copies and drops it, and with it would go what refers to its
            # rows: see https://www.sqlite.org/lang_altertable.html.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.info[LACKS_LOCK] = not is_going_to_write()
        connection.exec_driver_sql("BEGIN" if connection.info[LACKS_LOCK] else "BEGIN IMMEDIATE")


@event.listens_for(Engine, "before_cursor_execute")
def take_write_lock(
    connection: Connection,
    _cursor: object,
    statement: str,
    _parameters: object,
    context: ExecutionContext | None,
    _many: object,
) -> None:
    """Wait for SQLite's write lock before a transaction that has only read writes, or locks rows.

    SQLite never waits in such a transaction but answers "database is locked". So another one
    begins, which sees what was committed meanwhile, as on the other databases.
    """
    needs_lock = locks_rows(context) or (WRITES.match(statement) and not is_optional(context))
    if connection.info.get(LACKS_LOCK) and needs_lock:
        connection.connection.commit()  # of nothing
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.info[LACKS_LOCK] = False


def locks_rows(context: Any) -> bool:  # noqa: ANN401 as below
    """Return whether a statement is SELECT … FOR UPDATE, which SQLite does not know."""
    statement = getattr(getattr(context, "compiled", None), "statement", None)
    return getattr(statement, "_for_update_arg", None) is not None


def is_optional(context: Any) -> bool:  # noqa: ANN401 its interface lacks the options
    """Return whether a statement may fail, which its execution option ``optional`` says.

    It does not wait for SQLite's write lock; commit it before anything else is written.
    """
    return bool(context and context.execution_options.get("optional"))


@event.listens_for(Engine, "handle_error")
def note_loss(context: ExceptionContext) -> None:
    """Note that the database did not answer this request, whoever catches the error."""
    is_loss = isinstance(context.sqlalchemy_exception, InterfaceError | OperationalError)
    is_expected = context.is_pre_ping or is_optional(context.execution_context)
    if is_loss and not is_expected and has_app_context():
        g.database_is_lost = True


def is_lost() -> bool:
    """Tell whether this request has not got all that it asked the database for."""
    return bool(g.get("database_is_lost"))


def is_going_to_write() -> bool:
    """Return whether this is a request that changes something, by its method or by its own word."""
    if has_request_context() and request.method not in {"GET", "HEAD", "OPTIONS"}:
        return True
    return bool(has_app_context() and g.get("is_going_to_write"))
