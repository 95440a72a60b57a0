"""The account page and what is done there, and the answers to those who may not see a page."""

from datetime import timedelta
from typing import NoReturn

from blinker import signal
from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue, ResponseValue
from flask_security import auth_required, current_user, logout_user
from flask_security.decorators import default_reauthn_handler, default_unauthn_handler

from ..database import db
from ..pages.errors import is_script
from ..text import gettext as _
from .forms import DeleteForm

blueprint = Blueprint(
    "account",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/account/static",
)

account_deleted = signal("account-deleted")


def freshness() -> timedelta:
    """Return how long ago somebody may have logged in to do what can't be taken back."""
    fresh: timedelta = current_app.config["SECURITY_FRESHNESS"]
    return fresh


@blueprint.get("/account")
@auth_required("session")
def profile() -> str:
    """Show the user who is logged in what is known of them, and how they log in."""
    codes = current_app.extensions["security"].mf_recovery_codes_util
    left = len(codes.get_recovery_codes(current_user))
    return render_template("security/account.html", recovery_codes_left=left)


@blueprint.post("/account/log-out-everywhere")
@auth_required("session")
def log_out_everywhere() -> ResponseReturnValue:
    """End all sessions of the user, and all of their tokens."""
    current_app.extensions["security"].datastore.set_uniquifier(current_user)
    db.session.commit()
    logout_user()
    flash(_("You are logged out everywhere."), "success")
    return redirect(url_for("security.login"))


@blueprint.route("/account/delete", methods=["GET", "POST"])
@auth_required("session", within=freshness)
def delete() -> ResponseReturnValue:
    """Delete the account of the user who is logged in."""
    form = DeleteForm()
    if not form.validate_on_submit():
        return render_template("security/delete_account.html", form=form)
    user = current_user._get_current_object()
    current_app.extensions["security"].datastore.delete_user(user)
    db.session.commit()
    # The object is still there, with what it held.
    account_deleted.send(current_app._get_current_object(), user=user)  # type: ignore[attr-defined]
    logout_user()
    flash(_("Your account is deleted."), "success")
    return redirect(url_for("pages.home"))


def ask_to_log_in(mechanisms: list[str], headers: dict[str, str] | None) -> ResponseValue:
    """Send people to the log-in page, and tell programs that they have to log in."""
    if is_script():
        abort(401)
    response: Response = default_unauthn_handler(mechanisms, headers)  # type: ignore[no-untyped-call]
    return response


def ask_again(within: timedelta, grace: timedelta) -> ResponseValue:
    """Let people prove that it is still them, and tell programs that they have to log in."""
    if is_script():
        abort(401)
    response: Response = default_reauthn_handler(within, grace)  # type: ignore[no-untyped-call]
    return response


def refuse(_function: str, _roles: list[str] | None) -> NoReturn:
    """Tell somebody who is logged in that this is not for them."""
    abort(403)
