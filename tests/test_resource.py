"""The generator of resources: what it writes passes the project's own checks, and nothing is lost."""

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Bake
from foundry.browser import Visit, visitor
from foundry.environment import Environment, Installed
from foundry.manifest import ALL, BARE, DATABASES, TREE, Combination, all_but, combine
from foundry.project import Project, checks
from foundry.resource import OF_USERS, RESOURCES, add_resource, ask_for
from foundry.server import serve
from foundry.services import database, databases
from playwright.sync_api import Browser
from test_api_contract import editor, keeps_its_promises
from test_end_to_end import generate

OTHERS = [
    combine(["admin"]),
    combine(["api"]),
    combine(["security"]),
    combine(["catalog", "i18n"]),
    combine(["admin", "api", "i18n"]),
    combine(["api", "caching", "security"]),
    combine(["admin", "mail", "security"]),
    all_but("security"),
]
OTHER_PACKAGE = 2  # dots of an import
FIELDS = "name:str:120! description:text? price:decimal stock:int status:enum(draft,published,archived) released:date?"


def chosen() -> Iterator[Combination]:
    """Yield each of ten combinations on each database."""
    for features in (ALL, BARE, *OTHERS):
        for engine in DATABASES:
            yield Combination(features.features, engine)


@pytest.mark.every
@pytest.mark.parametrize("combination", list(chosen()), ids=str)
def test_resources_pass_the_checks_of_their_project(
    combination: Combination, bake: Bake, environment: Environment, installed: Installed
) -> None:
    assert installed.distributions
    on_server = combination.database != DATABASES[0]
    project = bake(**combination.answers, **({"languages": "en"} if combination != ALL else {}))
    with databases(combination) as variables:
        environ = environment.environ | variables
        commands = ["python3 bin/setup.py"]
        fail(project, commands, **environ)
        resources = RESOURCES | (OF_USERS if "security" in combination.features else {})
        for name, fields in resources.items():
            add_resource(project, name, fields, **environ)
        commands = [command for command in checks(project) if not command.endswith("translate check")]
        commands += ["uv run flask db check", "uv run flask db downgrade base", "uv run flask db upgrade"]
        if on_server:
            # Whether all is covered does not depend on the database.
            commands = [command for command in commands if not command.endswith("pytest")]
            ours = " ".join(path.as_posix() for path in sorted(project.path.glob("tests/test_*s*.py")) if new(path))
            commands.append(f"uv run pytest --no-cov {ours}")
        fail(project, commands, UV_OFFLINE="1", **environ)
        if "i18n" in combination.features:
            before = catalogues(project)
            fail(project, ["uv run flask translate update"], UV_OFFLINE="1", **environ)
            assert before == catalogues(project), "the new texts are in the catalogues already"


# A row of each table, to refer to: the first ones.
ROWS = """
from rows import make_row
from app import create_app
from app.authors.models import Author
from app.books.models import Book
with create_app().app_context():
    make_row(Author, name="Ada")
    make_row(Book, author_id=1, contact="ada@example.com", homepage="https://example.com")
"""


@pytest.mark.every
@pytest.mark.parametrize("engine", DATABASES)
def test_the_api_of_resources_keeps_its_promises(engine: str, tmp_path: Path) -> None:
    with database(engine) as url:
        environ = {"DATABASE_URL": url}
        project = generate(combine(["api", "security"], engine), tmp_path, **environ)
        for name, fields in (RESOURCES | OF_USERS).items():
            add_resource(project, name, fields, **environ)
        fail(project, [f"{project.path}/.venv/bin/python -c '{ROWS}'"], PYTHONPATH=".:tests", **environ)
        chosen = ["--phases", "coverage,fuzzing", "--include-path-regex", "authors|books|chapters|loans|switches"]
        keeps_its_promises(project, *chosen, *editor(project, **environ), **environ)


def catalogues(project: Project) -> dict[Path, str]:
    """Return what the catalogues of a project say."""
    files = project.path.glob("app/translations/*/LC_MESSAGES/*.po")
    return {path: path.read_text("utf-8") for path in files}


def new(path: Path) -> bool:
    """Tell whether a file of tests is of one of the resources."""
    return bool(re.match("test_(authors|books|chapters|loans|switches)", path.name))


