{% if cookiecutter.security %}
"""Who may change the catalogue: administrators and editors."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from flask_security import auth_required, current_user, roles_accepted

P = ParamSpec("P")
R = TypeVar("R")
ROLES = ("admin", "editor")


def may_edit() -> bool:
    """Tell whether the visitor may change the catalogue."""
    return any(current_user.has_role(role) for role in ROLES)


def editors_only(view: Callable[P, R]) -> Callable[P, R]:
    """Let the others log in, or tell them that they are not allowed."""
    guarded = auth_required("session")(roles_accepted(*ROLES)(view))
    return cast("Callable[P, R]", guarded)
{% else %}
"""Who may change the catalogue: in production nobody, since there are no accounts."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app

P = ParamSpec("P")
R = TypeVar("R")


def may_edit() -> bool:
    """Tell whether the visitor may change the catalogue."""
    return bool(current_app.config["APP_ENV"] != "production")


def editors_only(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse those who may not; put your own way to know people here."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not may_edit():
            abort(403)
        return view(*args, **kwargs)

    return guarded
{% endif %}
