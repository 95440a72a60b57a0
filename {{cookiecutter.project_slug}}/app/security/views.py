"""The account page."""

from flask import Blueprint, render_template
from flask_security import auth_required

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.get("/account")
@auth_required("session")
def profile() -> str:
    """Show the user who is logged in."""
    return render_template("security/account.html")
