"""Parts of pages that are drawn on their own."""

from flask import render_template

from .queries import count_products


def render_categories(language: str) -> str:
    """Return the list of categories, in the language of the page."""
    return render_template("catalog/_categories.html", counts=count_products())
