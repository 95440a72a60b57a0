"""Looks a message up in the application's catalogue, then in that of the extension which says it.

The catalogues of the extensions have gaps, and the names of some have a region (``zh_Hans_CN``).
Here a message of theirs is translated, and can be worded anew, in ``app/translations/``.
"""

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask import current_app
from flask_babel import Domain, get_babel, get_locale
from flask_babel import lazy_ngettext as ngettext
from flask_wtf import FlaskForm
from wtforms.i18n import messages_path

from ..text import lazy_gettext as _l

# What the catalogues of WTForms lack in some languages.
WORDS = [
    _l("'%(value)s' is not a valid choice for this field."),
    _l("Choices cannot be None."),
    ngettext(
        "Field must be exactly %(max)d character long.",
        "Field must be exactly %(max)d characters long.",
        1,
    ),
    _l("Not a valid time value."),
    _l("Not a valid week value."),
    _l("This field cannot be edited."),
    _l("This field is disabled and cannot have a value."),
]


def connect() -> None:
    """Let the extensions look their messages up here."""
    Domain.get_translations = find_translations
    # Flask-WTF is the one without a domain.
    words = Domain(messages_path(), "wtforms")
    FlaskForm.Meta.get_translations = lambda _meta, _form: words.get_translations()


def find_translations(domain: Domain) -> NullTranslations:
    """Return the messages of a domain in the language of the page."""
    if not current_app:
        return NullTranslations()
    own = get_babel().translation_directories[0]
    theirs = tuple(domain.translation_directories)
    return read(own, theirs, domain.domain[0], str(get_locale()))


@cache
def read(own: str, theirs: tuple[str, ...], domain: str, language: str) -> NullTranslations:
    """Read the application's catalogue, and those of an extension to fall back on."""
    translations = Translations.load(own, [language])
    for folder in theirs:
        names = sorted(path.name for path in Path(folder).glob(f"{language}_*"))
        translations.add_fallback(Translations.load(folder, [language, *names], domain))
    return translations
