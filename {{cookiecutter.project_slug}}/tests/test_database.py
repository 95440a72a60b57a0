"""Models and migrations."""

import logging
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from environs import EnvError
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import create_app, seed
from app.config import DRIVERS, ROOT, database_url
from app.database import (
    BUSY_TIMEOUT,
    Model,
    begin_sqlite_transaction,
    db,
    engine_options,
    is_lost,
    note_loss,
    set_up_sqlite,
)
from app.discovery import modules_named


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_file_of_the_database_is_for_this_account_alone(
    umask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tmp_path / "new" / "instance")
    monkeypatch.setattr(Flask, "auto_find_instance_path", lambda _app: folder)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///app.db")
    before = os.umask(umask)
    try:
        app = create_app()
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE notes (id INTEGER)"))
            files = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    folders = {"new": 0o700, "instance": 0o700}
    assert files == folders | {"app.db": 0o600, "app.db-shm": 0o600, "app.db-wal": 0o600}


def test_existing_file_of_the_database_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    file.touch(mode=0o640)
    mode = file.stat().st_mode
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.connect():
        assert file.stat().st_mode == mode
    engine.dispose()


class Size(sa.types.TypeDecorator[int]):
    """A column type that is none of SQLAlchemy's."""

    impl = sa.Integer
    cache_ok = True


@pytest.fixture
def table() -> Iterator[sa.Table]:
    """Add a table of our own to those of the models."""
    columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("size", Size, index=True)
    table = sa.Table("things", Model.metadata, *columns)
    yield table
    Model.metadata.remove(table)


@pytest.fixture
def file_app(tmp_path: Path) -> Flask:
    """Return the application with an empty database in a file."""
    return create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/test.db"})


@pytest.fixture
def migrate(file_app: Flask, tmp_path: Path) -> Callable[..., None]:
    """Return a function that runs a command of ``flask db`` on migrations of our own."""

    def run(command: str, *arguments: str) -> None:
        args = ["db", command, "-d", f"{tmp_path}/migrations", *arguments]
        result = file_app.test_cli_runner().invoke(args=args)
        assert result.exit_code == 0, result.output

    run("init", "--template", f"{ROOT}/app/database/alembic")
    return run


@pytest.mark.usefixtures("table")
def test_migrations_go_up_and_down_and_leave_nothing_to_migrate(
    file_app: Flask, migrate: Callable[..., None], tmp_path: Path
) -> None:
    migrate("migrate")
    migrate("upgrade")
    migrate("downgrade", "base")
    migrate("upgrade")
    migrate("check")
    migrate("migrate")
    with file_app.app_context():
        assert set(sa.inspect(db.engine).get_table_names()) == {
            "alembic_version",
            *Model.metadata.tables,
        }
    [migration] = tmp_path.glob("migrations/versions/*.py")
    # MySQL refuses to drop an index that a foreign key needs, and a table drops its own.
    assert "drop_index" not in migration.read_text("utf-8")


