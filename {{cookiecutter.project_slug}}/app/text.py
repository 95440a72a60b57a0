"""The functions that translate the text in Python code."""

{% if cookiecutter.i18n %}
from typing import cast

from flask_babel import get_locale, gettext, ngettext
from flask_babel import lazy_gettext as translate_later

__all__ = ["gettext", "language", "lazy_gettext", "ngettext"]


def language() -> str:
    """Return the code of the language that the page is in, such as ``pt-BR``."""
    return str(get_locale()).replace("_", "-")


def lazy_gettext(message: str, **variables: object) -> str:
    """Return text that is translated when it is shown; for text outside a request."""
    return cast("str", translate_later(message, **variables))
{% else %}

def language() -> str:
    """Return the code of the language that the pages are in."""
    return "en"


def gettext(message: str, **variables: object) -> str:
    """Return the message with its ``%(name)s`` places filled."""
    return message % variables if variables else message


def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
    """Return the form of the message that fits the number, with its places filled."""
    return gettext(singular if num == 1 else plural, num=num, **variables)


lazy_gettext = gettext
{% endif %}
