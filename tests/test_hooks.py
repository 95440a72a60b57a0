"""What the hooks promise: which answers are refused, and what is left of the template."""

import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Bake
from foundry.manifest import FEATURES, MANIFEST, TREE
from pytest_cookies.plugin import Cookies
from setup_helpers import (
    ALL,
    BARE,
    Run,
    cookiecutter,
    cookiecutter_command,
    copy_template,
    environ,
    execute,
    program_folder,
)

QUICK = {"setup": False}

REFUSED = [
    ({"project_slug": " "}, "project_slug"),
    ({"project_slug": "/srv/app"}, "try srv_app."),
    ({"project_slug": "../escape"}, "try escape."),
    ({"project_slug": "a/b"}, "try a_b."),
    ({"project_slug": "a\\b"}, "try a_b."),
    ({"project_slug": "My App"}, "try my_app."),
    ({"project_slug": "2fast"}, "try fast."),
    ({"project_slug": "naïve"}, "try naive."),
    ({"project_slug": "日本"}, "try my_flask_app."),
    ({"project_slug": "shop_"}, "try shop."),
    ({"project_slug": "s" * 51}, "1 to 50"),
    ({"project_slug": "con"}, "try app_con."),
    ({"project_slug": "lpt1"}, "Windows"),
    ({"project_slug": "flask"}, "try app_flask."),
    ({"project_slug": "flask_admin"}, "try app_flask_admin."),
    ({"author_email": "nobody"}, "try developer@example.com."),
    ({"author_email": "@example.com"}, "name@host"),
    ({"author_email": "a@b@c"}, "name@host"),
    ({"author_email": "a b@example.com"}, "name@host"),
    ({"author_email": "Ann <a@b.c>"}, "name@host"),
    ({"languages": " "}, "languages"),
    ({"languages": "en, english"}, '"english"'),
    ({"languages": "en, pt-BR"}, "write pt_BR."),
    ({"languages": "en, ZH-hant-tw"}, "write zh_Hant_TW."),
    ({"languages": "en_us"}, "write en_US."),
    ({"languages": "de_XX"}, '"de_XX"'),
    ({"languages": "en, es,"}, '""'),
    ({"languages": "en, es, en"}, "2 times"),
    ({"languages": "xx"}, "try en, es."),
    ({"project_name": " "}, "empty"),
    ({"project_name": "n" * 101}, "100"),
    ({"project_description": "d" * 201}, "200"),
    ({"author_name": 'Ann "Ace" Lee'}, "apostrophe"),
    ({"project_description": "back\\slash"}, "\\"),
    ({"project_name": "two\nlines"}, "control character"),
    ({"project_description": "next\u0085line"}, "control character"),
    ({"project_description": "line\u2028separator"}, "control character"),
    ({"author_name": "bell\a"}, "control character"),
    ({"project_description": "{" + "{ 7 * 7 }}"}, "{" + "{"),
    ({"project_description": "{" + "% x %}"}, "{" + "%"),
    ({"author_name": "{" + "# x #}"}, "{" + "#"),
]


@pytest.fixture
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], list[Path]]:
    """Return a function that lists what was written since, beside the folders of the tests."""
    base = tmp_path_factory.getbasetemp()
    before = set(base.glob("*/*"))
    return lambda: sorted(set(base.glob("*/*")) - before)


@pytest.mark.parametrize(("answer", "advice"), REFUSED, ids=lambda value: repr(value)[:40])
def test_an_answer_that_cannot_work_is_refused_in_one_sentence(
    answer: dict[str, str],
    advice: str,
    cookies: Cookies,
    capfd: pytest.CaptureFixture[str],
    written: Callable[[], list[Path]],
) -> None:
    [(name, text)] = answer.items()
    # What looks like a tag stands for what is typed at a prompt: given here, Cookiecutter renders it.
    literal = {name: re.sub(r"(\{[{%#])", r"{{ '\1' }}", text)}
    result = cookies.bake(extra_context=QUICK | {"project_slug": "refused"} | literal)
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("✗")]
    assert result.exit_code == -1
    assert len(told) == 1
    assert told[0].startswith(f"✗ {name} ")
    assert advice in told[0]
    assert told[0].endswith(".")
    assert written() == []


def test_an_empty_slug_writes_nothing(cookies: Cookies, written: Callable[[], list[Path]]) -> None:
    assert cookies.bake(extra_context=QUICK | {"project_slug": ""}).exit_code == -1
    assert written() == []


def test_all_problems_are_told_at_once(cookies: Cookies, capfd: pytest.CaptureFixture[str]) -> None:
    cookies.bake(extra_context={"project_slug": "A", "author_email": "b", "languages": "c", "author_name": "\t"})
    assert len(re.findall("^✗", capfd.readouterr().err, re.MULTILINE)) == 5


