{% if cookiecutter.security %}
"""Who may use the admin panel: users with the role ``admin``."""

from flask import Blueprint, Flask, abort, redirect, request
from flask_security import current_user, url_for_security
from werkzeug import Response

from ..pages.errors import is_script


def may_administrate() -> bool:
    """Tell whether the visitor is an administrator."""
    return bool(current_user.has_role("admin"))


shows_link = may_administrate


def limit_attempts(_app: Flask, _blueprint: Blueprint) -> None:
    """Do nothing: the log-in form is limited already."""


def ask_to_log_in() -> Response:
    """Send visitors to the log-in page; refuse scripts, and users who are no administrators."""
    if current_user.is_authenticated:
        abort(403)
    if is_script():
        abort(401)
    return redirect(url_for_security("login", next=request.root_path + request.full_path))


def administrator() -> str:
    """Return the address of the administrator who is logged in."""
    return str(current_user.email)


def log_out_url() -> str | None:
    """Return where a form that logs out is sent."""
    return str(url_for_security("logout"))
{% else %}
"""Who may use the admin panel: whoever knows ADMIN_USERNAME and ADMIN_PASSWORD.

The panel is closed to everybody while either of them is not set.
"""

import hmac

from flask import Blueprint, Flask, request
from werkzeug import Response

from ..config import env, optional_secret
from ..limits import address, limiter
from ..text import gettext as _


def may_administrate() -> bool:
    """Tell whether the request has the right name and password (HTTP Basic)."""
    name, password = env.str("ADMIN_USERNAME", ""), optional_secret("ADMIN_PASSWORD", 12)
    given = request.authorization
    if not (name and password and given and given.type == "basic"):
        return False
    # Both are compared, in constant time, so that the time tells nothing about either.
    same_name = hmac.compare_digest(str(given.username).encode(), name.encode())
    same_password = hmac.compare_digest(str(given.password).encode(), password.encode())
    return same_name and same_password


def limit_attempts(app: Flask, blueprint: Blueprint) -> None:
    """Count the wrong passwords of each network, and refuse all passwords after too many.

    If right ones were let in meanwhile, their answers would still tell them apart. Requests
    without a password are neither counted nor refused.
    """
    optional_secret("ADMIN_PASSWORD", 12)  # an invalid one ends the start, and not each request
    app.config.setdefault("ADMIN_GUESSES_LIMIT", "10 per 10 minutes")
    count = limiter(app).shared_limit(
        app.config["ADMIN_GUESSES_LIMIT"],
        scope="guesses of the password",
        key_func=address,
        exempt_when=lambda: getattr(request.authorization, "type", None) != "basic",
        deduct_when=lambda _response: not may_administrate(),
    )
    count(blueprint)


def shows_link() -> bool:
    """Tell whether the panel is open to anybody at all."""
    return bool(env.str("ADMIN_USERNAME", "") and env.str("ADMIN_PASSWORD", ""))


def ask_to_log_in() -> Response:
    """Make the browser ask for the name and the password."""
    return Response(
        _("The admin panel asks for a name and a password."),
        401,
        {"WWW-Authenticate": 'Basic realm="admin", charset="UTF-8"'},
    )


def administrator() -> str:
    """Return the name of the administrator."""
    return env.str("ADMIN_USERNAME")


def log_out_url() -> str | None:
    """Return None: browsers keep the name and the password until they are closed."""
    return None
{% endif %}
