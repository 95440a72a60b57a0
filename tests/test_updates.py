"""What docs/updating.md promises: a project follows its template, and changes its answers, with all that its user has.

Everything is done by the real programs: cruft, Git, Cookiecutter, and the project's own bin/setup.py.
"""

import json
import re
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import own_work
import pytest
from foundry.manifest import FEATURES, MANIFEST, TEMPLATE, TREE
from foundry.services import database
from setup_helpers import (
    ALL,
    BARE,
    commit,
    cookiecutter,
    copy_template,
    environ,
    execute,
    program_folder,
    set_up,
)

# What day-to-day work should not break; the rest is run by `make test-every`.
FEW_ON: set[str] = {"api"}
FEW_OFF: set[str] = set()
DOCS = (TEMPLATE / "docs" / "updating.md").read_text(encoding="utf-8")
CHANGELOG = (TEMPLATE / "CHANGELOG.md").read_text(encoding="utf-8")
ANOTHER_MODEL = '''class Place(Model):
    """Somewhere."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
'''
STATUSES = """
import os
os.environ["FLASK_DEBUG"] = "1"  # as `flask run` has it from .env
from app import create_app
client = create_app().test_client()
for path in {paths}:
    print(path, client.get(path).status_code)
"""


@dataclass(frozen=True)
class Owned:
    """A project that its user works on."""

    path: Path
    env: dict[str, str]
    translated: bool = False

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.path / name).read_text(encoding="utf-8")

    def run(self, *command: str, status: int = 0) -> str:
        """Run a command, of the project's environment if that has it, and return what it says."""
        program = Path(self.env["UV_PROJECT_ENVIRONMENT"], "bin", command[0])
        done = execute([str(program) if program.exists() else command[0], *command[1:]], self.path, self.env)
        assert done.returncode == status, f"{' '.join(command)}\n{done.stdout}"
        return done.stdout

    def cruft(self, *arguments: str) -> str:
        """Run cruft, which has nothing to set up here."""
        said = self.run(sys.executable, "-m", "cruft", *arguments)
        assert "environment" not in said
        return said

    def set_up(self) -> str:
        """Run bin/setup.py, and again, which changes no byte; return what the first run says."""
        run = set_up(self.path, self.env)
        assert run.status == 0, run.output
        before = self.kept()
        again = set_up(self.path, self.env)
        assert (again.status, self.kept()) == (0, before), again.output
        return run.output

    def kept(self) -> dict[str, bytes]:
        """Return the files that a person or Git cares for, and the rows of the database."""
        passing = re.compile(r"/(\.git|__pycache__|instance)/")
        files = [path for path in self.path.rglob("*") if path.is_file() and not passing.search(path.as_posix())]
        rows = own_work.ask(self.path, "SELECT name FROM sqlite_master")
        return {str(path): path.read_bytes() for path in files} | {"tables": repr(rows).encode()}

    def update(self, *arguments: str) -> str:
        """Update by cruft, without a conflict, set up, and commit; return what set-up says."""
        settings = (self.path / ".env").read_bytes()
        tables = own_work.tables(self.path)
        self.cruft("update", "-y", *arguments)
        assert not self.run("git", "diff", "--name-only", "--diff-filter=U")
        assert not list(self.path.rglob("*.rej"))
        said = self.set_up()
        assert not own_work.lost(self.path, translated=self.translated)
        assert (self.path / ".env").read_bytes().startswith(settings)
        assert own_work.tables(self.path) >= tables
        commit(self.path, self.env)
        return said

    def turn(self, name: str, *, on: bool) -> str:
        """Turn a feature on or off; return what set-up says."""
        changed = {name: on}
        answers = self.path.parent / "answers.json"
        answers.write_text(json.dumps({"context": {"cookiecutter": changed}}), encoding="utf-8")
        by_text = ["--variables-to-update", json.dumps(changed)]
        by_file = ["--variables-to-update-file", str(answers)]
        said = self.update(*(by_text if on else by_file))
        assert bool(self.run("git", "ls-files", FEATURES[name]["files"][0])) == on
        return said

    def test(self, *files: str) -> None:
        """Run the project's tests, as far as these files have them; tests/test_executed.py measures what they cover."""
        self.run("python", "-m", "pytest", "-q", "-x", "--no-cov", "-p", "no:cacheprovider", *files)

    def statuses(self, *paths: str) -> dict[str, str]:
        """Return with what the application answers."""
        lines = self.run("python", "-c", STATUSES.format(paths=paths)).splitlines()
        return dict(line.split() for line in lines if line.startswith("/"))


