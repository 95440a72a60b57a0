"""What Alembic compares between the models and the database, besides what it compares itself.

Databases rewrite defaults and conditions: PostgreSQL turns ``BETWEEN`` into two comparisons. A
temporary table is created with those of the models, and what the database reports of it is
compared. See https://alembic.sqlalchemy.org/en/latest/autogenerate.html
"""

import json
from typing import Any
from uuid import uuid4

from alembic.ddl.impl import ComparisonResult, DefaultImpl
from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    DefaultClause,
    Dialect,
    Inspector,
    LargeBinary,
    MetaData,
    Table,
    Text,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable, SchemaItem
from sqlalchemy.sql.schema import ScalarElementColumnDefault

# MySQL, unlike MariaDB, takes no constant as the default of these.
LARGE_TYPES = (JSON, LargeBinary, Text)


def constant_default(column: Column[Any], dialect: Dialect) -> str | None:
    """Return the default that a model has for a column as a ``server_default``, if it can be one."""
    default = column.default
    is_mysql = dialect.name == "mysql" and not getattr(dialect, "is_mariadb", False)
    if not isinstance(default, ScalarElementColumnDefault) or (
        is_mysql and isinstance(column.type, LARGE_TYPES)
    ):
        return None
    if isinstance(column.type, JSON):
        return json.dumps(default.arg)
    bind = column.type.dialect_impl(dialect).bind_processor(dialect)
    return str(bind(default.arg) if bind else default.arg)


def has_other_default(
    context: MigrationContext,
    found: Column[Any],
    column: Column[Any],
    stored: str | None,
    default: object,
    _rendered: str | None,
) -> bool | None:
    """Return whether the database has another default for a column, or None to let Alembic decide.

    The constant default of the model is no other one: migrations give it to existing rows.

    :param found: the column as the database has it
    :param stored: its default, as the database writes it
    :param default: the ``server_default`` of the model
    """
    if column is column.table.autoincrement_column:
        return False
    if not isinstance(default, DefaultClause | None):
        return None
    wanted: Any = default.arg if default else constant_default(column, context.dialect)
    if stored is None or wanted is None or context.connection is None:
        return True
    inspector, table = create_temporary_table(
        context.connection,
        Column(column.name, found.type, nullable=found.nullable, server_default=wanted),
    )
    written = str(inspector.get_columns(table)[0]["default"])
    # Alembic adds brackets to an expression of SQLite.
    if written.strip("()") == stored.strip("()"):
        return False
    is_postgresql = context.dialect.name == "postgresql"
    return not (is_postgresql and are_equal(context.connection, written, stored))


def are_equal(connection: Connection, first: str, second: str) -> bool:
    """Return whether two expressions have one value, such as ``now()`` and ``CURRENT_TIMESTAMP``.

    PostgreSQL keeps both as they are written. Types that can't be compared, such as JSON, differ.
    """
    try:
        with connection.begin_nested():
            query = select(literal_column(first) == literal_column(second))
            return bool(connection.scalar(query))
    except SQLAlchemyError:
        return False


def compare_conditions(
    impl: DefaultImpl,
    metadata_constraint: CheckConstraint,
    reflected_constraint: CheckConstraint,
) -> ComparisonResult:
    """Compare the conditions of two constraints of one name, of which Alembic compares the name."""
    compiler = impl.dialect.ddl_compiler(impl.dialect, None).sql_compiler  # type: ignore[arg-type]
    condition = compiler.process(
        metadata_constraint.sqltext, include_table=False, literal_binds=True
    )
    columns = [Column(column.name, column.type) for column in reflected_constraint.table.columns]
    try:
        inspector, table = create_temporary_table(
            impl.connection, *columns, CheckConstraint(text(condition), name="written")
        )
    except SQLAlchemyError:  # it needs a column that the database does not have yet
        return ComparisonResult.Different(condition)
    [written] = inspector.get_check_constraints(table)
    if written["sqltext"] == str(reflected_constraint.sqltext):
        return ComparisonResult.Equal()
    return ComparisonResult.Different(condition)


def create_temporary_table(connection: Any, *items: SchemaItem) -> tuple[Inspector, str]:  # noqa: ANN401
    """Create a table that is gone with the connection; return its inspector and its name."""
    table = Table(f"temporary_{uuid4().hex}", MetaData(), *items, prefixes=["TEMPORARY"])
    with connection.begin_nested():
        connection.execute(CreateTable(table))
    return inspect(connection), table.name


# Alembic has no option for it.
DefaultImpl.compare_check_constraint = compare_conditions  # type: ignore[assignment, method-assign]
