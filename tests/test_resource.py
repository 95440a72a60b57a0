"""The generator of resources: what it writes passes the project's own checks, and nothing is lost."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Bake, log_in
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
FIELDS = (
    "name:str:120! description:text? price:decimal stock:int status:enum(draft,published,archived) released:date? "
    "category:ref(Category)"
)


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

    assert "Git knows of changes that are not committed" in said
    books = {path: path.read_bytes() for path in (project.path / "app" / "books").rglob("*.*")}
    for options, sentence in (
        ([], "app/books is there already: give the resource another name, or add --overwrite-if-exists"),
        (["--overwrite-if-exists"], "would be written over, and Git could not bring back what is there: commit it"),
    ):
        again = ask_for(project, "Book", "title:str pages:int?", *options, **environ)
        assert again.returncode == 1
        assert sentence in again.stdout + again.stderr
        assert books == {path: path.read_bytes() for path in books}


COMMIT = "git add -A && git -c user.name=me -c user.email=me@example.com commit -qm ours"
ROW = """
from rows import make_row
from app import create_app
from app.flags.models import Flag
with create_app().app_context():
    make_row(Flag, active=True)
"""


def test_a_resource_that_is_written_anew_loses_nothing_unsaid(bare: tuple[Project, dict[str, str]]) -> None:
    project, environ = bare
    environ |= {"UV_OFFLINE": "1"}
    add_resource(project, "Flag", "active:bool notes:text?", **environ)
    mine = project.path / "app" / "flags" / "services.py"
    mine.write_text("import   os\n", "utf-8")
    fail(project, [f"uv run python -c '{ROW}'", f"bash -c '{COMMIT}'"], PYTHONPATH=".:tests", **environ)

    said = add_resource(project, "Flag", "active:bool rank:int", "--overwrite-if-exists", **environ)
    assert "it adds flags.rank, which rows that are there have no value for" in said
    assert "it deletes flags.notes" in said
    assert told(said, "Then:").splitlines()[0].endswith("flask db upgrade")
    assert mine.read_text("utf-8") == "import   os\n"
    fail(project, [f"bash -ec '{told(said, 'To undo it:')}'"], **environ)
    assert project.run("git", "status", "--porcelain").stdout == ""

    fields = "active:bool notes:text? torn:bool kind:enum(big,small) code:str:8?^"
    said = add_resource(project, "Flag", fields, "--overwrite-if-exists", **environ)
    assert "Read the migration" not in said
    assert "_change_flags.py" in said
    mine.unlink()
    fail(project, ["uv run flask db check", "uv run flask db downgrade", "uv run pytest"], **environ)


def told(said: str, title: str) -> str:
    """Return the commands under a title of what is said at the end."""
    return said.partition(f"{title}\n")[2].partition("\n\n")[0]


def test_what_is_written_can_be_taken_back(bare: tuple[Project, dict[str, str]]) -> None:
    project, environ = bare
    environ |= {"UV_OFFLINE": "1"}

    def do(*commands: str) -> str:
        done = project.run("bash", "-ec", "\n".join(commands), **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    do(COMMIT)
    undo = told(add_resource(project, "Flag", "active:bool", **environ), "To undo it:")
    do(undo)
    assert do("git status --porcelain") == ""
    add_resource(project, "Flag", "active:bool", **environ)
    do(COMMIT)
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


def shape(package: Path) -> dict[str, set[str]]:
    """Return of each module of a package what it takes of others, and how it uses that."""
    found: dict[str, set[str]] = {}
    for file in sorted(package.glob("*.py")):
        words = found[file.name] = set()
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.level == OTHER_PACKAGE:
                words |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.FunctionDef):
                words |= {f"@{ast.unparse(decorator).partition('(')[0]}" for decorator in node.decorator_list}
            elif isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base) for base in node.bases}
                is_of_house = bases & {"ProtectedView", "Resource"}
                words |= bases | (set().union(*map(names_given, node.body)) if is_of_house else set())
    pages = "".join(file.read_text("utf-8") for file in package.rglob("*.html"))
    found["templates"] = {"".join(pair) for pair in re.findall(r"{{ (\w+)\(|{% extends (.+) %}", pages)}
    return found


def names_given(statement: ast.stmt) -> set[str]:
    """Return the names that a statement gives values to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