@pytest.fixture(scope="session")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for programs that find uv and git, and one environment for all projects, which uv makes fit each."""
    folder = tmp_path_factory.mktemp("programs")
    config = folder / "cookiecutter.yaml"
    config.write_text("{}", encoding="utf-8")
    extra = {"COOKIECUTTER_CONFIG": str(config), "UV_PROJECT_ENVIRONMENT": str(folder / "environment")}
    return environ(program_folder(folder / "bin", "uv", "git"), **extra)


@pytest.fixture(scope="session")
def template(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it is now, in a repository of its own."""
    folder = copy_template(tmp_path_factory.mktemp("template"))
    commit(folder, env)
    return folder


def begin(template: Path, env: dict[str, str], folder: Path, answers: dict[str, Any], *options: str) -> Owned:
    """Make a project by cruft, and let its user work on it."""
    command = [sys.executable, "-m", "cruft", "create", str(template), "--no-input", *options]
    done = execute([*command, "--extra-context", json.dumps(answers)], folder, env)
    assert "Ready." in done.stdout, done.stdout
    project = Owned(folder / "my_flask_app", env, translated=answers["i18n"])
    commit(project.path, env)
    own_work.edit(project.path)
    project.run("flask", "db", "migrate", "--message", "Contacts")
    project.run("flask", "db", "upgrade")
    own_work.add_row(project.path)
    if answers["i18n"]:
        project.run("flask", "translate", "update")
        own_work.translate(project.path)
        project.run("flask", "translate", "compile")
    commit(project.path, env)
    return project


@pytest.fixture(scope="session")
def bases(template: Path, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Owned]:
    """Return a function that makes a project with everything on, or nothing, and its user's work; each once."""
    made: dict[bool, Owned] = {}

    def base(on: bool) -> Owned:
        if on not in made:
            made[on] = begin(template, env, tmp_path_factory.mktemp("base"), ALL if on else BARE)
        return made[on]

    return base


@pytest.fixture
def everything(bases: Callable[[bool], Owned], tmp_path: Path) -> Owned:
    """A project with everything on, and its user's own work."""
    return copy(bases(True), tmp_path)  # noqa: FBT003


@pytest.fixture
def nothing(bases: Callable[[bool], Owned], tmp_path: Path) -> Owned:
    """A project with everything off, and its user's own work."""
    return copy(bases(False), tmp_path)  # noqa: FBT003


def copy(project: Owned, folder: Path) -> Owned:
    """Return a copy of a project."""
    return replace(project, path=Path(shutil.copytree(project.path, folder / project.path.name)))


def features(few: set[str]) -> list[Any]:
    """Return all features, but for a few only to be run when everything is."""
    return [pytest.param(name, marks=[] if name in few else pytest.mark.every) for name in FEATURES]


def own_tests(name: str) -> list[str]:
    """Return the tests of a feature, and those of the pages, on which it shows."""
    found = [path for path in FEATURES[name]["files"] if path.startswith(f"tests/test_{name}")]
    return ["tests/test_pages.py", "tests/test_contacts.py", *found]


@pytest.mark.parametrize("name", features(FEW_ON))
def test_a_feature_is_turned_on_and_off_again(name: str, nothing: Owned) -> None:
    said = nothing.turn(name, on=True)
    known = re.findall(r"^[# ]*(\w+)=", nothing.read(".env"), re.MULTILINE)
    assert set(re.findall(r"^(\w+)=", nothing.read(".env.example"), re.MULTILINE)) <= set(known)
    assert "no model does" not in said
    nothing.run("flask", "db", "check")
    nothing.test()
    path = FEATURES[name]["path"] or "/"
    assert nothing.statuses("/contacts/", path)["/contacts/"] == "200"
    assert nothing.statuses(path)[path] < "404"

    said = nothing.turn(name, on=False)
    kept = [setting["name"] for setting in FEATURES[name]["settings"]]
    assert all(re.search(rf"\.env still has .*\b{setting}\b", said) for setting in kept), said
    nothing.test()
    assert nothing.statuses("/contacts/", "/") == {"/contacts/": "200", "/": "200"}