def test_languages_do_not_matter_without_i18n(bake: Bake) -> None:
    assert bake(i18n=False, languages="none of them")


NAMES = {
    "My Flask App": "my_flask_app",
    "O'Brien & <Söhne>": "o_brien_sohne",
    "数据 🚀": "shu_ju",
    "🚀": "app",
    "2fast": "app_2fast",
    "Flask": "app_flask",
    "Flask-Admin": "app_flask_admin",
    "Con": "app_con",
    "9" * 100: "app_" + "9" * 46,
    "a" * 49 + " b": "a" * 49,
    "--- ---": "app",
    "{ % } # 50 %": "app_50",
}


@pytest.mark.parametrize(("name", "slug"), NAMES.items(), ids=[repr(name)[:20] for name in NAMES])
def test_any_name_that_people_write_gives_a_good_slug(name: str, slug: str, bake: Bake) -> None:
    project = bake(project_name=name)
    assert project.path.name == slug
    assert tomllib.loads(project.read("pyproject.toml"))["project"]["name"] == slug


def test_free_text_may_hold_apostrophes_accents_and_emoji(bake: Bake) -> None:
    text = "Zoë's <b>café</b> & 数据 🚀 100 % {it}"
    project = bake(project_name=text, project_description=text, author_name=text, author_email="zoë@localhost")
    described = tomllib.loads(project.read("pyproject.toml"))["project"]
    assert described["description"] == text
    assert described["authors"] == [{"name": text, "email": "zoë@localhost"}]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Variables for a run of Cookiecutter that finds neither uv nor git."""
    return environ(program_folder(tmp_path / "programs"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    empty = tmp_path / "work"
    empty.mkdir()
    return empty


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_refusal_can_be_read_on_any_console(encoding: str, folder: Path, env: dict[str, str]) -> None:
    run = cookiecutter(folder, env | {"PYTHONIOENCODING": encoding}, QUICK | {"project_slug": "数据"})
    assert run.status == 1
    assert "project_slug is" in run.output
    assert "UnicodeEncodeError" not in run.output
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_name_that_the_console_lacks_is_no_failure(encoding: str, folder: Path, env: dict[str, str]) -> None:
    run = cookiecutter(folder, env | {"PYTHONIOENCODING": encoding}, QUICK | {"project_name": "数据 🚀"})
    assert run.status == 0, run.output
    assert "?? ? is in the folder shu_ju" in run.output


def test_a_replayed_word_is_not_taken_for_yes(folder: Path, env: dict[str, str]) -> None:
    answers = {name: value for name, value in MANIFEST.items() if name != "__prompts__"}
    answers |= {"database": "sqlite", "project_slug": "replayed", "setup": False, "admin": "no"}
    replay = folder.parent / "replay.json"
    replay.write_text(json.dumps({"cookiecutter": answers}), encoding="utf-8")
    command = [*cookiecutter_command(folder), str(TREE.parent), "--replay-file", str(replay)]
    done = execute([sys.executable, *command], folder, env)
    assert done.returncode == 1
    assert '✗ admin is "no", but true or false is needed: write admin=true.' in done.stdout
    assert list(folder.iterdir()) == []


def test_what_is_off_leaves_no_file_and_no_empty_folder(bake: Bake) -> None:
    project = bake(**BARE).path
    listed = {path for feature in FEATURES.values() for path in feature["files"]}
    assert [path for path in listed if (project / path).exists()] == []
    assert [path for path in project.rglob("*") if path.is_dir() and not any(path.iterdir())] == []


def test_a_listed_path_that_the_template_lacks_is_an_error(tmp_path: Path, folder: Path, env: dict[str, str]) -> None:
    template = copy_template(tmp_path)
    manifest = template / "cookiecutter.json"
    manifest.write_text(manifest.read_text().replace('"app/admin",', '"app/admin", "app/nowhere.py",'))
    run = cookiecutter(folder, env, QUICK | {"admin": False}, template)
    assert run.status == 1
    assert "app/nowhere.py" in run.output
    assert list(folder.iterdir()) == []


CATALOGUE = """\
# The header has no place.
msgid ""
msgstr "Language: fr"

#: app/pages/__init__.py:1
msgid "Everywhere"
msgstr "Partout"

# A note by the translator.
#. A note by the programmer.
#: app/admin/__init__.py:1 app/pages/__init__.py
#: app/catalog/admin.py:3
#, python-format
msgid "Mixed %(x)s"
msgstr "Mixte %(x)s"