def fail(project: Project, commands: list[str], **environ: str) -> None:
    """Fail with the commands that fail."""
    failures = [project.failure(*shlex.split(command), **environ) for command in commands]
    if any(failures):
        pytest.fail("\n".join(filter(None, failures)), pytrace=False)


@pytest.fixture
def bare(bake: Bake, environment: Environment, installed: Installed) -> tuple[Project, dict[str, str]]:
    """A small project that is set up, and the variables with which it finds its environment."""
    assert installed.distributions
    project = bake(**BARE.answers)
    fail(project, ["python3 bin/setup.py"], **environment.environ)
    return project, environment.environ


def test_nothing_is_lost(bare: tuple[Project, dict[str, str]], tmp_path: Path) -> None:
    project, environ = bare
    before = project.files()
    for name, fields, sentence in (
        ("Class", "a:int", "“Class” is a name that Python or the project uses itself: give the resource another name."),
        ("Book", "a:ref(Author)", "“a:ref(Author)” refers to a model that is not there: there are none yet"),
    ):
        refused = ask_for(project, name, fields, **environ)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") <= 1, refused.stderr
        assert sentence in refused.stdout + refused.stderr
    assert project.files() == before

    preview = ask_for(project, "Book", "title:str", "-o", str(tmp_path / "preview"), **environ)
    assert "This is a preview" in preview.stdout, preview.stderr
    assert (tmp_path / "preview" / "app" / "books" / "models.py").exists()
    assert project.files() == before

    said = add_resource(project, "Book", "title:str", **environ)
    written = sorted(set(project.files()) - set(before))
    assert [name for name in written if name not in said and not name.endswith(".pyc") and name[0] != "."] == []
    assert not re.search(r"\n\s*\n\s*\n", said)

    again = ask_for(project, "Book", "title:str", **environ)
    assert again.returncode == 1
    assert "already exists" in again.stdout + again.stderr
    models = project.path / "app" / "books" / "models.py"
    models.write_text(models.read_text("utf-8") + "# ours\n", "utf-8")
    add_resource(project, "Book", "title:str pages:int?", "--overwrite-if-exists", **environ)
    assert "pages" in models.read_text("utf-8")
    fail(project, ["uv run flask db check", "uv run pytest"], UV_OFFLINE="1", **environ)


def told(said: str, title: str) -> str:
    """Return the commands under a title of what is said at the end."""
    return said.partition(f"{title}\n")[2].partition("\n\n")[0]