# What only one of them has, and why.
CATALOGUE_ONLY = {
    "admin.py": {
        *("can_view_details", "column_editable_list", "text.gettext", "text.ngettext"),  # it shows what the panel can
        *("column_formatters", "text.format_currency"),  # its prices are money
        *("column_default_sort", "form_ajax_refs"),  # its rows have names
    },
    "api.py": {"SluggedSchema", "api.schema.Money", "editing.may_edit"},  # money, and drafts that strangers do not see
    "caching.py": set(),  # it counts what it shows
    "forms.py": {"forms.Unique"},  # of slugs
    "models.py": {"Slugged"},
    "queries.py": {"database.db"},  # it counts
    "seed.py": set(),  # it has a sample
    "slugs.py": set(),  # which its addresses are
    "templates": {"format_currency", "ngettext"},
}
RESOURCE_ONLY = {
    # It refers to another package.
    "api.py": {"api.lists.nested_fields", "api.schema.Amount", "api.schema.MAX_INTEGER", "catalog.api.CategorySchema"},
    "forms.py": {"catalog.models.Category"},
    "models.py": {"catalog.models.Category"},
    "pages.py": {"catalog.models.Category", "forms.choices_of"},
    "queries.py": {"listing.read_id"},
}


def test_a_resource_has_the_shape_of_the_catalogue(bake: Bake, environment: Environment, installed: Installed) -> None:
    assert installed.distributions
    project = bake(**ALL.answers)
    fail(project, ["python3 bin/setup.py"], **environment.environ)
    add_resource(project, "Article", FIELDS, **environment.environ)
    catalogue, article = (shape(project.path / "app" / package) for package in ("catalog", "articles"))
    assert catalogue.keys() - article.keys() == {name for name in CATALOGUE_ONLY if not CATALOGUE_ONLY[name]}
    for module, words in article.items():
        assert catalogue[module] - words == CATALOGUE_ONLY.get(module, set()), module
        assert words - catalogue[module] == RESOURCE_ONLY.get(module, set()), module
    tests = [{path.name for path in project.path.glob(f"tests/test_{name}*.py")} for name in ("catalog", "articles")]
    assert {name.replace("articles", "catalog") for name in tests[1]} <= tests[0]


def test_the_pages_of_a_resource_work_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    project = generate(combine(["admin", "i18n", "security"]), tmp_path)
    for name, fields in (RESOURCES | OF_USERS).items():
        add_resource(project, name, fields)
    with serve(project, "flask", "run", "--port", "{port}") as address, visitor(browser, address) as visit:
        log_in(visit, project)
        fill_in(visit)
        administrate(visit)


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
    visit.page.get_by_role("link", name="Ada Lovelace").first.click()
    assert visit.path == "/authors/1"
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
    visit.open("/loans/new")
    visit.page.select_option("[name=user_id]", label="admin@example.com")
    visit.press("Save")
    visit.see("Loan 1", "admin@example.com")
    assert "Buscar" in visit.open("/books/?lang=es")
    visit.open("/?lang=en")


def administrate(visit: Visit) -> None:
    """Look at all of this in the admin panel, and save it there."""
    for name in ("author", "book", "chapter", "loan"):
        visit.open(f"/admin/{name}/")
        visit.open(f"/admin/{name}/new/")
        visit.open(f"/admin/{name}/details/?id=1")
        visit.open(f"/admin/{name}/edit/?id=1")
        visit.press("Save")
        assert visit.path == f"/admin/{name}/", name


def test_the_template_of_resources_is_no_part_of_a_project(bake: Bake) -> None:
    project = bake(**BARE.answers)
    assert not [name for name in project.files() if "resource" in name]
    assert not (TREE / "resource").exists()
