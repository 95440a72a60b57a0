"""``/healthz``: the process answers. ``/readyz``: it can also do its work."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from ..database import db

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Add the two addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer; if this fails, the process should be restarted."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Answer 200 when requests may be sent here, and 503 with the reason when not."""
    database = database_state()
    ready = database == "ok"
    body = {"status": "ok" if ready else "unavailable", "database": database}
    return body, 200 if ready else 503


def database_state() -> str:
    """Return ``ok``, ``unreachable``, or ``not migrated``."""
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
    except SQLAlchemyError:
        current_app.logger.exception("The database can't be reached.")
        return "unreachable"
    directory = current_app.extensions["migrate"].migrate.get_config()
    heads = ScriptDirectory.from_config(directory).get_heads()
    return "ok" if set(current) == set(heads) else "not migrated"
