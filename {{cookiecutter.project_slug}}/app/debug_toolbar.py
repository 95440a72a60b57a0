"""The debug toolbar, in debug mode only. See https://flask-debugtoolbar.readthedocs.io"""

from flask import Flask, Response, request

from .headers import relax


def init_app(app: Flask) -> None:
    """Show the toolbar on each page of an application in debug mode."""
    app.config["DEBUG_TB_ENABLED"] = app.debug
    if not app.debug:
        return
    # Imported here, for production has no use for it.
    from flask_debugtoolbar import DebugToolbarExtension  # noqa: PLC0415
    from flask_debugtoolbar.panels import sqlalchemy  # noqa: PLC0415

    app.config.setdefault("DEBUG_TB_INTERCEPT_REDIRECTS", False)
    # Its scripts and styles are inline and carry no nonce.
    inline = "'self' 'unsafe-inline'"
    relax(app, "/", {"script-src": inline, "style-src": inline})
    # Its links to run a query again need an older SQLAlchemy: without a signature there are none.
    sqlalchemy.dump_query = lambda *_query: None
    app.after_request(fold)
    DebugToolbarExtension(app)


def fold(response: Response) -> Response:
    """Show it folded on the first visit, by the cookie that remembers that it was folded."""
    if not request.cookies:
        response.set_cookie("fldt", "hide")
    return response
