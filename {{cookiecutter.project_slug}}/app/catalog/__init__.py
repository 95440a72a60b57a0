"""A sample to learn from: products in categories.

It has the parts that most of your own packages will have. ``README.md`` tells how to copy
its shape, and how to remove it.
"""

from flask import Flask

from .. import layout, seed
from ..text import lazy_gettext as _l
from .models import seed_catalog
from .views import blueprint


def init_app(app: Flask) -> None:
    """Add the pages of the catalogue."""
    app.register_blueprint(blueprint)
    layout.add_link(app, layout.Link(_l("Products"), "catalog.products"))
    layout.add_link(app, layout.Link(_l("Categories"), "catalog.categories"))
    seed.add(app, seed_catalog)
