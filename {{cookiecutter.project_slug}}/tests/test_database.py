"""Models and migrations."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app import create_app
from app.config import DRIVERS, ROOT, database_url
from app.database import Model, db


@pytest.fixture
def file_app(tmp_path: Path) -> Flask:
    """Return the application with an empty database in a file."""
    return create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/test.db"})


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
    ):
        result = runner.invoke(args=["db", command[0], "-d", str(directory), *command[1:]])
        assert result.exit_code == 0, result.output
    with file_app.app_context():
        assert set(sa.inspect(db.engine).get_table_names()) == {
            "alembic_version",
            *Model.metadata.tables,
        }
    # MySQL refuses to drop an index that a foreign key needs, and a table drops its own.
    assert not any("drop_index" in path.read_text("utf-8") for path in directory.glob("*/*.py"))


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


def test_seeding_twice_changes_nothing(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["seed"]).exit_code == 0
    assert runner.invoke(args=["seed"]).exit_code == 0
