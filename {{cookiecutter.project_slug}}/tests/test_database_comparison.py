"""Migrations of tables that change: what is found, and what becomes of the rows."""

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import SchemaItem

from app import create_app
from app.config import ROOT
from app.database import Model, db
from app.database.comparison import are_equal, constant_default, has_other_default


class Size(Enum):
    """A choice of two."""

    SMALL = "s"
    LARGE = "l"


class MoreSizes(Enum):
    """A choice of three."""

    SMALL = "s"
    LARGE = "l"
    HUGE = "h"


def column(
    kind: Any = sa.Integer,  # noqa: ANN401
    check: str = "",
    **options: Any,  # noqa: ANN401
) -> Callable[[], SchemaItem]:
    """Return a function that makes a column anew, as it can be in one table only."""

    def make() -> SchemaItem:
        checks = [sa.CheckConstraint(check, name="size")] if check else []
        return sa.Column("size", kind, *checks, **options)

    return make


def choice(sizes: type[Enum], **options: Any) -> Callable[[], SchemaItem]:  # noqa: ANN401
    """Return a column of a choice that the database checks."""
    kind = sa.Enum(sizes, name="size", native_enum=False, length=10, create_constraint=True)
    return column(kind, default=sizes["SMALL"], **options)


def nothing() -> SchemaItem:
    """Return a column that every table has."""
    return sa.Column("other", sa.Integer)


TEXT = sa.String(20)
CHANGES = {
    "a condition is added": (column(), column(check="size BETWEEN 0 AND 9")),
    "a condition changes": (
        column(check="size BETWEEN 0 AND 9"),
        column(check="size BETWEEN 0 AND 99"),
    ),
    "a condition is removed": (column(check="size >= 0"), column()),
    "a column with a condition is removed": (column(check="size >= 0"), nothing),
    "a column with a condition is added": (nothing, column(check="size >= 0")),
    "a checked choice is added": (nothing, choice(Size, nullable=False)),
    "a checked choice grows": (choice(Size), choice(MoreSizes)),
    "a checked choice is removed": (choice(Size), nothing),
    "a unique constraint is added": (column(), column(unique=True)),
    "an index is removed": (column(index=True), column()),
    "a default is added": (column(TEXT), column(TEXT, server_default="x")),
    "a default changes its case": (
        column(TEXT, server_default="x"),
        column(TEXT, server_default="X"),
    ),
    "a number as a default changes": (column(server_default="1"), column(server_default="2")),
    "a default is removed": (column(server_default=sa.text("1")), column()),
    "the default of a truth value changes": (
        column(sa.Boolean, server_default="1"),
        column(sa.Boolean, server_default="0"),
    ),
    "a moment gets a default": (
        column(sa.DateTime),
        column(sa.DateTime, server_default=sa.func.now()),
    ),
    "a type changes": (column(sa.String(20)), column(sa.String(30))),
    "a column is no longer required": (column(nullable=False), column()),
}
DEFAULTS: dict[str, tuple[Any, object]] = {
    "integer": (sa.Integer, 7),
    "number": (sa.Numeric(10, 2), Decimal("1.50")),
    "float": (sa.Double, 2.5),
    "truth": (sa.Boolean, True),
    "text": (TEXT, "it's"),
    "empty text": (sa.Text, ""),
    "long text": (sa.Text, "a:b, it's 100%"),
    "choice": (sa.Enum(Size, native_enum=False, length=10), Size.LARGE),
    "JSON": (sa.JSON, {"a": [1]}),
}


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[Flask]:
    """Return an application whose engine commits, on the database of the tests, or on a file."""
    is_sqlite = os.environ["DATABASE_URL"].startswith("sqlite")
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/a.db"} if is_sqlite else {})
    yield app
    with app.app_context():
        for name in ("things", "alembic_version"):
            db.session.execute(sa.text(f"DROP TABLE IF EXISTS {name}"))
            db.session.commit()


@pytest.fixture
def define() -> Iterator[Callable[[SchemaItem], sa.Table]]:
    """Return a function that makes, or changes, a table of the models."""

    def define(item: SchemaItem) -> sa.Table:
        remove()
        key = sa.Column("id", sa.Integer, primary_key=True)
        return sa.Table("things", Model.metadata, key, sa.Column("name", TEXT), item)

    def remove() -> None:
        if "things" in Model.metadata.tables:
            Model.metadata.remove(Model.metadata.tables["things"])

    yield define
    remove()


