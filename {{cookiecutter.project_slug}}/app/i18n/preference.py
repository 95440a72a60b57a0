{% if cookiecutter.security %}
"""The language that a visitor chose: kept with the user, and in the session."""

from flask import Flask, session
from flask_babel import get_locale
from flask_security import UserMixin, current_user, user_registered

from ..database import db


@user_registered.connect
def keep_language(_app: Flask, user: UserMixin, **_signal: object) -> None:
    """Write to new users in the language in which they have registered."""
    user.language = str(get_locale())  # type: ignore[attr-defined]


def preferred_language() -> str | None:
    """Return the code that was chosen, if any."""
    return getattr(current_user, "language", None) or session.get("language")


def prefer_language(code: str) -> None:
    """Remember the code."""
    session["language"] = code
    if current_user.is_authenticated:
        current_user.language = code
        db.session.commit()
{% else %}
"""The language that a visitor chose, kept in the session."""

from flask import session


def preferred_language() -> str | None:
    """Return the code that was chosen, if any."""
    return session.get("language")


def prefer_language(code: str) -> None:
    """Remember the code."""
    session["language"] = code
{% endif %}
