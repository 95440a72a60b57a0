"""Sessions: what somebody planted before the log-in is worth nothing after it."""

from flask import Flask, g, session
from flask_security import user_authenticated


def init_app(app: Flask) -> None:
    """Renew each session when its user logs in, and close the cookies to scripts and others."""
    for name in ("SAMESITE", "SECURE"):
        app.config.setdefault(f"REMEMBER_COOKIE_{name}", app.config[f"SESSION_COOKIE_{name}"])
    user_authenticated.connect(renew, app)


def renew(_app: Flask, **_signal: object) -> None:
    """Replace the session's CSRF token, which is what a planted session could be used for."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
