"""The debug toolbar, in debug mode only. See https://flask-debugtoolbar.readthedocs.io"""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Config, Flask, Response, request
from flask.sessions import SessionMixin
from sqlalchemy import CursorResult, Engine

from .database import db
from .headers import relax

# Without those that show the settings, the session, cookies and the values of forms: all of these
# hold secrets, and pages end up in caches, screenshots and bug reports.
PANELS = [
    "versions.VersionDebugPanel",
    "timer.TimerDebugPanel",
    "headers.HeaderDebugPanel",
    "template.TemplateDebugPanel",
    "sqlalchemy.SQLAlchemyDebugPanel",
    "logger.LoggingPanel",
    "route_list.RouteListDebugPanel",
    "profiler.ProfilerDebugPanel",
]


def init_app(app: Flask) -> None:
    """Show the toolbar on each page of an application in debug mode."""
    app.config["DEBUG_TB_ENABLED"] = app.debug
    if not app.debug:
        return
    # Imported here, for production has no use for it.
    from flask_debugtoolbar import DebugToolbarExtension  # noqa: PLC0415

    app.config.setdefault("DEBUG_TB_INTERCEPT_REDIRECTS", False)
    panels = [f"flask_debugtoolbar.panels.{name}" for name in PANELS]
    app.config.setdefault("DEBUG_TB_PANELS", panels)
    # Its scripts and styles are inline and carry no nonce.
    inline = "'self' 'unsafe-inline'"
    relax(app, "/", {"script-src": inline, "style-src": inline})
    # Its links to run or explain a query ask for what SQLAlchemy 2 no longer has.
    Engine.execute = run_again  # type: ignore[attr-defined]
    # Fragments of pages have no place for it.
    warnings.filterwarnings("ignore", "Could not insert debug toolbar")
    app.after_request(fold)
    toolbar = DebugToolbarExtension()
    filters = toolbar.jinja_env.filters
    filters["printable"] = partial(printable, filters["printable"])
    process = toolbar.process_view
    # It calls views itself, and forgets those that are async.
    toolbar.process_view = lambda app, view_func, view_kwargs: (  # type: ignore[method-assign]
        process(app, app.ensure_sync(view_func), view_kwargs)
    )
    toolbar.init_app(app)


def printable(show: Callable[[object], str], value: object) -> str:
    """Return a value of a template's context; the settings and the session hold secrets."""
    return "(hidden)" if isinstance(value, Config | SessionMixin) else show(value)


def run_again(_engine: Engine, statement: str, rows: list[Any]) -> CursorResult[Any]:
    """Run a query that the toolbar has signed, with the values of its one row."""
    values = tuple(rows[0]) if isinstance(rows[0], list) else rows[0]
    return db.session.connection().exec_driver_sql(statement, values)


def fold(response: Response) -> Response:
    """Show it folded on the first visit, by the cookie that remembers that it was folded."""
    if not request.cookies:
        response.set_cookie("fldt", "hide")
    return response
