"""What all pages share: Bootstrap, CSRF protection, the navigation and the text functions.

See https://bootstrap-flask.readthedocs.io and https://flask-wtf.readthedocs.io
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect

from .text import (
    format_currency,
    format_date,
    format_datetime,
    format_json,
    format_number,
    format_time,
    language,
)

bootstrap = Bootstrap5()
csrf = CSRFProtect()


def always() -> bool:
    """Show it to everybody."""
    return True


@dataclass(frozen=True)
class Link:
    """A link in the navigation bar, shown when ``shown`` says so."""

    label: str
    endpoint: str
    shown: Callable[[], bool] = always


@dataclass
class Layout:
    """The links of the navigation bar, and templates: of menus at its end, and in the head."""

    links: list[Link] = field(default_factory=list)
    menus: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)


def init_app(app: Flask) -> None:
    """Set up what ``base.html`` needs."""
    app.config.setdefault("BOOTSTRAP_SERVE_LOCAL", True)
    bootstrap.init_app(app)
    # Templates mark their text with _() whether or not it is translated.
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    layout = Layout()
    app.extensions["layout"] = layout
    add_menu(app, "_theme.html")
    app.jinja_env.globals.update(
        bootstrap_css=bootstrap.load_css,
        format_currency=format_currency,
        format_date=format_date,
        format_datetime=format_datetime,
        format_json=format_json,
        format_number=format_number,
        format_time=format_time,
        language=language,
        layout=layout,
        text_direction="ltr",
    )


def add_link(app: Flask, link: Link) -> None:
    """Add a link to the navigation bar of every page."""
    app.extensions["layout"].links.append(link)


def add_menu(app: Flask, template: str) -> None:
    """Add a template, the items of a list, at the end of the navigation bar."""
    app.extensions["layout"].menus.append(template)


def add_head(app: Flask, template: str) -> None:
    """Add a template, such as of links, to the head of every page."""
    app.extensions["layout"].heads.append(template)
