"""Looks at the project that a resource is for: its models, its tables, and its environment."""

import ast
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from cookiecutter.exceptions import FailedHookException
from flask_foundry_nouns import snake

Node = TypeVar("Node", bound=ast.stmt)
OTHER_PACKAGE = 2  # dots of an import
FACES = ("", "_admin", "_api")  # of a resource, that have tests of their own
COLUMNS = {"Column", "mapped_column"}
ACCOUNTS = "security"  # the package of users and of what else is nobody's business


class Refused(FailedHookException):
    """An answer can't be used; Cookiecutter tells this exception in one line, and ends with 1."""


@dataclass(frozen=True)
class Target:
    """A model that fields refer to.

    :param has_id: whether its key is a number called ``id``; only then it can be referred to
    :param has_page: whether a row has a page as those of a resource have one
    :param has_schema: whether the API shows it to everybody, by a schema with an ``id``
    :param is_hidden: whether strangers are shown some of its rows only, or none
    """

    name: str
    package: str
    table: str
    has_id: bool = True
    has_page: bool = False
    has_schema: bool = False
    is_hidden: bool = False

    @property
    def singular(self) -> str:
        """Return the name in snake case."""
        return snake(self.name)

    @property
    def is_person(self) -> bool:
        """Tell whether its rows are people, who may delete their accounts."""
        return (self.package, self.name) == (ACCOUNTS, "User")

    def link(self, row: str, key: str) -> str:
        """Return how a template shows a row of it: as a link to its page, if it has one."""
        address = f"{{{{ url_for('{self.singular}_pages.show', {self.singular}_id={key}) }}}}"
        return f'<a href="{address}">{{{{ {row} }}}}</a>' if self.has_page else f"{{{{ {row} }}}}"


def check_project(project: Path) -> None:
    """Refuse a folder that is no project of this template.

    :raises Refused: it is none
    """
    try:
        made = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["flask-foundry"]
    except (LookupError, OSError, TypeError, ValueError):
        made = None
    if not made or not (project / "app" / "editing.py").exists():
        raise Refused(
            f"{quoted(str(project))} is not the root of a project of this template: "
            "change to the folder with its pyproject.toml, or update the project first."
        )


def find_python(project: Path) -> Path:
    """Return the Python of the project's environment, which has its tools.

    :raises Refused: there is no environment, without which nothing of a resource could be finished
    """
    # Another project's environment may be active.
    named = [os.environ.get("UV_PROJECT_ENVIRONMENT"), ".venv", os.environ.get("VIRTUAL_ENV")]
    for folder in (project / name for name in named if name):
        for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if python.with_name(python.name.replace("python", "flask")).exists():
                return python
    raise Refused(f"{quoted(str(project))} has no environment: run python bin/setup.py there, and this again.")


def find_models(project: Path, own: str) -> Iterator[tuple[str, Target]]:
    """Yield the models of the project, by their names, but for those that are about to be written anew."""
    for file in other_models(project, own):
        schemas = find_schemas(file.with_name("api.py"))
        for node in parse(file).body:
            if isinstance(node, ast.ClassDef) and is_model(node):
                package, table = file.parent.name, table_of(node)
                is_hidden = package == ACCOUNTS or hides(file.with_name("queries.py"), table)
                yield (
                    node.name,
                    Target(
                        node.name,
                        package,
                        table,
                        has_id=has_id(node),
                        has_page=shows(file.with_name("pages.py"), snake(node.name)),
                        has_schema=f"{node.name}Schema" in schemas and not is_hidden,
                        is_hidden=is_hidden,
                    ),
                )


def find_tables(project: Path, own: str, models: dict[str, Target]) -> dict[str, str]:
    """Return the tables of the project, each with whose it is: those of models, and those that are between two."""
    found = {target.table: f"{target.name} in app/{target.package}/models.py" for target in models.values()}
    for file in other_models(project, own):
        for node in ast.walk(parse(file)):
            if isinstance(node, ast.Call) and called(node) == "Table" and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found.setdefault(str(name.value), f"app/{file.parent.name}/models.py")
    return found


def other_models(project: Path, own: str) -> list[Path]:
    """Return the modules of models, but for the one that is about to be written anew."""
    return sorted(file for file in project.glob("app/*/models.py") if file.parent.name != own)


def packages_behind(project: Path, package: str) -> set[str]:
    """Return the packages whose models those of a package import, at once or by others."""
    found: set[str] = set()
    waiting = [package]
    while waiting:
        imports = definitions(project / "app" / waiting.pop() / "models.py", ast.ImportFrom)
        new = {str(node.module).partition(".")[0] for node in imports if node.level == OTHER_PACKAGE} - found
        found |= new
        waiting += new
    return found


def parse(file: Path) -> ast.Module:
    """Return the tree of a module of the project.

    :raises Refused: it can't be read
    """
    try:
        return ast.parse(file.read_bytes(), file.name)
    except (OSError, SyntaxError, ValueError) as error:
        name = f"app/{file.parent.name}/{file.name}"
        raise Refused(f"{name} can't be read, {str(error).splitlines()[0]}: mend it first.") from error


def find_schemas(file: Path) -> set[str]:
    """Return the schemas of a module that show an ``id``."""
    return {node.name for node in definitions(file, ast.ClassDef) if "id" in assigned(node)}


