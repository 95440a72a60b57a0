"""Languages: which one a visitor reads, the menu to choose another, and the time zone.

See https://python-babel.github.io/flask-babel/
"""

from typing import TYPE_CHECKING, cast

from babel import Locale
from environs import validate
from flask import Flask
from flask_babel import Babel
from pytz import common_timezones
from werkzeug.local import LocalProxy

from ..config import env
from ..layout import add_head, add_menu
from . import catalogues, selection, views

if TYPE_CHECKING:
    from click import Command

# The first one is the default.
LANGUAGES = [
    {% for code in cookiecutter.languages.split(",") %}
    "{{ code | trim }}",
    {% endfor %}
]

babel = Babel()


def init_app(app: Flask) -> None:
    """Translate the pages, and let visitors choose their language and time zone."""
    # Tests read the pages as they are written.
    languages = app.config.get("LANGUAGES", ["en"] if app.testing else LANGUAGES)
    # As Babel writes them, which takes zh_TW for zh_Hant_TW.
    app.config["LANGUAGES"] = [str(Locale.parse(code)) for code in languages]
    app.config.setdefault("BABEL_DEFAULT_LOCALE", app.config["LANGUAGES"][0])
    known = validate.OneOf(common_timezones, error="{input} is none, such as Europe/Berlin is")
    zone = env.str("BABEL_DEFAULT_TIMEZONE", "UTC", validate=known)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", zone)
    babel.init_app(
        app,
        locale_selector=selection.select_language,
        timezone_selector=selection.select_timezone,
    )
    catalogues.connect()
    app.register_blueprint(views.blueprint)
    app.context_processor(selection.template_context)
    app.after_request(selection.add_headers)
    add_head(app, "i18n/_alternates.html")
    add_menu(app, "i18n/_menu.html")
    # Babel's tools take long to import, so that they wait until "flask translate" is called.
    app.cli.add_command(cast("Command", LocalProxy(load_commands)), "translate")


def load_commands() -> "Command":
    """Return the commands of ``flask translate``."""
    from .commands import translate  # noqa: PLC0415

    return translate
