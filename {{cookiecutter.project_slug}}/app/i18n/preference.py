{% if cookiecutter.security %}
"""The language that a visitor chose: kept with the user, and in the session."""

from flask import session
from flask_security import current_user

from ..database import db


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
