"""Models and migrations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from app import create_app, seed
from app.config import DRIVERS, ROOT, database_url
from app.database import Model, db
from app.discovery import modules_named


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
def file_app(tmp_path: Path) -> Iterator[Flask]:
    """Return the application with an empty database in a file."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/test.db"})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("table")
def test_migrations_go_up_and_down_and_leave_nothing_to_migrate(
    file_app: Flask, tmp_path: Path
) -> None:
    runner = file_app.test_cli_runner()
    directory = tmp_path / "migrations"
    for command in (
        ["init", "--template", f"{ROOT}/app/database/alembic"],
        ["migrate"],
        ["upgrade"],
        ["downgrade", "base"],
        ["upgrade"],
        ["check"],
        ["migrate"],
    ):
        result = runner.invoke(args=["db", command[0], "-d", str(directory), *command[1:]])
        assert result.exit_code == 0, result.output
    with file_app.app_context():
        assert set(sa.inspect(db.engine).get_table_names()) == {
            "alembic_version",
            *Model.metadata.tables,
        }
    [migration] = directory.glob("versions/*.py")
    # MySQL refuses to drop an index that a foreign key needs, and a table drops its own.
    assert "drop_index" not in migration.read_text("utf-8")


def test_every_constraint_has_a_name() -> None:
    tables = Model.metadata.tables.values()
    assert all(constraint.name for table in tables for constraint in table.constraints)


def test_foreign_keys_are_checked_on_sqlite(file_app: Flask) -> None:
    with file_app.app_context():
        assert db.session.scalar(sa.text("PRAGMA foreign_keys")) == 1


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
    seed.add(app, lambda: "Wrote nothing.")
    assert runner.invoke(args=["seed"]).output == "Wrote nothing.\n"
