"""The files of the translations: a catalogue for each language, and what it is compiled to."""

import os
from copy import deepcopy
from gettext import c2py
from io import BytesIO
from pathlib import Path, PurePath

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from click import ClickException
from flask import current_app
from flask_babel import get_babel
from jinja2 import TemplateSyntaxError

PLACE = "LC_MESSAGES", "messages.po"  # of a catalogue, below the folder of its language
# Every plural form of every language is used for one of these numbers; the smallest ones come last.
NUMBERS = [10**6, *range(1000, -1, -1)]
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None}


def catalogue_file(code: str) -> Path:
    """Return where the catalogue of a language is, or will be.

    :raises ClickException: there is no such language
    """
    try:
        language = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        reason = f"{code} is no language that Babel knows. Write it like es, pt_BR or zh_Hans."
        raise ClickException(reason) from None
    return folder().joinpath(str(language), *PLACE)


def catalogue_files() -> list[Path]:
    """Return the catalogues that there are."""
    return sorted(folder().glob("*/LC_MESSAGES/messages.po"))


def folder() -> Path:
    """Return the folder of the translations."""
    return Path(get_babel().translation_directories[0])


def language_of(file: Path) -> str:
    """Return the code of the language of a catalogue."""
    return file.parent.parent.name


def extract() -> Catalog:
    """Return all text of the code and the templates, with the files that it stands in.

    :raises ClickException: a template is broken
    """
    root = Path(current_app.root_path).parent
    with (root / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    texts, paths = Catalog(), [""]
    found = extract_from_dir(
        root, methods, options, KEYWORDS, callback=lambda path, *_: paths.append(path)
    )
    try:
        for path, _line, text, _comments, context in found:
            # Without line numbers, a catalogue changes with its texts only.
            places = [(PurePath(path).as_posix(), None)]
            texts.add(text, None, places, context=context)  # type: ignore[arg-type]
    except TemplateSyntaxError as error:
        reason = f"{paths[-1]}, line {error.lineno}: {error.message}"
        raise ClickException(reason) from error
    return texts


def merge(catalogue: Catalog, texts: Catalog) -> None:
    """Give a catalogue exactly these texts; what the others were translated to is kept aside.

    A text that lacks a translation gets the one that has come with it, in ``shipped``.
    """
    for key, message in list(catalogue.obsolete.items()):
        if texts.get(message.id, message.context):
            catalogue[message.id] = catalogue.obsolete.pop(key)
    # A copy, because Babel puts the messages themselves into the catalogue, and these are changed.
    catalogue.update(deepcopy(texts), no_fuzzy_matching=True, update_creation_date=False)
    file = Path(current_app.root_path, "i18n", "shipped", str(catalogue.locale), *PLACE)
    shipped = read(file) if file.exists() else Catalog()
    for message in catalogue:
        same = shipped.get(message.id, message.context)
        if same and not any(message.string or ""):
            message.string = plural_forms(same, shipped, catalogue)
        fill_last_form(message)


def plural_forms(message: Message, source: Catalog, target: Catalog) -> str | tuple[str, ...]:
    """Return a translation with the plural forms of another catalogue of the same language.

    Releases of Babel differ in the number of forms: Spanish had two, and has three since 2.19.
    """
    if not message.pluralizable:
        return str(message.string)
    forms = message.string or ()
    form_in_source, form_in_target = c2py(source.plural_expr), c2py(target.plural_expr)
    chosen = {form_in_target(number): form_in_source(number) for number in NUMBERS}
    return tuple(forms[chosen[form]] for form in range(target.num_plurals))


def fill_last_form(message: Message) -> None:
    """Translate the last plural form like the one before it, if it is the only one missing.

    A catalogue that gets another plural form would show the text of the code for it.
    """
    forms = message.string if message.pluralizable else None
    if forms and all(forms[:-1]) and not forms[-1]:
        message.string = (*forms[:-1], forms[-2])


def read(file: Path) -> Catalog:
    """Read a catalogue.

    :raises ClickException: the file is broken
    """
    place = os.path.relpath(file)
    try:
        with file.open("rb") as stream:
            return read_po(stream, locale=language_of(file), abort_invalid=True)
    except PoFileError as error:
        place += f", line {error.lineno + 1}"
        raise ClickException(f"{place}: {error.line!r} can't be read") from error
    except (LookupError, ValueError) as error:  # of the encoding, or of a date
        raise ClickException(f"{place}: {error}") from error


def write(file: Path, catalogue: Catalog) -> None:
    """Write a catalogue."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(written(catalogue, sort_by_file=True))


def written(catalogue: Catalog, **order: bool) -> bytes:
    """Return what the file of a catalogue holds."""
    stream = BytesIO()
    write_po(stream, catalogue, width=100, include_lineno=False, **order)
    return stream.getvalue()


def compiled_file(file: Path) -> Path:
    """Return where the compiled form of a catalogue is, or will be."""
    return file.with_suffix(".mo")


def compiled(catalogue: Catalog) -> bytes:
    """Return the form of a catalogue that the application reads."""
    stream = BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()
