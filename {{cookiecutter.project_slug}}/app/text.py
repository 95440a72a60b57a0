"""The functions that translate the text in Python code."""

{% if cookiecutter.i18n %}
from contextlib import AbstractContextManager, nullcontext
from typing import cast

from flask import current_app
from flask_babel import force_locale, get_locale, gettext, ngettext
from flask_babel import lazy_gettext as translate_later

__all__ = ["gettext", "in_language", "language", "lazy_gettext", "ngettext"]


def language() -> str:
    """Return the code of the language that the page is in, such as ``pt-BR``."""
    return str(get_locale()).replace("_", "-")


def in_language(code: str | None) -> AbstractContextManager[None]:
    """Translate into this language meanwhile, if it is one of the application's."""
    return force_locale(code) if code in current_app.config["LANGUAGES"] else nullcontext()


def lazy_gettext(message: str, **variables: object) -> str:
    """Return text that is translated when it is shown; for text outside a request."""
    return cast("str", translate_later(message, **variables))
{% else %}
from contextlib import AbstractContextManager, nullcontext


def language() -> str:
    """Return the code of the language that the pages are in."""
    return "en"


def in_language(_code: str | None) -> AbstractContextManager[None]:
    """Change nothing: there is one language."""
    return nullcontext()


def gettext(message: str, **variables: object) -> str:
    """Return the message with its ``%(name)s`` places filled."""
    return message % variables if variables else message


def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
    """Return the form of the message that fits the number, with its places filled."""
    return gettext(singular if num == 1 else plural, num=num, **variables)


lazy_gettext = gettext
{% endif %}
