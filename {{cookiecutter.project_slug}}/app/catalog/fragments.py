"""Parts of pages that are drawn on their own."""

from flask import render_template
from markupsafe import Markup

from .queries import count_products


def render_categories(language: str) -> Markup:
    """Return the list of categories, in the language of the page."""
    html = render_template("catalog/_categories.html", counts=count_products())
    return Markup(html)  # noqa: S704 the template has escaped what needs it
