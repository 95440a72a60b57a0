"""The pages that are always there: home, error pages, and health for the load balancer.

A package takes part with a module ``pages.py``, whose ``init_app`` is called.
"""

from flask import Blueprint, Flask, current_app, render_template

from ..discovery import modules_named
from ..layout import Link, add_link
from ..text import lazy_gettext as _l
from . import csrf, errors, health
from .welcome import COMMANDS, FEATURES

blueprint = Blueprint("pages", __name__, template_folder="templates")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)
    add_link(app, Link(_l("Home"), "pages.home"))
    health.init_app(app)
    errors.init_app(app)
    csrf.init_app(app)
    for module in modules_named("pages"):
        module.init_app(app)


@blueprint.get("/")
def home() -> str:
    """Welcome the developer; replace this page by your own."""
    # Some pages are there in debug mode only.
    pages = current_app.view_functions
    return render_template("pages/home.html", features=FEATURES, commands=COMMANDS, pages=pages)
