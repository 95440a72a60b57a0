{% if cookiecutter.security %}
"""Who may change the catalogue: whoever may edit the content."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from flask_security import auth_required, current_user, permissions_required

from ..security.roles import EDIT

P = ParamSpec("P")
R = TypeVar("R")


def may_edit() -> bool:
    """Tell whether the visitor may change the catalogue."""
    return bool(current_user.is_authenticated and current_user.has_permission(EDIT))


def editors_only(view: Callable[P, R]) -> Callable[P, R]:
    """Let the others log in, or tell them that they are not allowed."""
    guarded = auth_required("session")(permissions_required(EDIT)(view))
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
