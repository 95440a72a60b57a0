{% if cookiecutter.security %}
"""What a visitor chose: kept with the user, and in the session."""

from contextlib import suppress

from flask import Flask, session
from flask_babel import get_locale, get_timezone
from flask_security import UserMixin, current_user, user_registered
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from ..database import db


@user_registered.connect
def keep_preferences(_app: Flask, user: UserMixin, **_signal: object) -> None:
    """Write to new users as they have read when they registered."""
    user.language = str(get_locale())  # type: ignore[attr-defined]
    user.timezone = str(get_timezone())  # type: ignore[attr-defined]


def preferred(name: str) -> str | None:
    """Return the ``language`` or the ``timezone`` that was chosen, if any."""
    # An error is told, too, when it is who asks that can't be known.
    chosen = None
    with suppress(HTTPException, SQLAlchemyError):
        chosen = getattr(current_user, name, None)
    return chosen or session.get(name)


def prefer(**choices: str) -> None:
    """Remember the ``language``, the ``timezone``, or both."""
    session.update(choices)
    if current_user.is_authenticated:
        for name, choice in choices.items():
            setattr(current_user, name, choice)
        db.session.commit()
{% else %}
"""What a visitor chose, kept in the session."""

from flask import session


def preferred(name: str) -> str | None:
    """Return the ``language`` or the ``timezone`` that was chosen, if any."""
    return session.get(name)


def prefer(**choices: str) -> None:
    """Remember the ``language``, the ``timezone``, or both."""
    session.update(choices)
{% endif %}