@pytest.mark.parametrize("name", features(FEW_OFF))
def test_a_feature_is_turned_off_and_on_again(name: str, everything: Owned) -> None:
    said = everything.turn(name, on=False)
    everything.test()
    assert everything.statuses("/contacts/", "/") == {"/contacts/": "200", "/": "200"}

    said = everything.turn(name, on=True)
    assert "no model does" not in said
    everything.run("flask", "db", "check")
    everything.run("flask", "translate", "check")
    everything.test(*own_tests(name))
    path = FEATURES[name]["path"] or "/"
    assert everything.statuses(path)[path] < "404"


def test_new_text_comes_with_its_translations(nothing: Owned) -> None:
    ours = r"^es: 1 of \d+ texts are not translated yet"
    assert re.search(ours, nothing.turn("i18n", on=True), re.MULTILINE)
    assert re.search(ours, nothing.turn("api", on=True), re.MULTILINE)
    assert 'msgid "JSON under /api/v1, documented in OpenAPI."\nmsgstr "JSON en' in nothing.read(own_work.CATALOGUE)
    nothing.run("flask", "translate", "check")


def test_feature_that_is_turned_on_later_starts_at_the_tested_versions(
    template: Path, env: dict[str, str], tmp_path: Path
) -> None:
    older = tmp_path / "older"
    execute(["git", "clone", "--quiet", str(template), str(older)], tmp_path, env)
    pins = older / TREE.name / "constraints.txt"
    own_work.replace(pins, "babel==2.19.0 ", "babel==2.18.0 ")
    commit(older, env)
    project = begin(older, env, tmp_path, BARE)
    project.run("uv", "lock", "--quiet", "--upgrade-package", "wtforms<3.2.1")
    commit(project.path, env)
    project.turn("i18n", on=True)
    packages = tomllib.loads(project.read("uv.lock"))["package"]
    locked = {package["name"]: package["version"] for package in packages}
    tested = dict(re.findall(r"^(\S+)==(\S+)", project.read("constraints.txt"), re.MULTILINE))
    assert locked["babel"] == tested["babel"] == "2.18.0"
    assert locked["flask-babel"] == tested["flask-babel"]
    assert locked["wtforms"] == "3.2.0"  # as the project had it


def test_pins_that_contradict_an_upgraded_project_are_left_out(nothing: Owned) -> None:
    own_work.replace(nothing.path / "pyproject.toml", '"alembic>=1.18",', '"alembic>=1.18", "Babel>=2.19",')
    (nothing.path / "constraints.txt").write_text("babel==2.18.0\n", encoding="utf-8")
    nothing.set_up()
    assert re.search(r'^name = "babel"\nversion = "2\.(?!18)', nothing.read("uv.lock"), re.MULTILINE)


def test_what_is_left_is_told_and_dropped_by_the_commands_that_are_told(nothing: Owned) -> None:
    nothing.turn("catalog", on=True)
    said = nothing.turn("catalog", on=False)
    assert "The database still has categories, products, and no model does. To drop that:" in said
    assert {"categories", "products"} < own_work.tables(nothing.path)
    for command in re.findall(r"^  uv run (flask db .+)$", said, re.MULTILINE):
        nothing.run(*shlex.split(command))
    assert own_work.tables(nothing.path) == {"alembic_version", "contacts"}
    assert "no model does" not in nothing.set_up()


def test_env_gets_what_it_names_nowhere_and_is_told_what_it_needs_no_more(nothing: Owned) -> None:
    env, example = nothing.path / ".env", nothing.path / ".env.example"
    before = env.read_bytes() + b"\r\n# KEPT_OUT=1\r\n  LAST = 1"
    env.write_bytes(before)
    asked = example.read_text(encoding="utf-8")
    example.write_text(asked + "# Explained\nNEW_KEY=change-me\nKEPT_OUT=2\nLAST=2\n", encoding="utf-8")
    commit(nothing.path, nothing.env)
    assert "New in .env: NEW_KEY.\n" in nothing.set_up()
    added = env.read_bytes().removeprefix(before).decode()
    assert re.fullmatch(r"\n# Explained\nNEW_KEY=[\w-]{64}\n", added)
    assert env.stat().st_mode & 0o777 == 0o600

    example.write_text(asked, encoding="utf-8")
    assert ".env still has NEW_KEY, and .env.example no longer does." in nothing.set_up()
    assert env.read_bytes() == before + added.encode()


