"""Bring the shipped translations up to date with the text of the template.

    python bin/catalogues.py [--check] [LANGUAGE ...]

Renders the template with everything on, and with everything but one feature, for some text is
only there without another feature; extracts the text of all these projects, and updates
app/translations/<LANGUAGE>/LC_MESSAGES/messages.po in the template for each language given, or
for each that is there; a new one is started. Each message keeps the files that it stands in, by
which the hook leaves a project only the messages that it needs. Ends with the messages that lack
a translation or have a wrong one, and with 1 when there are any.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).resolve().parent.parent
PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
TRANSLATIONS = PROJECT / "app" / "translations"
# Its text is the manifest's: it goes with the feature that it speaks of, though the page stays.
WELCOME = "app/pages/welcome.py"
Text = tuple[str, Any, str | None]  # the file, the message with its plural if it has one, and the context
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None}


def main(arguments: list[str]) -> int:
    """Update the catalogues, or check that this would change nothing; return 1 when something is amiss."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a catalogue is out of date")
    options = parser.parse_args(arguments)
    template = extract()
    amiss = 0
    for language in options.languages or sorted(path.name for path in TRANSLATIONS.iterdir()):
        file = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
        catalogue = updated(file, language, template)
        found = list(faults(catalogue))
        text = written(catalogue)
        if not options.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
        elif not file.exists() or file.read_bytes() != text:
            found.append("out of date: run bin/catalogues.py")
        amiss += len(found)
        for fault in found:
            print(f"{language}: {fault}")
    print(f"{amiss} messages lack a translation, have a wrong one, or are out of date.")
    return 1 if amiss else 0


def faults(catalogue: Catalog) -> Iterator[str]:
    """Yield what is amiss with the translations of a catalogue."""
    for message in catalogue:
        if message.id and (message.fuzzy or not all(translations(message.string))):
            yield repr(message.id)
        elif message.id:
            yield from (f"{message.id!r}: {error}" for error in message.check(catalogue))


def translations(string: str | Sequence[str] | None) -> Sequence[str]:
    """Return the forms of a translation, of which most have one."""
    return [string or ""] if string is None or isinstance(string, str) else string


def features() -> dict[str, Any]:
    """Return the manifest's features."""
    manifest: dict[str, dict[str, Any]] = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
    return manifest["_features"]


def owners() -> dict[str, str]:
    """Return, for each text of the welcome page, a file of the feature that it speaks of."""
    return {
        text: feature["files"][0]
        for feature in features().values()
        for text in (feature["title"], feature["summary"], *feature["commands"].values())
    }


def answers() -> Iterator[dict[str, bool]]:
    """Yield the answers that, between them, make all text appear that is translated."""
    everything = dict.fromkeys(features(), True)
    yield everything
    for name in (name for name in everything if name != "i18n"):
        yield everything | {name: False}


def extract() -> Catalog:
    """Return all text of the template, with the files that it stands in."""
    template = Catalog(fuzzy=False)
    with ProcessPoolExecutor() as pool:
        for path, message, context in chain.from_iterable(pool.map(extract_from, answers())):
            # Without line numbers, a catalogue changes with its texts only.
            template.add(message, None, [(path, None)], context=context)  # type: ignore[list-item]
    return template


def extract_from(chosen: dict[str, bool]) -> list[Text]:
    """Return the text of a project with these answers."""
    os.environ["FLASK_FOUNDRY_SETUP"] = "none"
    spoken_of = owners()
    with tempfile.TemporaryDirectory() as folder:
        context = {"setup": False, **chosen}
        project = Path(cookiecutter(str(TEMPLATE), no_input=True, extra_context=context, output_dir=folder))
        return [
            (spoken_of.get(str(message), path) if path == WELCOME else path, message, context)
            for path, message, context in texts(project)
        ]


def texts(project: Path) -> Iterator[Text]:
    """Yield the text of a project."""
    methods, options = mapping(project)
    for path, _line, message, _comments, context in extract_from_dir(project, methods, options, keywords=KEYWORDS):
        yield path, message, context


def mapping(project: Path) -> tuple[Any, Any]:
    """Return how the project's text is read, by its babel.cfg."""
    with (project / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    for option in options.values():
        option["extensions"] = option.get("extensions", "").replace(" ", "")
    return methods, options


def updated(file: Path, language: str, template: Catalog) -> Catalog:
    """Return the catalogue of a language with the messages of the template."""
    if file.exists():
        with file.open("rb") as stream:
            catalogue = read_po(stream, locale=language)
    else:
        catalogue = Catalog(locale=language, fuzzy=False)
    template.creation_date = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = "# Translations of the text in this project."
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Return what the file of the catalogue holds."""
    stream = BytesIO()
    write_po(stream, catalogue, width=100, omit_header=False, sort_by_file=True, include_lineno=False)
    return stream.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
