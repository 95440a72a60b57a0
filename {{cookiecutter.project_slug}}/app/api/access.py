{% if cookiecutter.security %}
"""Who may use the API: who may edit the content may write, by session or by token.

If a request has both, the token decides: who the user is, what they may, and how they are counted.

Everybody may read, unless API_PUBLIC is off: then who has logged in, or sends a token.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Blueprint, Flask, Response, current_app, g, request
from flask_security import auth_required, current_user, permissions_required
from flask_security.utils import get_request_attr

from ..config import SESSION_COOKIE
from ..layout import csrf
from ..limits import address
from ..security.roles import EDIT

P = ParamSpec("P")
R = TypeVar("R")
HEADER = "Authentication-Token"

SECURITY_SCHEMES = {
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": HEADER,
        "description": "Create one on the page of your account.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
}
WRITERS: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]


def users_only(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for a token, or a session."""
    return cast("Callable[P, R]", auth_required("token", "session")(view))


def guard(app: Flask, blueprint: Blueprint) -> None:
    """Let the token of a request decide who the user is."""
    app.url_value_preprocessors.setdefault(blueprint.name, []).append(identify)


def identify(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Make the user of the token the current user, or nobody, before the session is looked into."""
    if request.headers.get(HEADER):
        manager = current_app.login_manager  # type: ignore[attr-defined]
        manager._update_request_context_with_user(manager.request_callback(request))


def client() -> str:
    """Return whose requests are counted together: a token's, a user's, or those of a network.

    A token can be written in many ways, and has one row.
    """
    if not current_user.is_authenticated:
        return address()
    return f"token {g.token_id}" if "token_id" in g else f"user {current_user.id}"


def writers_only(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for the permission, and for a CSRF token where the browser sent a cookie by itself."""

    @users_only
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
"""Who may use the API: whoever sends the bearer token API_TOKEN may write.

Nobody may while it is not set. Everybody may read, unless API_PUBLIC is off.
"""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.datastructures import WWWAuthenticate

from ..config import optional_secret
from ..limits import address, limiter

P = ParamSpec("P")
R = TypeVar("R")

HEADER = "Authorization"

SECURITY_SCHEMES = {"token": {"type": "http", "scheme": "bearer"}}
WRITERS: list[dict[str, list[str]]] = [{"token": []}]


def has_token() -> bool:
    """Tell whether the request carries the token."""
    token = optional_secret("API_TOKEN", 32)
    given = request.authorization
    bearer = str(given.token) if given and given.type == "bearer" else ""
    return bool(token and hmac.compare_digest(bearer.encode(), token.encode()))


def client() -> str:
    """Return whose requests are counted together: the token's, or those of a network."""
    return "token" if has_token() else address()


def guard(app: Flask, blueprint: Blueprint) -> None:
    """Count the wrong tokens of each network, and refuse all tokens after too many.

    If right ones were let in meanwhile, their answers would still tell them apart. Requests
    without a token are neither counted nor refused.
    """
    optional_secret("API_TOKEN", 32)  # an invalid one ends the start, and not each request
    # In seconds, for limits by shorter units are checked first, and the first that is exceeded
    # ends the checks: API_LIMIT would, for wrong tokens only.
    app.config.setdefault("API_GUESSES_LIMIT", "10 per 600 seconds")
    count = limiter(app).shared_limit(
        app.config["API_GUESSES_LIMIT"],
        scope="guesses of the token",
        key_func=address,
        exempt_when=lambda: getattr(request.authorization, "type", None) != "bearer",
        deduct_when=lambda _response: not has_token(),
    )
    count(blueprint)


def writers_only(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse a request without the token."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not has_token():
            abort(401, www_authenticate=WWWAuthenticate("bearer"))
        return view(*args, **kwargs)

    return guarded


users_only = writers_only
{% endif %}


# Some reads need no token, and a document of the API says both.
READERS: list[dict[str, list[str]]] = [{}, *WRITERS]


def readers_only(view: Callable[P, R]) -> Callable[P, R]:
    """Let everybody read, or only those who may know what is here."""
    closed = users_only(view)

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        allowed = view if current_app.config["API_PUBLIC"] else closed
        return allowed(*args, **kwargs)

    return guarded


def forbid_storing(response: Response) -> Response:
    """Keep out of caches what a client with a token sees, and others may not."""
    if HEADER in request.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
