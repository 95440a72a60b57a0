"""``/healthz``: the process answers. ``/readyz``: it can also do its work."""

from collections.abc import Callable

from flask import Blueprint, Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from ..database import db

blueprint = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Add the two addresses."""
    app.extensions["checks"] = {}
    app.register_blueprint(blueprint)


def add_check(app: Flask, name: str, check: Callable[[], str]) -> None:
    """Let ``/readyz`` ask for the state of something that the site can do without.

    :param check: returns ``ok``, or what is wrong
    """
    app.extensions["checks"][name] = check


@blueprint.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer; if this fails, the process should be restarted."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Answer 200 when requests may be sent here, and 503 with the reason when not."""
    database = database_state()
    others = {name: check() for name, check in current_app.extensions["checks"].items()}
    degraded = any(state != "ok" for state in others.values())
    status = "unavailable" if database != "ok" else "degraded" if degraded else "ok"
    body = {"status": status, "database": database} | others
    return body, 200 if database == "ok" else 503


def database_state() -> str:
    """Return ``ok``, ``unreachable``, or ``not migrated``."""
    # Alembic takes long to import, and only this page needs it.
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        current = MigrationContext.configure(db.session.connection()).get_current_heads()
    except SQLAlchemyError:
        current_app.logger.exception("The database can't be reached.")
        return "unreachable"
    try:
        newest = newest_migrations()
    except CommandError:
        return "not migrated"
    return "ok" if set(current) == newest else "not migrated"


def newest_migrations() -> set[str]:
    """Return the migrations that nothing comes after, as ``migrations/`` has them.

    :raises alembic.util.CommandError: there is no such folder
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = current_app.extensions["migrate"].migrate.get_config()
    return set(ScriptDirectory.from_config(config).get_heads())