@pytest.fixture
def flask_db(own_app: Flask, tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a command of ``flask db``, and returns what it prints."""

    def run(command: str, *arguments: str) -> str:
        args = ["db", command, "-d", f"{tmp_path}/migrations", *arguments]
        result = own_app.test_cli_runner().invoke(args=args)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    run("init", "--template", f"{ROOT}/app/database/alembic")
    return run


def write_row(app: Flask, **values: object) -> None:
    """Write a row of the table that the database has."""
    with app.app_context():
        table = Model.metadata.tables["things"]
        db.session.execute(table.insert().values(id=1, name="one", **values))
        db.session.commit()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found_and_goes_up_and_down(
    change: str,
    own_app: Flask,
    define: Callable[[SchemaItem], sa.Table],
    flask_db: Callable[..., str],
    tmp_path: Path,
) -> None:
    before, after = CHANGES[change]
    table = define(before())
    flask_db("migrate")
    flask_db("upgrade")
    flask_db("check")
    write_row(own_app, **({} if "size" not in table.c or table.c.size.nullable else {"size": 1}))
    define(after())
    flask_db("migrate")
    assert len([*tmp_path.glob("migrations/versions/*.py")]) == 2
    for command in ("upgrade", "check", "downgrade", "upgrade", "check"):
        flask_db(command)
    with own_app.app_context():
        assert db.session.scalar(sa.text("SELECT name FROM things")) == "one"


@pytest.mark.parametrize("name", DEFAULTS)
def test_rows_get_the_default_of_a_new_column(
    name: str,
    own_app: Flask,
    define: Callable[[SchemaItem], sa.Table],
    flask_db: Callable[..., str],
) -> None:
    define(nothing())
    flask_db("migrate")
    flask_db("upgrade")
    write_row(own_app)
    kind, default = DEFAULTS[name]
    table = define(sa.Column("size", kind, default=default, nullable=False))
    for command in ("migrate", "upgrade", "check"):
        flask_db(command)
    with own_app.app_context():
        assert db.session.scalars(sa.select(table.c.size)).all() == [default]


@pytest.mark.parametrize("before", [nothing, column()])
def test_a_column_that_rows_have_no_value_for_is_named(
    before: Callable[[], SchemaItem],
    define: Callable[[SchemaItem], sa.Table],
    flask_db: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    define(before())
    flask_db("migrate")
    flask_db("upgrade")
    define(sa.Column("size", sa.Integer, nullable=False))
    flask_db("migrate")
    assert "things.size is required" in caplog.text
    assert "server_default" in caplog.text


def test_a_condition_may_need_a_column_that_is_new(
    define: Callable[[SchemaItem], sa.Table], flask_db: Callable[..., str]
) -> None:
    define(column(check="size >= 0")())
    flask_db("migrate")
    flask_db("upgrade")
    table = define(column()())
    table.append_column(sa.Column("least", sa.Integer))
    table.append_constraint(sa.CheckConstraint("size >= least", name="size"))
    for command in ("migrate", "upgrade", "check"):
        flask_db(command)


def test_what_the_database_counts_or_computes_is_left_to_alembic() -> None:
    key = sa.Column("id", sa.Integer, primary_key=True)
    double = sa.Column("double", sa.Integer, sa.Computed("id * 2"))
    sa.Table("numbers", sa.MetaData(), key, double)
    context = Mock()
    for one, answer in ((key, False), (double, None)):
        default = one.server_default
        assert has_other_default(context, one, one, "nextval('x')", default, None) is answer


def test_mysql_is_given_no_default_that_only_mariadb_takes() -> None:
    dialect = mysql.dialect()
    texts = [sa.Column("a", kind, default="x") for kind in (sa.Text, TEXT)]
    assert [constant_default(text, dialect) for text in texts] == [None, "x"]
    dialect.is_mariadb = True
    assert [constant_default(text, dialect) for text in texts] == ["x", "x"]


def test_the_time_of_now_is_one_default_however_it_is_written(
    define: Callable[[SchemaItem], sa.Table], flask_db: Callable[..., str]
) -> None:
    define(column(sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP"))())
    flask_db("migrate")
    flask_db("upgrade")
    define(column(sa.DateTime, server_default=sa.func.now())())
    assert "No changes" in flask_db("migrate")


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [("1", "1.0", True), ("1", "2", False), ("now)(", "1", False)],
)
def test_expressions_are_compared_by_their_values(
    first: str, second: str, answer: bool, own_app: Flask
) -> None:
    with own_app.app_context():
        assert are_equal(db.session.connection(), first, second) is answer


def test_it_is_said_that_nothing_has_changed(
    define: Callable[[SchemaItem], sa.Table], flask_db: Callable[..., str]
) -> None:
    define(nothing())
    assert "No changes" not in flask_db("migrate")
    flask_db("upgrade")
    assert "No changes" in flask_db("migrate")
