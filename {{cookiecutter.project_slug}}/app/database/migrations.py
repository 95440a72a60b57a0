"""What is particular about the migrations of this project.

See https://flask-migrate.readthedocs.io and https://alembic.sqlalchemy.org
"""

from collections.abc import Iterable

from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import MigrationScript
from alembic.operations.ops import DropTableOp, ModifyTableOps
from flask_migrate import Migrate

from ..config import ROOT
from . import db


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
    options = context.config.cmd_opts if context.config else None
    is_empty = script.upgrade_ops is not None and script.upgrade_ops.is_empty()
    if getattr(options, "autogenerate", False) and is_empty:
        scripts.clear()
    operations = script.downgrade_ops.ops if script.downgrade_ops else []
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