def definitions(file: Path, kind: type[Node]) -> list[Node]:
    """Return what a module defines of a kind; nothing where there is no such module."""
    return [node for node in (parse(file).body if file.exists() else []) if isinstance(node, kind)]


def hides(file: Path, table: str) -> bool:
    """Tell whether a module of queries tells which rows of a table one may see, as that of the catalogue does."""
    return any(function.name == f"visible_{table}" for function in definitions(file, ast.FunctionDef))


def shows(file: Path, singular: str) -> bool:
    """Tell whether a module of pages shows a row as that of a resource does."""
    views = [view for view in definitions(file, ast.FunctionDef) if view.name == "show"]
    takes_id = any([one.arg for one in view.args.args] == [f"{singular}_id"] for view in views)
    values = [ast.unparse(node.value) for node in definitions(file, ast.Assign)]
    return takes_id and any(value.startswith(f"Blueprint('{singular}_pages'") for value in values)


def is_model(node: ast.ClassDef) -> bool:
    """Tell whether a class is a model: it has a table, or derives from what does."""
    given = assigned(node)
    if "__abstract__" in given:
        return False
    derives = any(ast.unparse(base).endswith("Model") for base in node.bases)
    return "__tablename__" in given or derives or bool(node.bases and any(map(is_column, given.values())))


def is_column(value: ast.expr) -> bool:
    """Tell whether an attribute is given a column."""
    return isinstance(value, ast.Call) and called(value) in COLUMNS


def called(node: ast.Call) -> str:
    """Return the name of what is called, without where it is."""
    return ast.unparse(node.func).rpartition(".")[2]


def has_id(node: ast.ClassDef) -> bool:
    """Tell whether the key of a model is a number called ``id``; one that it inherits is taken for such."""
    keys = {
        name
        for name, value in assigned(node).items()
        if isinstance(value, ast.Call)
        and any(option.arg == "primary_key" and ast.unparse(option.value) == "True" for option in value.keywords)
    }
    types = [ast.unparse(one.annotation) for one in node.body if isinstance(one, ast.AnnAssign) and is_id(one.target)]
    return keys <= {"id"} and not any(re.search(r"\b(UUID|Uuid|str)\b", text) for text in types)


def is_id(target: ast.expr) -> bool:
    """Tell whether an attribute is called ``id``."""
    return isinstance(target, ast.Name) and target.id == "id"


def table_of(node: ast.ClassDef) -> str:
    """Return the name of the table of a model."""
    value = assigned(node).get("__tablename__")
    return str(value.value) if isinstance(value, ast.Constant) else snake(node.name)


def assigned(node: ast.ClassDef) -> dict[str, ast.expr]:
    """Return what the attributes of a class are given, with or without a type."""
    found: dict[str, ast.expr] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            found |= {target.id: statement.value for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            found[statement.target.id] = statement.value
    return found


def check_package(project: Path, plural: str) -> None:
    """Refuse to write over a package, unless that was asked for and Git can bring back what is written over.

    :raises Refused: it can't be written
    """
    context = click.get_current_context(silent=True)
    asked = context.params if context else {}
    is_preview = Path(str(asked.get("output_dir", "."))).resolve() != project.resolve()
    if is_preview or not (project / "app" / plural).exists():
        return
    if not asked.get("overwrite_if_exists", True):
        raise Refused(
            f"app/{plural} is there already: give the resource another name, "
            "or add --overwrite-if-exists to have the files of the package written anew."
        )
    if lost := uncommitted(project, plural):
        raise Refused(
            f"{', '.join(lost[:3])}{' and more' if len(lost) > 3 else ''} would be written over, "  # noqa: PLR2004
            "and Git could not bring back what is there: commit it first."
        )


def tests_of(plural: str) -> list[str]:
    """Return the files of tests that are written for a package."""
    return [f"tests/{name}.py" for name in (f"fixtures_{plural}", *(f"test_{plural}{face}" for face in FACES))]


def uncommitted(project: Path, plural: str) -> list[str]:
    """Return the files of a package, and of its tests, that Git has not as they are."""
    package = project / "app" / plural
    files = [file for file in package.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    files += [project / name for name in tests_of(plural) if (project / name).exists()]
    names = [file.relative_to(project).as_posix() for file in files]
    kept = git(project, "ls-tree", "-r", "--name-only", "-z", "HEAD", *names)
    changed = git(project, "diff", "--name-only", "-z", "--no-renames", "--relative", "HEAD", "--", *names)
    return sorted(name for name in names if name not in kept or name in changed)


def git(project: Path, *arguments: str) -> list[str]:
    """Return what Git answers, one by one; nothing where there is no Git, or no commit."""
    program = shutil.which("git")
    if not program:
        return []
    command = [program, *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    return [text for text in done.stdout.split("\0") if text]


def quoted(text: str) -> str:
    """Return the beginning of an answer in quotes, on one line."""
    words = printed(" ".join(text.split()))
    return f"“{words[:60]}{'…' if len(words) > 60 else ''}”"  # noqa: PLR2004 what one can take in


def printed(text: str) -> str:
    """Return a text without what a terminal would obey, or can't show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
