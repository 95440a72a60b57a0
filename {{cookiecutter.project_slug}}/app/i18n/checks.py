"""What ``flask translate check`` looks for."""

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from gettext import c2py
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo

from .files import compiled, compiled_file, language_of, merge, read, written

SOURCE = "en"  # the language of the code, whose text needs no translation
NUMBER = "num"  # the placeholder of the number that a plural is chosen by


def untranslated(catalogue: Catalog) -> int:
    """Return how many texts lack a translation."""
    if catalogue.locale and catalogue.locale.language == SOURCE:
        return 0
    return sum(not all(parts(message.string)) for message in messages(catalogue))


def messages(catalogue: Catalog) -> list[Message]:
    """Return the messages of a catalogue, without its header."""
    return [message for message in catalogue if message.id]


def parts(text: str | Sequence[str] | None) -> Sequence[str]:
    """Return the forms of a text, which has several where there is a number."""
    return [text or ""] if text is None or isinstance(text, str) else text


def faults(file: Path, texts: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue, which may be missing."""
    if not file.exists():
        yield f"there is no catalogue: flask translate init {language_of(file)} starts it"
        return
    catalogue = read(file)
    yield from changes(file, texts)
    if catalogue.fuzzy:
        yield "the header is marked as fuzzy"
    single = single_forms(catalogue)
    for message in messages(catalogue):
        yield from faults_of(message, single)
    if not is_compiled(file, catalogue):
        yield "the catalogue is not compiled as it is now"


def changes(file: Path, texts: Catalog) -> Iterator[str]:
    """Yield what ``flask translate update`` would change; the order and the line breaks are free."""
    catalogue, updated = read(file), read(file)
    merge(updated, texts)
    lacking = [text for text in messages(updated) if not catalogue.get(text.id, text.context)]
    gone = [text for text in messages(catalogue) if not updated.get(text.id, text.context)]
    yield from (f"{text.id!r} is missing" for text in lacking)
    yield from (f"{text.id!r} is no longer in the code" for text in gone)
    same = written(catalogue, sort_output=True) == written(updated, sort_output=True)
    if not (same or lacking or gone):
        yield "the catalogue is out of date"


def faults_of(message: Message, single: set[int]) -> Iterator[str]:
    """Yield what is wrong with a message.

    :param single: the plural forms that stand for one number each, and need not repeat it
    """
    if message.fuzzy:
        yield f"{message.id!r} is marked as fuzzy"
    for index, form in enumerate(parts(message.string)):
        optional = {NUMBER} if message.pluralizable and index in single else set()
        if form and not fits(form, parts(message.id), optional):
            yield f"{form!r} has other placeholders than {message.id!r}"


def fits(form: str, texts: Sequence[str], optional: set[str]) -> bool:
    """Tell whether a translation can be filled in where its text, or either form of it, can be."""
    try:
        known = [placeholders(text) for text in texts]
    except (TypeError, ValueError):
        return True  # nothing is filled into the text either
    with suppress(TypeError, ValueError):
        return known[-1] - optional <= placeholders(form) <= set().union(*known)
    return False


def placeholders(text: str) -> set[str]:
    """Return the names that are filled into a text.

    :raises TypeError, ValueError: nothing can be
    """
    names = Names()
    text % names
    return set(names)


class Names(dict[str, int]):
    """Remembers what it is asked for."""

    def __missing__(self, name: str) -> int:
        """Return something that fits any placeholder."""
        return self.setdefault(name, 0)


def single_forms(catalogue: Catalog) -> set[int]:
    """Return the plural forms that stand for one number each, as that of English for 1 does."""
    form_of = c2py(catalogue.plural_expr)
    numbers = Counter(map(form_of, range(1000)))
    return {form for form, count in numbers.items() if count == 1}


def is_compiled(file: Path, catalogue: Catalog) -> bool:
    """Tell whether the compiled catalogue says the same, whichever Babel wrote it."""
    try:
        with compiled_file(file).open("rb") as stream:
            found = read_mo(stream)
    except (OSError, ValueError, struct.error):  # missing, or broken
        return False
    return found.is_identical(read_mo(BytesIO(compiled(catalogue))))
