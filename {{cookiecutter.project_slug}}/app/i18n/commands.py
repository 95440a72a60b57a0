"""``flask translate``: keeps the translations in step with the text.

It does what ``pybabel`` does, the same way each time; see https://babel.pocoo.org/
"""

import os
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from flask import current_app
from flask.cli import AppGroup

from .checks import faults, untranslated
from .files import (
    catalogue_file,
    catalogue_files,
    compiled,
    compiled_file,
    extract,
    language_of,
    merge,
    read,
    write,
)

translate = AppGroup("translate", help="Keep the translations in step with the text.")


@translate.command()
@click.argument("language", required=False)
def init(language: str | None) -> None:
    """Start the catalogue of LANGUAGE; without it, those that LANGUAGES lacks."""
    codes = current_app.config["LANGUAGES"]
    files = [catalogue_file(code) for code in (codes if language is None else [language])]
    missing = [file for file in files if not file.exists()]
    if language and not missing:
        raise click.ClickException(f"{language} has a catalogue already.")
    texts = extract() if missing else Catalog()
    for file in missing:
        comment = "# Translations of the text in this project."
        catalogue = Catalog(language_of(file), header_comment=comment, fuzzy=False)
        merge(catalogue, texts)
        write(file, catalogue)
        show_untranslated(file, catalogue)
    if language and language not in codes:
        click.echo(f'Add "{language}" to LANGUAGES in app/i18n/__init__.py.')


@translate.command()
@click.option("--ignore-obsolete", is_flag=True, help="Forget the translations of gone text.")
def update(*, ignore_obsolete: bool) -> None:
    """Give each catalogue the text of the code.

    The translation of text that is gone stays as a comment, and returns with the text.
    """
    texts = extract()
    for file in catalogue_files():
        catalogue = read(file)
        merge(catalogue, texts)
        if ignore_obsolete:
            catalogue.obsolete.clear()
        write(file, catalogue)
        show_untranslated(file, catalogue)


@translate.command("compile")
def compile_catalogues() -> None:
    """Compile each catalogue to the form that the application reads."""
    for file in catalogue_files():
        catalogue = read(file)
        compiled_file(file).write_bytes(compiled(catalogue))
        show_untranslated(file, catalogue)


@translate.command()
def check() -> None:
    """Fail when a catalogue is wrong, or behind the code.

    Text that is not translated yet is counted, and is no fault.
    """
    texts = extract()
    files = {*catalogue_files(), *map(catalogue_file, current_app.config["LANGUAGES"])}
    found = [(file, fault) for file in sorted(files) for fault in faults(file, texts)]
    for file, fault in found:
        click.echo(f"{language_of(file)}: {fault}")
    for file in catalogue_files():
        show_untranslated(file, read(file))
    if found:
        click.echo("flask translate update and compile mend what is behind the code.")
        raise click.exceptions.Exit(1)


def show_untranslated(file: Path, catalogue: Catalog) -> None:
    """Tell how much of a catalogue is left to translate, if anything."""
    if count := untranslated(catalogue):
        lack = f"{language_of(file)}: {count} of {len(catalogue)} texts are not translated yet"
        click.echo(f"{lack}, in {os.path.relpath(file)}")
