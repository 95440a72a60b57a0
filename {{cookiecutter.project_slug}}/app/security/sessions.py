"""Sessions: what somebody planted before the log-in is worth nothing after it."""

from flask import Flask, g, session
from flask_security import UserMixin, current_user, user_authenticated
from flask_security import change_email_confirmed as email_changed
from flask_security.utils import login_user


def init_app(app: Flask) -> None:
    """Renew each session when its user logs in, and close the cookies to scripts and others."""
    for name in ("SAMESITE", "SECURE"):
        app.config.setdefault(f"REMEMBER_COOKIE_{name}", app.config[f"SESSION_COOKIE_{name}"])
    user_authenticated.connect(renew, app)
    email_changed.connect(leave_the_old_address, app)


def renew(_app: Flask, **_signal: object) -> None:
    """Replace the session's CSRF token, which is what a planted session could be used for."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def leave_the_old_address(app: Flask, user: UserMixin, **_signal: object) -> None:
    """Make void what was sent to the address that the user had, such as a link to a password."""
    is_here = current_user == user
    app.extensions["security"].datastore.set_uniquifier(user)
    if is_here:
        login_user(user)