def test_what_is_written_can_be_taken_back(bare: tuple[Project, dict[str, str]]) -> None:
    project, environ = bare
    environ |= {"UV_OFFLINE": "1"}
    commit = "git add -A && git -c user.name=me -c user.email=me@example.com commit -qm ours"

    def do(*commands: str) -> str:
        done = project.run("bash", "-ec", "\n".join(commands), **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    do(commit)
    undo = told(add_resource(project, "Flag", "active:bool", **environ), "To undo it:")
    do(undo)
    assert do("git status --porcelain") == ""
    add_resource(project, "Flag", "active:bool", **environ)
    do(commit)
    again = add_resource(project, "Flag", "active:bool rank:int?", "--overwrite-if-exists", **environ)
    do(told(again, "To undo it:"))
    assert do("git status --porcelain") == ""


@pytest.mark.every
def test_a_migration_waits_for_those_before_it(bare: tuple[Project, dict[str, str]]) -> None:
    project, environ = bare
    environ |= {"UV_OFFLINE": "1"}
    for name in ("Flag", "Mast"):
        done = ask_for(project, name, "height:int", **environ)
        assert done.returncode == 0, done.stderr
    assert "Target database is not up to date" in done.stdout + done.stderr
    then = told(done.stdout, "Then:")
    assert then.splitlines()[0].endswith("flask db upgrade")
    fail(project, [*(line.strip() for line in then.splitlines()[:-1]), "uv run flask db check"], **environ)


def test_a_test_of_the_same_name_is_not_written_over(bare: tuple[Project, dict[str, str]]) -> None:
    project, environ = bare
    mine = project.path / "tests" / "test_books.py"
    mine.write_text("# mine\n", "utf-8")
    refused = ask_for(project, "Book", "title:str", **environ)
    assert refused.returncode == 1
    assert "tests/test_books.py is there already" in refused.stdout + refused.stderr
    assert mine.read_text("utf-8") == "# mine\n"
    assert not (project.path / "app" / "books").exists()


def test_a_project_without_its_environment_is_told_to_set_it_up(bake: Bake) -> None:
    project = bake(**BARE.answers)
    refused = ask_for(project, "Book", "title:str")
    assert refused.returncode == 1
    assert "has no environment: run python bin/setup.py" in refused.stdout + refused.stderr
    assert not (project.path / "app" / "books").exists()


def shape(package: Path, tests: Path, name: str) -> dict[str, set[str]]:
    """Return the modules of a package, each with the bases of its classes and what it imports of the house."""
    found: dict[str, set[str]] = {}
    for file in sorted(package.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        bases = {ast.unparse(base) for node in tree.body if isinstance(node, ast.ClassDef) for base in node.bases}
        house = {
            f"{node.module}.{alias.name}"
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.level == OTHER_PACKAGE
            for alias in node.names
        }
        found[file.name] = bases | house
    found["tests"] = {path.name.replace(name, "NAME") for path in tests.glob(f"test_{name}*.py")}
    return found


# What only the one of them has, and why.
CATALOGUE_ONLY = {
    "caching.py": "it counts what it shows",
    "seed.py": "it has a sample",
    "slugs.py": "its addresses are slugs",
}


def test_a_resource_has_the_shape_of_the_catalogue(bake: Bake, environment: Environment, installed: Installed) -> None:
    assert installed.distributions
    project = bake(**ALL.answers)
    shutil.copytree(project.path / "app" / "catalog", project.path / "sample")
    fail(project, ["python3 bin/setup.py"], **environment.environ)
    add_resource(project, "Article", FIELDS, **environment.environ)
    catalogue = shape(project.path / "sample", project.path / "tests", "catalog")
    article = shape(project.path / "app" / "articles", project.path / "tests", "articles")
    assert catalogue.keys() - article.keys() == set(CATALOGUE_ONLY)
    assert article.keys() <= catalogue.keys()
    for module in ("pages.py", "admin.py", "api.py", "forms.py", "models.py"):
        shared = {word for word in catalogue[module] if not word.startswith(("seed", "text.ngettext"))}
        shared -= {"text.format_currency", "text.gettext", "Slugged", "SluggedSchema", "enum.Enum"}
        shared -= {"api.schema.Money", "editing.may_edit", "forms.RowField", "forms.Unique"}
        assert shared <= article[module], module


def test_the_pages_of_a_resource_work_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    project = generate(combine(["admin", "i18n"]), tmp_path)
    for name, fields in RESOURCES.items():
        add_resource(project, name, fields)
    with serve(project, "flask", "run", "--port", "{port}") as address, visitor(browser, address) as visit:
        fill_in(visit)


def fill_in(visit: Visit) -> None:
    """Create what the three have, look at it, and delete it; the visit fails at an error of the console."""
    visit.open("/authors/new")
    visit.fill(name="Ada Lovelace")
    visit.press("Save")
    visit.open("/books/new")
    visit.fill(title="Notes", isbn="1", price="12.50", pages="66", key="12345678123456781234567812345678")
    visit.fill(contact="ada@example.com", homepage="https://example.com", summary="On the engine.")
    visit.page.select_option("[name=author_id]", label="Ada Lovelace")
    visit.page.select_option("[name=readers]", label="Ada Lovelace")
    visit.press("Save")
    visit.see("Notes", "Ada Lovelace", "On the engine.")
    visit.open("/books/?q=engine&sort=-title&status=draft")
    visit.see("Notes")
    visit.open("/books/new")
    visit.see("New book")
    visit.open("/chapters/new")
    visit.fill(position="1", weight="2.5", price="3", read_at="2026-03-01T14:05")
    visit.press("Save")
    visit.see("This field is required.")
    visit.page.select_option("[name=book_id]", label="Notes")
    visit.page.select_option("[name=style]", label="Verse")
    visit.press("Save")
    visit.see("Chapter 1", "Notes")
    visit.open("/chapters/")
    visit.follow("Chapter 1")
    visit.open("/authors/1/delete")
    visit.press("Delete")
    visit.see("in use")
    assert "Buscar" in visit.open("/books/?lang=es")


def test_the_template_of_resources_is_no_part_of_a_project(bake: Bake) -> None:
    project = bake(**BARE.answers)
    assert not [name for name in project.files() if "resource" in name]
    assert not (TREE / "resource").exists()
