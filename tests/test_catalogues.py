"""The translations that projects start with."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from catalogues import TRANSLATIONS, faults, texts, translations, updated
from conftest import Bake
from foundry.manifest import ALL, TEMPLATE, Combination, combine

SHIPPED = sorted(path.name for path in TRANSLATIONS.iterdir())
CHOSEN = SHIPPED[:2]


def test_the_shipped_catalogues_are_complete_and_up_to_date() -> None:
    command = [sys.executable, "bin/catalogues.py", "--check"]
    done = subprocess.run(command, cwd=TEMPLATE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("combination", [ALL, combine(["i18n"]), combine(["admin", "i18n"])], ids=str)
def test_a_project_has_all_of_its_text_in_the_chosen_languages_and_no_other(
    combination: Combination, bake: Bake
) -> None:
    project = bake(**combination.answers, languages=", ".join(CHOSEN)).path
    assert sorted(path.name for path in project.glob("app/translations/*")) == CHOSEN
    wanted = {(message if isinstance(message, str) else message[0]) for _, message, _ in texts(project)}
    assert wanted
    for language in CHOSEN:
        with (project / "app" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        lacking = {text for text in wanted if text not in catalogue or not all(translations(catalogue[text].string))}
        assert not lacking, language


@pytest.mark.parametrize(
    ("translation", "flags", "fault"),
    [
        ("", [], "'Hello %(name)s'"),
        ("Hallo %(name)s", ["fuzzy"], "'Hello %(name)s'"),
        ("Hallo %(naam)s", [], "'Hello %(name)s': unknown named placeholder 'naam'"),
        ("Hallo %(name)s", [], None),
    ],
)
def test_a_translation_that_is_missing_or_wrong_is_told(translation: str, flags: list[str], fault: str | None) -> None:
    catalogue = Catalog("nl")
    catalogue.add("Hello %(name)s", translation, flags=flags)
    assert list(faults(catalogue)) == ([fault] if fault else [])


def test_another_language_is_started_with_all_text(tmp_path: Path) -> None:
    template = Catalog()
    template.add(("%(num)s word", "%(num)s words"))
    catalogue = updated(tmp_path / "messages.po", "pl", template)
    assert list(faults(catalogue)) == ["('%(num)s word', '%(num)s words')"]
    assert catalogue.num_plurals == 3
