"""Sessions: what somebody planted before the log-in is worth nothing after it.

Nothing looks into a session before it has to, for what was made with a session is kept by no
cache: not the style sheets either, and no page that is the same for all.
"""

from functools import partial
from typing import Any

from flask import Flask, after_this_request, current_app, g, request, session
from flask_login.signals import session_protected, user_logged_in, user_logged_out
from flask_security import user_authenticated
from flask_security.tf_plugin import tf_clean_session
from werkzeug.local import LocalProxy

from ..config import SLUG


def init_app(app: Flask) -> None:
    """Renew each session when its user logs in, and close the cookies to scripts and others."""
    app.config.setdefault("REMEMBER_COOKIE_NAME", f"{SLUG}_remember_token")
    for name in ("SAMESITE", "SECURE"):
        app.config.setdefault(f"REMEMBER_COOKIE_{name}", app.config[f"SESSION_COOKIE_{name}"])
    user_authenticated.connect(renew, app)
    # Both would look into the session on every request.
    principal = app.extensions["security"].principal
    app.before_request_funcs[None].remove(principal._on_before_request)
    app.before_request(partial(identify_later, principal))
    remember = app.login_manager._update_remember_cookie  # type: ignore[attr-defined]
    app.after_request_funcs[None].remove(remember)
    for signal in (session_protected, user_logged_in, user_logged_out):
        signal.connect(remember_or_forget, app)


def identify_later(principal: object) -> None:
    """Find out who asks, for Flask-Principal, when a view wants to know.

    Flask-Security expects that who sends a token is known before the view is called.
    """
    header = current_app.config["SECURITY_TOKEN_AUTHENTICATION_HEADER"]
    key = current_app.config["SECURITY_TOKEN_AUTHENTICATION_KEY"]
    if header in request.headers or key in request.args or request.is_json:
        identify(principal)
    else:
        g.identity = LocalProxy(partial(identify, principal))


def identify(principal: Any) -> Any:  # noqa: ANN401 what Flask-Principal has
    """Return who asks, and keep it for the rest of the request."""
    principal._on_before_request()
    return g.identity


def remember_or_forget(app: Flask, **_signal: object) -> None:
    """Let Flask-Login set or clear its remember cookie."""
    after_this_request(app.login_manager._update_remember_cookie)  # type: ignore[attr-defined]


def renew(_app: Flask, **_signal: object) -> None:
    """Replace what a planted session could be used for: its CSRF token, and a second step.

    Another account, whose second step was left unfinished, could otherwise get the key of this one.
    """
    tf_clean_session()  # type: ignore[no-untyped-call]
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
