"""Languages: which one a visitor reads, and the menu to choose another.

See https://python-babel.github.io/flask-babel/
"""

import re

from babel import Locale, negotiate_locale
from flask import Blueprint, Flask, abort, current_app, has_request_context, redirect, request
from flask_babel import Babel, get_locale
from werkzeug import Response

from ..layout import add_menu
from .preference import prefer_language, preferred_language

# The first one is the default.
LANGUAGES = [
    {% for code in cookiecutter.languages.split(",") %}
    "{{ code | trim }}",
    {% endfor %}
]

babel = Babel()
blueprint = Blueprint("i18n", __name__, template_folder="templates")


def init_app(app: Flask) -> None:
    """Translate the pages, and let visitors choose their language."""
    # Tests read the pages as they are written.
    app.config.setdefault("LANGUAGES", ["en"] if app.testing else LANGUAGES)
    app.config.setdefault("BABEL_DEFAULT_LOCALE", app.config["LANGUAGES"][0])
    babel.init_app(app, locale_selector=select_language)
    app.register_blueprint(blueprint)
    app.context_processor(language_context)
    add_menu(app, "i18n/_menu.html")


def available_languages() -> dict[str, str]:
    """Return the name of each language in that language, by its code."""
    codes = current_app.config["LANGUAGES"]
    return {code: (Locale.parse(code).get_display_name() or code).capitalize() for code in codes}


def select_language() -> str | None:
    """Return what the visitor chose, else what the browser asks for; None is the default."""
    if not has_request_context():
        return None
    languages = current_app.config["LANGUAGES"]
    preferred = preferred_language()
    if preferred in languages:
        return preferred
    wanted = [tag.replace("-", "_") for tag, _quality in request.accept_languages]
    return negotiate_locale(wanted, languages)


def language_context() -> dict[str, object]:
    """Tell the templates how the page is read, and which languages there are."""
    return {
        "text_direction": get_locale().text_direction,
        "languages": available_languages(),
    }


@blueprint.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Remember the language, and go back to the page named by ``next`` on this site."""
    if code not in current_app.config["LANGUAGES"]:
        abort(404)
    prefer_language(code)
    target = request.args.get("next", "/")
    # Browsers read a backslash as a slash, and pass over control characters.
    return redirect(target if re.fullmatch(r"/(?!/)[^\x00-\x20\\]*", target) else "/")