def test_a_model_of_ones_own_waits_for_its_migration(nothing: Owned) -> None:
    models = nothing.path / "app" / "contacts" / "models.py"
    own_work.replace(models, "    name: Mapped[str]", "    phone: Mapped[str | None]\n    name: Mapped[str]")
    models.write_text(models.read_text("utf-8") + "\n\n" + ANOTHER_MODEL, "utf-8")
    migrations = list(nothing.path.glob("migrations/versions/*.py"))
    nothing.set_up()
    assert list(nothing.path.glob("migrations/versions/*.py")) == migrations
    assert "places" not in own_work.tables(nothing.path)


def test_what_is_committed_is_checked_and_not_mended(nothing: Owned) -> None:
    nothing.cruft("update", "-y", "--variables-to-update", '{"catalog": true}')
    migrations = list(nothing.path.glob("migrations/versions/*.py"))
    run = set_up(nothing.path, nothing.env | {"CI": "true"})
    assert run.status == 1
    assert "no such table: categories" in run.output
    assert list(nothing.path.glob("migrations/versions/*.py")) == migrations


def test_a_migration_that_the_database_refuses_is_taken_back(nothing: Owned) -> None:
    own_work.ask(nothing.path, "CREATE VIEW products AS SELECT name FROM contacts")
    nothing.cruft("update", "-y", "--variables-to-update", '{"catalog": true}')
    migrations = list(nothing.path.glob("migrations/versions/*.py"))
    run = set_up(nothing.path, nothing.env)
    assert run.step("new tables") == "not done"
    assert "products" in run.output.partition("Still to do")[2]
    assert list(nothing.path.glob("migrations/versions/*.py")) == migrations


