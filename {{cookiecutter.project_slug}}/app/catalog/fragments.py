"""Parts of pages that are drawn on their own."""

from flask import render_template
from markupsafe import Markup

from .queries import count_products


def render_categories(language: str) -> Markup:  # noqa: ARG001 names what was drawn
    """Return the list of categories, in the language of the page."""
    return Markup(render_template("catalog/_categories.html", counts=count_products()))  # noqa: S704 it was escaped by the template