#: app/admin/__init__.py
#: app/catalog/admin.py:3
msgid "Admin only"
msgid_plural "Admins only"
msgstr[0] "Admin"
msgstr[1] "Admins"
"""
TRIMMED = """\
# The header has no place.
msgid ""
msgstr "Language: fr"

#: app/pages/__init__.py:1
msgid "Everywhere"
msgstr "Partout"

# A note by the translator.
#. A note by the programmer.
#: app/pages/__init__.py
#, python-format
msgid "Mixed %(x)s"
msgstr "Mixte %(x)s"
"""


@pytest.mark.parametrize(("admin", "expected"), [("yes", CATALOGUE), ("no", TRIMMED)])
def test_a_catalogue_keeps_the_texts_of_the_project(
    admin: str,
    expected: str,
    tmp_path: Path,
    folder: Path,
    env: dict[str, str],
) -> None:
    template = copy_template(tmp_path)
    for language in "fr", "it":
        catalogue = template / TREE.name / "app" / "translations" / language / "LC_MESSAGES" / "messages.po"
        catalogue.parent.mkdir(parents=True, exist_ok=True)
        catalogue.write_text(CATALOGUE, encoding="utf-8")
    run = cookiecutter(folder, env, QUICK | {"admin": admin, "languages": "en, fr"}, template)
    assert run.read("app/translations/fr/LC_MESSAGES/messages.po") == expected
    assert not (run.project / "app/translations/it").exists()
    assert not (run.project / "app/translations/es").exists()


def names_in(constraints: str) -> set[str]:
    """Return the distributions that constraints pin."""
    return set(re.findall(r"^([a-z0-9-]+)==", constraints, re.MULTILINE))


def normal(requirement: str) -> str:
    """Return the name of a requirement, as pins write it."""
    return re.sub("[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def required(answers: dict[str, Any]) -> set[str]:
    """Return the names of what a project requires directly."""
    wanted = MANIFEST["_dependencies"] + MANIFEST["_dev_dependencies"]
    wanted += [need for name, feature in FEATURES.items() if answers[name] for need in feature["dependencies"]]
    return {normal(requirement) for requirement in wanted}


def test_the_pins_cover_every_requirement_of_the_manifest() -> None:
    names = names_in((TREE / "constraints.txt").read_text(encoding="utf-8"))
    drivers = [need for part in MANIFEST["_databases"].values() for need in part["dependencies"]]
    assert required(ALL) | {normal(driver) for driver in drivers} <= names


def test_no_project_can_be_called_like_a_package_a_windows_device_or_a_system_database() -> None:
    names = names_in((TREE / "constraints.txt").read_text(encoding="utf-8"))
    devices = {"aux", "con", "nul", "prn"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
    databases = {"information-schema", "mysql", "performance-schema", "postgres", "sys", "template0", "template1"}
    assert MANIFEST["_reserved_slugs"] == sorted(names | devices | databases)


@pytest.mark.parametrize("answers", [ALL, BARE], ids=["all", "bare"])
def test_a_project_keeps_the_pins_that_it_needs(answers: dict[str, bool], bake: Bake) -> None:
    constraints = bake(**answers).read("constraints.txt")
    names = names_in(constraints)
    assert required(answers) <= names
    assert {"pymysql", "psycopg"}.isdisjoint(names)
    assert ("celery" in names) == ("vine" in names) == answers["tasks"]
    assert re.fullmatch(r"([a-z0-9-]+==[\w.]+( ; [^#\n]+)?\n)+", constraints)


@pytest.fixture
def described(folder: Path, env: dict[str, str]) -> Run:
    """Return a project that was rendered with unusual answers, and not set up."""
    answers = QUICK | {"project_name": "O'Brien & Söhne", "tasks": True, "docker": False, "database": "mysql"}
    return cookiecutter(folder, env, answers)


def test_the_summary_says_what_is_there_and_where(described: Run) -> None:
    lines = [line.split() for line in described.output.splitlines()]
    assert ["Admin", "panel", "http://127.0.0.1:5000/admin/"] in lines
    assert ["Background", "tasks", "Celery"] in lines
    assert "Docker" not in described.output
    assert "cd o_brien_sohne\n  python bin/setup.py" in described.output


def test_the_summary_ends_in_a_command_that_gives_the_same_again(
    described: Run, folder: Path, env: dict[str, str]
) -> None:
    [line] = [line for line in described.output.splitlines() if line.startswith("  cookiecutter ")]
    again = folder / "again"
    command = [sys.executable, *cookiecutter_command(folder), *shlex.split(line)[1:], "--output-dir", str(again)]
    assert execute(command, folder, env).returncode == 0
    assert content(again / "o_brien_sohne") == content(described.project)


def content(project: Path) -> dict[str, bytes]:
    """Return the files of a project."""
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}
