"""What a project declares, and what it imports."""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from foundry.tree import Tree

# Declared, never imported, and rightly so.
NEVER_IMPORTED = {
    "alembic": "its version is bounded, Flask-Migrate imports it",
    "argon2-cffi": "Flask-Security's password hash, by name",
    "babel": "its version is bounded, and pybabel is its command",
    "bcrypt": "an older password hash, by name",
    "cryptography": "what Flask-Security encrypts recovery codes with",
    "gunicorn": "the production server, a command",
    "nh3": "Flask-Security's check of names, for passkeys",
    "psycopg": "the driver that the database URL names",
    "pymysql": "the driver that the database URL names",
    "redis": "the client behind Flask-Caching's RedisCache",
    "wtforms": "its version is bounded, Flask-WTF imports it",
    # for development, all commands or plug-ins:
    "djlint": "a command",
    "mypy": "a command",
    "pre-commit": "a command",
    "pytest-cov": "a plug-in of pytest",
    "ruff": "a command",
}

# Parts of Flask that its own documentation imports under their own names.
PARTS_OF_FLASK = {"blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}


def names(requirements: list[str]) -> set[str]:
    """The canonical names of distributions."""
    return {str(canonicalize_name(Requirement(text).name)) for text in requirements}


def declared(tree: Tree) -> tuple[set[str], set[str]]:
    """What the project needs to run, and what its developers need on top."""
    pyproject = tomllib.loads(tree.files["pyproject.toml"])
    return names(pyproject["project"]["dependencies"]), names(pyproject["dependency-groups"]["dev"])


@cache
def imported_modules(source: str) -> frozenset[str]:
    """The top-level names of absolute imports, the standard library's left out."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return frozenset(found - sys.stdlib_module_names - {"app", "tests"})


def imports(tree: Tree, under: str = "") -> dict[str, set[str]]:
    """Each imported top-level module, with the files that import it."""
    found: dict[str, set[str]] = {}
    for path, source in tree.select(".py", under=under):
        for module in imported_modules(source):
            found.setdefault(module, set()).add(path)
    return found


def mismatches(tree: Tree, distributions: Mapping[str, list[str]]) -> Iterator[str]:
    """Imports that nothing declares, and declarations that nothing imports."""
    runtime, development = declared(tree)
    used: set[str] = set()
    for folder, allowed in (("app/", runtime), ("", runtime | development)):
        for module, paths in sorted(imports(tree, folder).items()):
            owners = {str(canonicalize_name(name)) for name in distributions.get(module, [module])}
            used |= owners
            if not owners & allowed and not owners & PARTS_OF_FLASK:
                yield f"{min(paths)} imports {module}, which is not declared"
    for name in sorted((runtime | development) - used - set(NEVER_IMPORTED)):
        yield f"{name} is declared and never imported"
