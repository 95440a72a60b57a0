"""The account page, and the answers to those who may not see a page."""

from typing import NoReturn

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseValue
from flask_security import auth_required
from flask_security.decorators import default_unauthn_handler

from ..pages.errors import wants_json

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.get("/account")
@auth_required("session")
def profile() -> str:
    """Show the user who is logged in."""
    return render_template("security/account.html")


def ask_to_log_in(mechanisms: list[str], headers: dict[str, str] | None) -> ResponseValue:
    """Send people to the log-in page, and tell programs that they have to log in."""
    if wants_json():
        abort(401)
    response: Response = default_unauthn_handler(mechanisms, headers)  # type: ignore[no-untyped-call]
    return response


def refuse(_function: str, _roles: list[str] | None) -> NoReturn:
    """Tell somebody who is logged in that this is not for them."""
    abort(403)
