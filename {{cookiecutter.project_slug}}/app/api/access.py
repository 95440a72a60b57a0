{% if cookiecutter.security %}
"""Who may write through the API: who may edit the content, by session or by token."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g
from flask_security import auth_required, permissions_required
from flask_security.utils import get_request_attr

from ..layout import csrf
from ..security.roles import EDIT

P = ParamSpec("P")
R = TypeVar("R")

SECURITY_SCHEMES = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authentication-Token",
        "description": "Create one on the page of your account.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
}
WRITERS: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]


def writers_only(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for the permission, and for a CSRF token where the browser sent a cookie by itself."""

    @auth_required("token", "session")
    @permissions_required(EDIT)
    def authorized(*args: P.args, **kwargs: P.kwargs) -> R:
        if get_request_attr("fs_authn_via") == "session":
            csrf.protect()
        return view(*args, **kwargs)

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        # Flask-Security would ask clients with a token too.
        g.csrf_valid = True
        return cast("R", authorized(*args, **kwargs))

    return guarded
{% else %}
"""Who may write through the API: whoever sends the bearer token API_TOKEN.

Nobody may while it is not set.
"""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, request
from werkzeug.datastructures import WWWAuthenticate

from ..config import optional_secret

P = ParamSpec("P")
R = TypeVar("R")

SECURITY_SCHEMES = {"token": {"type": "http", "scheme": "bearer"}}
WRITERS: list[dict[str, list[str]]] = [{"token": []}]


def writers_only(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse a request without the token."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        token = optional_secret("API_TOKEN", 32)
        given = request.authorization
        bearer = str(given.token) if given and given.type == "bearer" else ""
        if not (token and hmac.compare_digest(bearer.encode(), token.encode())):
            abort(401, www_authenticate=WWWAuthenticate("bearer"))
        return view(*args, **kwargs)

    return guarded
{% endif %}