class Point(sa.types.UserDefinedType[str]):
    """A column type that only its database knows."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "POINT"


def test_a_migration_runs_without_the_code_that_makes_values_of_a_column(
    table: sa.Table, migrate: Callable[..., None], tmp_path: Path
) -> None:
    table.append_column(sa.Column("place", Point))
    migrate("migrate")
    [migration] = tmp_path.glob("migrations/versions/*.py")
    written = migration.read_text("utf-8")
    assert "sa.Column('size', sa.Integer(), nullable=True)" in written
    assert f"sa.Column('place', {__name__}.Point(), nullable=True)" in written
    assert re.findall("^import (.+)", written, re.MULTILINE) == ["sqlalchemy as sa", __name__]


def test_tables_are_dropped_before_those_that_they_refer_to(
    file_app: Flask, migrate: Callable[..., None], table: sa.Table
) -> None:
    def parts(number: int) -> sa.Table:
        thing: sa.Column[int] = sa.Column("thing_id", sa.ForeignKey("things.id"))
        return sa.Table(f"parts_{number}", Model.metadata, sa.Column("id", sa.Integer), thing)

    added = [parts(number) for number in range(5)]
    migrate("migrate")
    migrate("upgrade")
    with file_app.app_context():
        db.session.execute(table.insert().values(id=1))
        db.session.execute(added[0].insert().values(id=1, thing_id=1))
        db.session.commit()
    for one in (table, *added):
        Model.metadata.remove(one)
    migrate("migrate")
    migrate("upgrade")
    migrate("check")
    migrate("downgrade")
    migrate("upgrade")


def test_a_table_that_is_copied_loses_no_rows_of_others(
    file_app: Flask, migrate: Callable[..., None], table: sa.Table
) -> None:
    thing: sa.Column[int] = sa.Column("thing_id", sa.ForeignKey("things.id", ondelete="CASCADE"))
    parts = sa.Table("parts", Model.metadata, sa.Column("id", sa.Integer, primary_key=True), thing)
    migrate("migrate")
    migrate("upgrade")
    with file_app.app_context():
        db.session.execute(table.insert().values(id=1))
        db.session.execute(parts.insert().values(id=1, thing_id=1))
        db.session.commit()
    table.append_constraint(sa.UniqueConstraint("size", name="uq_things_size"))
    migrate("migrate")
    migrate("upgrade")
    Model.metadata.remove(parts)
    with file_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(parts)) == 1
        assert db.session.scalar(sa.text("PRAGMA foreign_keys")) == 1


@pytest.mark.usefixtures("app")
def test_alembic_logs_no_line_for_each_of_its_plugins() -> None:
    assert not logging.getLogger("alembic.runtime.plugins.tables").isEnabledFor(logging.INFO)


def test_every_constraint_has_a_name() -> None:
    tables = Model.metadata.tables.values()
    assert all(constraint.name for table in tables for constraint in table.constraints)


def test_foreign_keys_are_checked_on_sqlite(file_app: Flask) -> None:
    with file_app.app_context():
        assert db.session.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_readers_and_writers_of_sqlite_do_not_wait_for_each_other(file_app: Flask) -> None:
    with file_app.app_context():
        assert db.session.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert db.session.scalar(sa.text("PRAGMA busy_timeout")) == BUSY_TIMEOUT * 1000


def test_those_who_write_to_sqlite_wait_for_each_other(file_app: Flask) -> None:
    """Each reads before it writes, which SQLite refuses to one that has read too early."""
    visits = sa.Table("visits", sa.MetaData(), sa.Column("number", sa.Integer))

    def count() -> str:
        number = db.session.scalars(sa.select(visits.c.number)).one()
        time.sleep(0.02)
        db.session.execute(visits.update().values(number=number + 1))
        db.session.commit()
        return ""

    file_app.config["WTF_CSRF_ENABLED"] = False
    file_app.add_url_rule("/count", view_func=count, methods=["POST"])
    with file_app.app_context():
        visits.create(db.engine)
        db.session.execute(visits.insert().values(number=0))
        db.session.commit()

    def ask(_number: int) -> int:
        return file_app.test_client().post("/count").status_code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(ask, range(12))) == {200}
    with file_app.app_context():
        assert db.session.scalar(sa.select(visits.c.number)) == 12


@pytest.fixture
def counter(file_app: Flask) -> sa.Table:
    """Return a table in the file, with one row."""
    counter = sa.Table("counter", sa.MetaData(), sa.Column("number", sa.Integer))
    with file_app.app_context():
        counter.create(db.engine)
        db.session.execute(counter.insert().values(number=0))
        db.session.commit()
    return counter


@pytest.fixture
def other(file_app: Flask) -> Iterator[sqlite3.Connection]:
    """Return the connection of another process, which commits each statement."""
    with file_app.app_context():
        path = str(db.engine.url.database)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        yield other


@pytest.mark.parametrize(
    "write",
    [
        sa.text("UPDATE counter SET number = number + 1"),
        sa.text("WITH one AS (SELECT 1) UPDATE counter SET number = number + (SELECT * FROM one)"),
        sa.text("delete from counter"),
        sa.text("SAVEPOINT before"),
        sa.text("/* a comment; */ -- and another\n UPDATE counter SET number = number + 1"),
        sa.select(sa.literal(1)).with_for_update(),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.usefixtures("counter")
def test_a_request_that_has_read_can_write_after_others(
    method: str, write: sa.TextClause, file_app: Flask, other: sqlite3.Connection
) -> None:
    def view() -> str:
        db.session.execute(sa.text("SELECT number FROM counter")).all()
        other.execute("UPDATE counter SET number = 5")
        db.session.execute(write)
        db.session.execute(sa.text("UPDATE counter SET number = number + 1"))
        db.session.commit()
        return "Written."

    file_app.add_url_rule("/write", view_func=view)
    assert file_app.test_client().open("/write", method=method).status_code == 200
    assert other.execute("SELECT 1 FROM counter WHERE number < 6").fetchall() == []


def commit_later(connection: sqlite3.Connection) -> None:
    """Keep the lock for a moment."""
    time.sleep(0.2)
    connection.execute("COMMIT")


@pytest.mark.usefixtures("counter")
def test_what_has_read_waits_for_those_who_write(
    file_app: Flask, other: sqlite3.Connection
) -> None:
    with file_app.app_context(), ThreadPoolExecutor(1) as threads:
        db.session.execute(sa.text("SELECT number FROM counter")).all()
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE counter SET number = 5")
        threads.submit(commit_later, other)
        db.session.execute(sa.text("UPDATE counter SET number = number + 1"))
        db.session.commit()
    assert other.execute("SELECT number FROM counter").fetchone() == (6,)


def test_a_wait_in_vain_leaves_nothing_behind(
    file_app: Flask, counter: sa.Table, other: sqlite3.Connection
) -> None:
    write = counter.update().values(number=7)
    with file_app.app_context():
        db.session.execute(sa.text("PRAGMA busy_timeout=1"))
        other.execute("BEGIN IMMEDIATE")
        for _attempt in range(2):
            with pytest.raises(OperationalError, match="locked"):
                db.session.execute(write)
        assert is_lost()
        other.execute("COMMIT")
        db.session.execute(write)
        db.session.rollback()
    assert other.execute("SELECT number FROM counter").fetchone() == (0,)


def test_a_statement_that_may_fail_does_not_wait(
    file_app: Flask, counter: sa.Table, other: sqlite3.Connection
) -> None:
    with file_app.app_context():
        db.session.execute(sa.select(counter)).all()
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"):
            db.session.execute(counter.delete(), execution_options={"optional": True})
        assert time.monotonic() - began < BUSY_TIMEOUT / 2
        assert not is_lost()


def test_a_request_knows_that_the_database_has_not_answered(file_app: Flask) -> None:
    with file_app.app_context():
        with suppress(OperationalError):
            db.session.execute(sa.text("SELECT * FROM no_table"))
        assert is_lost()
    with file_app.app_context():
        db.session.execute(sa.text("SELECT 1"))
        assert not is_lost()


def test_a_connection_that_breaks_after_the_answer_spoils_nothing(
    file_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = OperationalError("rollback", {}, Exception("server closed the connection"))
    with file_app.app_context():
        db.session.execute(sa.text("SELECT 1"))
        monkeypatch.setattr(db.session, "close", Mock(side_effect=broken))
    monkeypatch.undo()
    with file_app.app_context():
        assert db.session.scalar(sa.text("SELECT 1")) == 1


def test_a_statement_that_is_wrong_is_no_loss(app: Flask) -> None:
    wrong = ProgrammingError("SELECT 1 FROM", {}, Exception("syntax error"))
    with app.app_context():
        note_loss(Mock(sqlalchemy_exception=wrong, is_pre_ping=False, execution_context=None))
        assert not is_lost()


def test_no_other_database_is_told_what_is_for_sqlite() -> None:
    connection = Mock(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    set_up_sqlite(connection, None)
    begin_sqlite_transaction(connection)
    assert connection.method_calls == []


@pytest.mark.parametrize(
    ("scheme", "options"),
    [
        ("sqlite", {"hide_parameters", "pool_pre_ping"}),
        ("postgresql", {"hide_parameters", "pool_pre_ping", "connect_args", "pool_timeout"}),
        (
            "mysql",
            {"hide_parameters", "pool_pre_ping", "connect_args", "pool_timeout", "isolation_level"},
        ),
    ],
)
def test_a_server_is_waited_for_only_so_long(
    scheme: str, options: set[str], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", f"{scheme}://host/name")
    assert set(engine_options(app)) == options


def test_a_url_gets_the_driver_of_this_project() -> None:
    for scheme, driver in DRIVERS.items():
        assert database_url(f"{scheme}://host/name") == f"{driver}://host/name"
    assert database_url("other+driver://host") == "other+driver://host"


def test_the_models_of_every_package_are_found() -> None:
    assert [module.__name__ for module in modules_named("health")] == ["app.pages.health"]


def test_seeding_tells_what_was_written(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "seeders", [])
    package = SimpleNamespace(seed=lambda: "Wrote a row.")
    monkeypatch.setattr("app.seed.modules_named", lambda name: {"seed": [package]}[name])
    seed.add(app, lambda: "Wrote nothing.")
    assert runner.invoke(args=["seed"]).output == "Wrote nothing.\nWrote a row.\n"


def test_seeding_names_the_setting_that_is_wrong(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "seeders", [])
    seed.add(app, Mock(side_effect=EnvError("OWNER is not set")))
    result = runner.invoke(args=["seed"])
    assert result.exit_code == 1
    assert result.output == "Error: OWNER is not set\n"