def test_an_update_brings_what_is_new_and_touches_nothing_else(template: Path, nothing: Owned, tmp_path: Path) -> None:
    newer = tmp_path / "newer"
    nothing.run("git", "clone", "--quiet", str(template), str(newer))
    with (newer / TREE.name / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\nNews from the template.\n")
    commit(newer, nothing.env)
    own_work.replace(nothing.path / ".cruft.json", f'"template": "{template}"', f'"template": "{newer}"')
    commit(nothing.path, nothing.env)
    before = nothing.kept()
    nothing.update()
    changed = {name for name, content in nothing.kept().items() if content != before[name]}
    assert changed == {str(nothing.path / name) for name in (".cruft.json", "README.md")}
    assert nothing.read("README.md").endswith("\nNews from the template.\n")


@pytest.mark.every
@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_a_server_gets_the_tables_of_a_feature(
    engine: str, template: Path, env: dict[str, str], tmp_path: Path
) -> None:
    with database(engine) as url:
        answers = json.dumps(BARE | {"database": engine})
        project = Owned(tmp_path / "my_flask_app", env | {"DATABASE_URL": url})
        command = [sys.executable, "-m", "cruft", "create", str(template), "--no-input", "--extra-context", answers]
        execute(command, tmp_path, project.env)
        for turned in ({"security": True, "catalog": True}, {"i18n": True, "tasks": True}):
            commit(project.path, env)
            project.cruft("update", "-y", "--variables-to-update", json.dumps(turned))
            assert set_up(project.path, project.env).status == 0
            project.run("flask", "db", "check")
        commit(project.path, env)
        project.cruft("update", "-y", "--variables-to-update", '{"i18n": false, "catalog": false}')
        told = "The database still has categories, products, users.language, users.timezone, and no model does."
        assert told in set_up(project.path, project.env).output


@pytest.mark.every
def test_a_project_of_the_last_release_is_updated(env: dict[str, str], template: Path, tmp_path: Path) -> None:
    history = tmp_path / "history"
    git = partial(said_by_git, history, env)
    execute(["git", "clone", "--quiet", str(TEMPLATE), str(history)], tmp_path, env)
    release = last_release(git)
    project = begin(history, env, tmp_path, ALL, "--checkout", release)
    shutil.copytree(template, history, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
    commit(history, env)
    project.update("--checkout", git("rev-parse", "HEAD"))
    project.test()
    # As the upgrade notes say.
    [command] = re.findall(r"^  (sed .+?versions/\*\.py)$", CHANGELOG, re.MULTILINE | re.DOTALL)
    project.run("/bin/sh", "-ec", f"PATH=/usr/bin:/bin; {command}")
    commit(project.path, env)
    assert "users" in project.turn("security", on=False)
    project.test("tests/test_pages.py", "tests/test_contacts.py", "tests/test_database.py")


@pytest.mark.every
def test_without_uv_the_pins_follow_the_features(template: Path, env: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "my_flask_app"
    own = {"COOKIECUTTER_CONFIG": env["COOKIECUTTER_CONFIG"], "UV_PROJECT_ENVIRONMENT": str(path / ".venv")}
    project = begin(template, environ(program_folder(tmp_path / "bin", "git"), **own), tmp_path, BARE)
    for on in (True, False):
        project.turn("i18n", on=on)
        pins = re.findall(r"^flask-babel==\S+", project.read("constraints.txt"), re.MULTILINE)
        assert bool(pins) == on
        installed = project.run("python", "-m", "pip", "freeze").lower().replace("_", "-")
        assert set(pins) <= set(installed.splitlines()), "the tested version, not the newest one"
        project.test("tests/test_pages.py", "tests/test_contacts.py")
    assert not (path / "uv.lock").exists()


def said_by_git(folder: Path, env: dict[str, str], *arguments: str) -> str:
    """Return what Git says."""
    done = execute(["git", *arguments], folder, env)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


def last_release(git: Callable[..., str]) -> str:
    """Return the newest tag before this commit, or else the commit that has brought that release into the changelog."""
    if git("rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("this clone is shallow, and has no release")
    if tags := git("tag", "--list", "v*", "--merged", "HEAD^", "--sort=-version:refname"):
        return tags.split()[0]
    headings = re.findall(r"^## \d.*$", CHANGELOG, re.MULTILINE)
    found = (
        git("log", "--reverse", "--format=%H", "-S", heading, "HEAD^", "--", "CHANGELOG.md") for heading in headings
    )
    return next(filter(None, found)).split()[0]


def test_the_record_is_the_same_however_the_project_was_made(
    template: Path, env: dict[str, str], tmp_path: Path
) -> None:
    answers = {"project_name": "Büro d'été ☕", "i18n": False, "tasks": True, "database": "mysql", "setup": False}
    given = json.dumps(answers)
    command = [sys.executable, "-m", "cruft", "create", str(template), "--no-input", "--extra-context", given]
    execute([*command, "--output-dir", "by_cruft"], tmp_path, env)
    folder = tmp_path / "by_cookiecutter"
    folder.mkdir()
    plain = cookiecutter(folder, env, answers, template)
    [other] = (tmp_path / "by_cruft").iterdir()
    text = plain.read("pyproject.toml")
    line = f'commit = "{said_by_git(template, env, "rev-parse", "HEAD")}"\n'
    assert text.count(line) == 1
    assert (other / "pyproject.toml").read_text(encoding="utf-8") == text.replace(line, "")
    record = tomllib.loads(text)["tool"]["flask-foundry"]
    assert record["template"] == MANIFEST["_repository"]
    assert record["version"] == MANIFEST["_version"]
    asked = {name for name in MANIFEST if not name.startswith("_")} - {"setup"}
    assert set(record["answers"]) == asked
    assert record["answers"].items() >= (answers.items() - {"setup": False}.items())
    assert str(tmp_path) not in text


def test_the_version_is_that_of_the_last_release() -> None:
    assert re.findall(r"^## (\d\S+)", CHANGELOG, re.MULTILINE)[0] == MANIFEST["_version"]
    assert tomllib.loads((TEMPLATE / "pyproject.toml").read_text("utf-8"))["project"]["version"] == MANIFEST["_version"]


def test_a_project_of_plain_cookiecutter_is_linked_as_the_page_says(
    template: Path, env: dict[str, str], tmp_path: Path
) -> None:
    answers = BARE | {"project_name": "Plain & simple"}
    project = Owned(cookiecutter(tmp_path, env, answers, template).project, env)
    commit(project.path, env)
    [program] = re.findall(r"^python3 - <<'END'\n(.+?)\nEND$", DOCS, re.MULTILINE | re.DOTALL)
    own_cruft = f'"{sys.executable}", "-m", "cruft"'
    address = 'made["template"]'
    assert program.count('"uvx", "cruft"') == program.count(address) == 1
    program = program.replace('"uvx", "cruft"', own_cruft).replace(address, repr(str(template)))
    project.run(sys.executable, "-c", program)
    commit(project.path, env)
    said = project.run(sys.executable, "-m", "cruft", "update", "-y", "--variables-to-update", '{"catalog": true}')
    assert "conflict" not in said
    assert set_up(project.path, env).status == 0
    assert project.statuses("/products/") == {"/products/": "200"}
    assert project.read("README.md").startswith("# Plain & simple\n")


def generate(folder: Path, env: dict[str, str], *arguments: str) -> Path:
    """Run Cookiecutter in a folder; return the project."""
    done = execute([sys.executable, "-m", "cookiecutter", *arguments], folder, env)
    assert done.returncode == 0, done.stdout
    assert "not set up yet" in done.stdout
    [project] = folder.iterdir()
    return project


@pytest.fixture
def quick(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Variables under which nothing is set up, and Cookiecutter's notes stay out of the home folder."""
    config = tmp_path / "notes" / "config.yaml"
    config.parent.mkdir()
    notes = {"replay_dir": str(config.parent), "cookiecutters_dir": str(config.parent)}
    config.write_text(json.dumps(notes), encoding="utf-8")
    return env | {"FLASK_FOUNDRY_SETUP": "none", "COOKIECUTTER_CONFIG": str(config)}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def files(project: Path) -> dict[str, bytes]:
    """Return all files of a project."""
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def test_a_replay_gives_the_same_project(quick: dict[str, str], work: Path) -> None:
    first = files(generate(work, quick, str(TEMPLATE), "--no-input", "mail=no", "project_name=Again"))
    shutil.rmtree(work / "again")
    assert files(generate(work, quick, str(TEMPLATE), "--replay")) == first
    assert "app/mail/__init__.py" not in first


def test_a_config_file_holds_the_defaults_of_a_team(quick: dict[str, str], work: Path, tmp_path: Path) -> None:
    [example] = re.findall(r"^default_context:\n(?:  .+\n)+", DOCS, re.MULTILINE)
    (tmp_path / "team.yaml").write_text(example, encoding="utf-8")
    home = quick | {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    project = generate(work, home, str(TEMPLATE), "--no-input", "--config-file", str(tmp_path / "team.yaml"))
    answers = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["flask-foundry"]["answers"]
    assert answers["author_name"] == "Ada Lovelace"
    assert (answers["database"], answers["tasks"]) == ("postgresql", True)


def test_a_zip_file_gives_the_same_project(template: Path, quick: dict[str, str], work: Path, tmp_path: Path) -> None:
    archive = tmp_path / "cookiecutter-flask-foundry-0.1.0.zip"
    said_by_git(template, quick, "archive", "--prefix=foundry/", f"--output={archive}", "HEAD")
    from_zip = files(generate(work, quick, str(archive), "--no-input"))
    shutil.rmtree(work / "my_flask_app")
    from_folder = files(generate(work, quick, str(template), "--no-input"))
    from_folder["pyproject.toml"] = re.sub(rb'commit = ".+"\n', b"", from_folder["pyproject.toml"])
    assert from_folder == from_zip


def test_a_release_is_checked_out(template: Path, quick: dict[str, str], work: Path, tmp_path: Path) -> None:
    newer = tmp_path / "template.git"
    said_by_git(tmp_path, quick, "clone", "--quiet", str(template), str(newer))
    said_by_git(newer, quick, "tag", "v0.1.0")
    (newer / TREE.name / "NEWS").write_text("News\n", encoding="utf-8")
    commit(newer, quick)
    address = f"git+file://{newer}"
    project = generate(work, quick, address, "--no-input", "--checkout", "v0.1.0")
    assert not (project / "NEWS").exists()
    shutil.rmtree(project)
    assert (generate(work, quick, address, "--no-input") / "NEWS").exists()


def test_missing_files_come_back_and_what_is_there_stays(quick: dict[str, str], work: Path) -> None:
    project = generate(work, quick, str(TEMPLATE), "--no-input")
    made = files(project)
    ours = {
        "README.md": b"# Ours\n",
        ".env": b"SECRET_KEY=ours\n",
        "app/pages/templates/pages/about.html": b"<p>Ours</p>\n",
        "app/static/ours/logo.svg": b"<svg/>\n",
        "instance/app.db": b"rows",
    }
    for name, content in ours.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(content)
    (project / "app" / "layout.py").unlink()
    (project / "app" / "pages" / "templates" / "pages" / "home.html").write_text("Ours")
    generate(work, quick, str(TEMPLATE), "--no-input", "--overwrite-if-exists", "--skip-if-file-exists")
    # The page is copied, not rendered, and Cookiecutter leaves no such file as it is.
    assert files(project) == made | ours
