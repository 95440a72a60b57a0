"""The commands that keep the translations in step with the text."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.frontend import parse_mapping_cfg
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from jinja2.ext import InternationalizationExtension
from werkzeug.utils import import_string

from app.text import gettext, ngettext

CONFIGURATION = Path(__file__).parent.parent / "babel.cfg"
CODE = """\
from app.text import gettext as _, lazy_gettext as _l, ngettext

TITLE = _l("Title")


def greet(name: str, count: int) -> str:
    return _("Hello %(name)s") + ngettext("%(num)s word", "%(num)s words", count)
"""
PAGE = "{" + "{ _('Page') }" + "}"
BROKEN = "\n{" + "% if %}"
SPANISH = {"Title": "Título", "Hello %(name)s": "Hola, %(name)s", "Page": "Página"}
# Spanish has as many plural forms as the installed Babel says: the first one is for 1.
WORDS = {"0": "Una palabra"}
TWO_FORMS = "nplurals=2; plural=(n != 1);"
THREE_FORMS = "nplurals=3; plural=(n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2);"
PLURAL = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {rule}\\n"

#: app/code.py
msgid "%(num)s word"
msgid_plural "%(num)s words"
"""


@pytest.fixture(autouse=True)
def root(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the commands to work on a small application, and return its folder."""
    package = tmp_path / "app"
    (package / "templates").mkdir(parents=True)
    (package / "code.py").write_text(CODE, "utf-8")
    (package / "templates" / "page.html").write_text(PAGE, "utf-8")
    shutil.copy(CONFIGURATION, tmp_path)
    monkeypatch.setattr(app, "root_path", str(package))
    folders = [str(package / "translations")]
    monkeypatch.setattr(app.extensions["babel"], "translation_directories", folders)
    monkeypatch.setitem(app.config, "LANGUAGES", ["en", "es"])
    return tmp_path


@pytest.fixture
def translate(runner: FlaskCliRunner) -> Callable[..., Result]:
    """Return a function that runs ``flask translate``."""
    return lambda *arguments: runner.invoke(args=["translate", *arguments])


@pytest.fixture
def spanish(root: Path, translate: Callable[..., Result]) -> Path:
    """Return a catalogue whose texts are translated, among catalogues without a fault."""
    translate("init")
    file = root / "app" / "translations" / "es" / "LC_MESSAGES" / "messages.po"
    po = file.read_text("utf-8")
    for text, translated in SPANISH.items():
        po = po.replace(f'msgid "{text}"\nmsgstr ""', f'msgid "{text}"\nmsgstr "{translated}"')
    for form in re.findall(r'msgstr\[(\d)\] ""', po):
        words = WORDS.get(form, "%(num)s palabras")
        po = po.replace(f'msgstr[{form}] ""', f'msgstr[{form}] "{words}"')
    file.write_text(po, "utf-8")
    translate("compile")
    return file


def edit(file: Path, old: str, new: str) -> None:
    """Replace some text of a file, which has to be there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_language_starts_with_all_text_and_no_translation(
    root: Path, translate: Callable[..., Result]
) -> None:
    result = translate("init", "pt_BR")
    assert result.exit_code == 0
    assert "pt_BR: 4 of 4 texts are not translated yet" in result.output
    assert 'Add "pt_BR" to LANGUAGES' in result.output
    po = (root / "app/translations/pt_BR/LC_MESSAGES/messages.po").read_text("utf-8")
    assert '#: app/code.py\nmsgid "Title"\nmsgstr ""\n' in po
    assert '#: app/templates/page.html\nmsgid "Page"\nmsgstr ""\n' in po
    assert 'msgid_plural "%(num)s words"' in po
    assert "fuzzy" not in po


def test_without_a_code_each_language_that_lacks_a_catalogue_gets_one(
    spanish: Path, translate: Callable[..., Result]
) -> None:
    before = spanish.read_bytes()
    shutil.rmtree(spanish.parents[2] / "en")
    assert translate("init").exit_code == 0
    assert (spanish.parents[2] / "en/LC_MESSAGES/messages.po").exists()
    assert spanish.read_bytes() == before


def test_a_catalogue_has_the_name_by_which_pages_look_for_it(
    app: Flask, root: Path, translate: Callable[..., Result]
) -> None:
    translate("init", "zh_TW")
    file = root / "app/translations/zh_Hant_TW/LC_MESSAGES/messages.po"
    edit(file, 'msgid "Page"\nmsgstr ""', 'msgid "Page"\nmsgstr "頁"')
    translate("compile")
    app.config["LANGUAGES"].append("zh_TW")
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        assert gettext("Page") == "頁"


def test_a_text_that_lacks_a_translation_gets_the_one_that_came_with_it(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    shipped = root / "app" / "i18n" / "shipped" / "es" / "LC_MESSAGES" / "messages.po"
    shipped.parent.mkdir(parents=True)
    shutil.copy(spanish, shipped)
    edit(spanish, '"Título"', '"Encabezado"')
    edit(spanish, '"Página"', '""')
    edit(spanish, '"Una palabra"', '""')
    edit(spanish, '"%(num)s palabras"', '""')
    assert "es: the catalogue is out of date" in translate("check").output
    assert "not translated" not in translate("update").output
    po = spanish.read_text("utf-8")
    assert 'msgstr "Encabezado"' in po
    assert 'msgstr "Página"' in po
    assert 'msgstr[1] "%(num)s palabras"' in po


def plural(rule: str, *forms: str) -> str:
    """Return a catalogue whose one text has these plural forms."""
    lines = [f'msgstr[{number}] "{form}"\n' for number, form in enumerate(forms)]
    return PLURAL.format(rule=rule) + "".join(lines)


def words_in_spanish(app: Flask) -> list[str]:
    """Return what a Spanish page shows for one word, two words and a million words."""
    with app.test_request_context(headers={"Accept-Language": "es"}):
        numbers = 1, 2, 10**6
        return [ngettext("%(num)s word", "%(num)s words", number) for number in numbers]


@pytest.mark.parametrize(
    ("shipped", "own", "million"),
    [
        (plural(TWO_FORMS, "Una palabra", "%(num)s palabras"), THREE_FORMS, "1000000 palabras"),
        (
            plural(THREE_FORMS, "Una palabra", "%(num)s de palabras", "%(num)s palabras"),
            THREE_FORMS,
            "1000000 de palabras",
        ),
        (
            plural(THREE_FORMS, "Una palabra", "%(num)s de palabras", "%(num)s palabras"),
            TWO_FORMS,
            "1000000 palabras",
        ),
    ],
)
def test_translation_fits_a_catalogue_with_another_number_of_plural_forms(  # noqa: PLR0913, PLR0917
    shipped: str,
    own: str,
    million: str,
    app: Flask,
    root: Path,
    spanish: Path,
    translate: Callable[..., Result],
) -> None:
    place = root / "app" / "i18n" / "shipped" / "es" / "LC_MESSAGES" / "messages.po"
    place.parent.mkdir(parents=True)
    place.write_text(shipped, "utf-8")
    spanish.write_text(plural(own, *[""] * (2 if own == TWO_FORMS else 3)), "utf-8")
    translate("update")
    translate("compile")
    assert words_in_spanish(app) == ["Una palabra", "2 palabras", million]


def test_new_plural_form_is_filled_from_the_last_one(
    app: Flask, spanish: Path, translate: Callable[..., Result]
) -> None:
    spanish.write_text(plural(THREE_FORMS, "Una palabra", "%(num)s palabras", ""), "utf-8")
    translate("update")
    translate("compile")
    assert words_in_spanish(app) == ["Una palabra", "2 palabras", "1000000 palabras"]


def test_unfinished_plural_stays_unfinished(
    spanish: Path, translate: Callable[..., Result]
) -> None:
    spanish.write_text(plural(THREE_FORMS, "Una palabra", "", ""), "utf-8")
    translate("update")
    assert 'msgstr[0] "Una palabra"\nmsgstr[1] ""\nmsgstr[2] ""\n' in spanish.read_text("utf-8")


def test_translation_of_one_language_does_not_reach_another(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    shipped = root / "app" / "i18n" / "shipped" / "es" / "LC_MESSAGES" / "messages.po"
    shipped.parent.mkdir(parents=True)
    shutil.copy(spanish, shipped)
    translate("init", "pl")
    for language in ("es", "pl"):
        po = root / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"
        po.write_text(po.read_text("utf-8").replace('msgid "Page"', 'msgid "Old page"'), "utf-8")
    translate("update")
    polish = root / "app" / "translations" / "pl" / "LC_MESSAGES" / "messages.po"
    assert 'msgid "Page"\nmsgstr ""\n' in polish.read_text("utf-8")
    assert 'msgid "Page"\nmsgstr "Página"\n' in spanish.read_text("utf-8")


@pytest.mark.parametrize("code", ["xx", "pt-BR", "../es", ""])
def test_an_unknown_language_is_refused(code: str, translate: Callable[..., Result]) -> None:
    result = translate("init", code)
    assert result.exit_code == 1
    assert "is no language that Babel knows" in result.output


@pytest.mark.usefixtures("spanish")
def test_a_catalogue_is_not_started_twice(translate: Callable[..., Result]) -> None:
    result = translate("init", "es")
    assert result.exit_code == 1
    assert "es has a catalogue already." in result.output


def test_an_update_keeps_translations_and_changes_nothing_twice(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    edit(root / "app" / "code.py", '_l("Title")', '_l("Titles")')
    assert "es: 1 of 4 texts are not translated yet" in translate("update").output
    po = spanish.read_text("utf-8")
    assert 'msgid "Titles"\nmsgstr ""\n' in po
    assert 'msgstr "Página"' in po
    assert '#~ msgid "Title"\n#~ msgstr "Título"\n' in po
    translate("update")
    assert spanish.read_text("utf-8") == po


def test_a_text_that_returns_has_its_translation_again(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    before = spanish.read_bytes()
    edit(root / "app" / "code.py", '_l("Title")', '_l("Titles")')
    translate("update")
    edit(root / "app" / "code.py", '_l("Titles")', '_l("Title")')
    translate("update", "--ignore-obsolete")
    assert spanish.read_bytes() == before


@pytest.mark.usefixtures("spanish")
def test_what_is_compiled_is_what_pages_show(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert gettext("Page") == "Página"
        assert ngettext("%(num)s word", "%(num)s words", 2) == "2 palabras"


@pytest.mark.usefixtures("spanish")
def test_catalogues_that_fit_the_code_pass(translate: Callable[..., Result]) -> None:
    result = translate("check")
    assert (result.exit_code, result.output) == (0, "")


def test_text_that_is_not_translated_yet_is_counted_and_no_fault(
    spanish: Path, translate: Callable[..., Result]
) -> None:
    edit(spanish, '"Página"', '""')
    translate("compile")
    result = translate("check")
    assert result.exit_code == 0
    assert "es: 1 of 4 texts are not translated yet" in result.output
    assert "en: " not in result.output


def test_the_order_and_the_line_breaks_of_a_catalogue_are_no_fault(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    edit(spanish, 'msgstr "Hola, %(name)s"', 'msgstr ""\n"Hola, "\n"%(name)s"')
    edit(root / "app" / "code.py", '_l("Title")', '_l("Title") or _("Hello %(name)s")')
    assert translate("check").exit_code == 0


FAULTS = [
    ('msgid "Page"', 'msgid "Sheet"', "'Page' is missing"),
    ('msgid "Page"', 'msgid "Sheet"', "'Sheet' is no longer in the code"),
    ("#: app/templates/page.html", "#: app/page.html", "the catalogue is out of date"),
    ('msgid "Page"', '#, fuzzy\nmsgid "Page"', "'Page' is marked as fuzzy"),
    ('msgid ""\n', '#, fuzzy\nmsgid ""\n', "the header is marked as fuzzy"),
    ("Hola, %(name)s", "Hola", "'Hola' has other placeholders than 'Hello %(name)s'"),
    ("Hola, %(name)s", "Hola, %(n)s", "'Hola, %(n)s' has other placeholders"),
    ("Hola, %(name)s", "Hola, %(name)", "'Hola, %(name)' has other placeholders"),
    ("%(num)s palabras", "palabras", "'palabras' has other placeholders"),
    ("Una palabra", "%(n)s palabra", "'%(n)s palabra' has other placeholders"),
    ("Página", "Hoja", "the catalogue is not compiled as it is now"),
]


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS)
def test_each_fault_of_a_catalogue_is_told(
    old: str, new: str, fault: str, spanish: Path, translate: Callable[..., Result]
) -> None:
    edit(spanish, old, new)
    before = spanish.read_bytes()
    result = translate("check")
    assert result.exit_code == 1
    assert f"es: {fault}" in result.output
    assert spanish.read_bytes() == before


def test_a_form_for_several_numbers_has_to_say_which(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    polish = root / "app/translations/pl/LC_MESSAGES/messages.po"
    translate("init", "pl")
    for number, form in enumerate(["Słowo", "Kilka słów", "%(num)s słów"]):
        edit(polish, f'msgstr[{number}] ""', f'msgstr[{number}] "{form}"')
    told = translate("check").output
    assert "'Słowo'" not in told
    assert "pl: 'Kilka słów' has other placeholders" in told


def test_text_that_nothing_is_filled_into_may_hold_a_percent_sign(
    root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    edit(root / "app" / "code.py", '"Title"', '"100 %"')
    edit(spanish, 'msgid "Title"\nmsgstr "Título"', 'msgid "100 %"\nmsgstr "%100"')
    assert "placeholders" not in translate("check").output


@pytest.mark.parametrize("compiled", [None, b"", b"not compiled"])
def test_a_compiled_catalogue_that_is_missing_or_broken_is_told(
    compiled: bytes | None, spanish: Path, translate: Callable[..., Result]
) -> None:
    spanish.with_suffix(".mo").unlink()
    if compiled is not None:
        spanish.with_suffix(".mo").write_bytes(compiled)
    result = translate("check")
    assert result.exit_code == 1
    assert result.output.startswith("es: the catalogue is not compiled")


@pytest.mark.usefixtures("spanish")
def test_a_language_without_a_catalogue_is_told(
    app: Flask, translate: Callable[..., Result]
) -> None:
    app.config["LANGUAGES"].append("nl")
    result = translate("check")
    assert result.exit_code == 1
    assert "nl: there is no catalogue: flask translate init nl starts it" in result.output


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('msgid ""', '<<<<<<< HEAD\nmsgid ""', "messages.po, line 2: '<<<<<<< HEAD' can't be read"),
        ("charset=utf-8", "charset=morse", "messages.po: unknown encoding: morse"),
    ],
)
def test_a_catalogue_that_can_not_be_read_is_named(
    old: str, new: str, reason: str, spanish: Path, translate: Callable[..., Result]
) -> None:
    edit(spanish, old, new)
    for command in "update", "compile", "check":
        result = translate(command)
        assert result.exit_code == 1
        assert str(Path("es", "LC_MESSAGES", reason)) in result.output


@pytest.mark.parametrize("command", ["update", "check"])
def test_a_template_that_can_not_be_read_is_named(
    command: str, root: Path, spanish: Path, translate: Callable[..., Result]
) -> None:
    before = spanish.read_bytes()
    (root / "app/templates/broken.txt").write_text(BROKEN, "utf-8")
    result = translate(command)
    assert result.exit_code == 1
    assert "app/templates/broken.txt, line 2: " in result.output
    assert spanish.read_bytes() == before


def test_templates_are_read_with_every_tag_that_pages_have(app: Flask) -> None:
    with CONFIGURATION.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    templates = [pattern for pattern, method in methods if method == "jinja2"]
    assert templates
    for pattern in templates:
        known = {import_string(name.strip()) for name in options[pattern]["extensions"].split(",")}
        known.add(InternationalizationExtension)  # Jinja reads text with that one anyway
        for extension in app.jinja_env.extensions.values():
            assert type(extension) in known or not extension.tags
