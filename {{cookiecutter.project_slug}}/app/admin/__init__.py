"""The admin panel, at ``/admin/``.

A package takes part with a module ``admin.py`` that has a function ``views()``: the
views of its models, each a short class made from ``ProtectedView``.
See https://flask-admin.readthedocs.io
"""

{% if not cookiecutter.i18n %}
from types import SimpleNamespace

{% endif %}
from flask import Blueprint, Flask, g
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from ..discovery import modules_named
from ..headers import relax
from ..layout import Link, add_link
from ..text import lazy_gettext as _l
from .access import shows_link
from .dashboard import ProtectedIndex

blueprint = Blueprint(
    "admin_frame", __name__, static_folder="static", static_url_path="/admin-static"
)
# A template that takes the place of one of the extension extends that one by this prefix.
STOCK = {"flask_admin": PackageLoader("flask_admin", "templates/bootstrap4")}
blueprint.jinja_loader = ChoiceLoader(
    [FileSystemLoader(f"{blueprint.root_path}/templates"), PrefixLoader(STOCK)]
)


def init_app(app: Flask) -> None:
    """Add the panel with the views of all packages."""
    # Registered first, so that its templates win over those of the extension.
    app.register_blueprint(blueprint)
    admin = Admin(
        app,
        name=app.config["APP_NAME"],
        theme=Bootstrap4Theme(base_template="admin/site.html", fluid=True),
        index_view=ProtectedIndex(name=_l("Dashboard")),
        csp_nonce_generator=lambda: g.csp_nonce,
    )
    for module in modules_named("admin"):
        admin.add_views(*module.views())
    # Flask-Admin has inline handlers ("really delete?") and inline styles.
    relax(
        app,
        "/admin/",
        {"script-src-attr": "'unsafe-inline'", "style-src": "'self' 'unsafe-inline'"},
    )
    add_link(app, Link(_l("Admin"), "admin.index", shows_link))
    {% if not cookiecutter.i18n %}
    app.before_request(choose_english)


def choose_english() -> None:
    """Tell Flask-Admin, which asks wherever a package for translations happens to be installed."""
    g._flask_babel = SimpleNamespace(babel_locale="en")
    {% endif %}
