"""What is particular about the migrations of this project.

See https://flask-migrate.readthedocs.io and https://alembic.sqlalchemy.org
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal

import click
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import MigrationScript
from alembic.operations.ops import (
    AddColumnOp,
    AlterColumnOp,
    CreateTableOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
)
from alembic.util import sqla_compat
from flask_migrate import Migrate
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DefaultClause,
    Dialect,
    Enum,
    TypeDecorator,
)

from ..config import ROOT
from . import db
from .comparison import constant_default, has_other_default

logger = logging.getLogger(__name__)


def render_column_type(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """Write what a custom column type is stored as, or import its module, which Alembic does not.

    A migration has to run when the package that its type came from is long gone.
    """
    if kind == "type" and isinstance(item, TypeDecorator):
        return render._repr_type(item.impl_instance, context)
    module = type(item).__module__
    if kind == "type" and not module.startswith("sqlalchemy."):
        context.imports.add(f"import {module}")
    return False


def simplify_migration(
    context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    scripts: list[MigrationScript],
) -> None:
    """Write no empty migration, and drop tables in an order, and a way, that works."""
    [script] = scripts
    options = context.config.cmd_opts if context.config else None
    if script.upgrade_ops is None or not getattr(options, "autogenerate", False):
        return
    if script.upgrade_ops.is_empty():
        scripts.clear()
        click.echo("No changes: the database has all that the models have.")
    order_drops(script.upgrade_ops.ops)
    for op in script.upgrade_ops.ops:
        if isinstance(op, CreateTableOp):
            add_checks(op)
        elif isinstance(op, ModifyTableOps):
            fill_columns(op, context.dialect)
    script.downgrade_ops = downgrade = script.upgrade_ops.reverse()
    leave_out_indexes(script.upgrade_ops.ops)
    leave_out_indexes(downgrade.ops)


def order_drops(operations: list[MigrateOperation]) -> None:
    """Drop tables last, and each before those that it refers to."""
    drops = {op.table_name: op for op in operations if isinstance(op, DropTableOp)}
    references = {
        name: {key.target_fullname.rpartition(".")[0] for key in op.to_table().foreign_keys}
        - {name}
        for name, op in drops.items()
    }
    with suppress(CycleError):
        order = [name for name in TopologicalSorter(references).static_order() if name in drops]
        others = [op for op in operations if op not in drops.values()]
        operations[:] = others + [drops[name] for name in reversed(order)]


def leave_out_indexes(operations: list[MigrateOperation]) -> None:
    """Drop no index of a table that is dropped, for it goes with the table.

    MySQL refuses to drop an index that a foreign key still needs.
    """
    dropped = {op.table_name for op in operations if isinstance(op, DropTableOp)}
    operations[:] = [
        op for op in operations if not (isinstance(op, ModifyTableOps) and op.table_name in dropped)
    ]


def add_checks(table: CreateTableOp) -> None:
    """Create the CHECK constraints of single columns too, which Alembic leaves out."""
    columns = [item for item in table.columns if isinstance(item, Column)]
    checks = [check for column in columns for check in column.constraints]
    table.columns = [
        *table.columns,
        *(
            CheckConstraint(check.sqltext, name=check.name)
            for check in checks
            if isinstance(check, CheckConstraint)
        ),
    ]


def fill_columns(table: ModifyTableOps, dialect: Dialect) -> None:
    """Give the rows that are there the default of a new column, or warn that they need a value."""
    for op in table.ops:
        if isinstance(op, AddColumnOp):
            op.column = new_column(op.column, dialect)
            if is_required(op.column):
                warn_of_required(table.table_name, op.column.name)
        elif isinstance(op, AlterColumnOp) and op.modify_nullable is False:
            warn_of_required(table.table_name, op.column_name)


def new_column(column: Column[Any], dialect: Dialect) -> Column[Any]:
    """Return a copy of a column, with its constant default in the database if it is required."""
    column = sqla_compat._copy(column)
    if isinstance(column.type, Boolean | Enum):
        column.type.create_constraint = False  # the migration creates the constraint by its name
    if is_required(column) and (default := constant_default(column, dialect)) is not None:
        column.server_default = DefaultClause(default)
    return column


def is_required(column: Column[Any]) -> bool:
    """Return whether a row needs a value that the database has no default for."""
    return not (column.nullable or column.server_default or column.identity)


def warn_of_required(table: str, column: str) -> None:
    """Warn before the migration fails at the rows that are there."""
    logger.warning(
        "%s.%s is required: the migration fails if there are rows without a value. "
        "Add a server_default to the column, or give them one in the migration.",
        table,
        column,
    )


migrate = Migrate(
    db=db,
    directory=ROOT / "migrations",
    autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    compare_server_default=has_other_default,
    render_item=render_column_type,
    process_revision_directives=simplify_migration,
)
