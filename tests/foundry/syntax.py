"""Whether the text of a file is what its name says it is."""

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import jinja2
import yaml
from jinja2 import nodes
from jinja2.ext import Extension, do
from jinja2.meta import find_referenced_templates
from jinja2.parser import Parser

from foundry.manifest import template_files
from foundry.tree import Tree


class Cache(Extension):
    """Parses Flask-Caching's `{% cache timeout, key %}…{% endcache %}`, without caching anything."""

    tags = {"cache"}  # noqa: RUF012

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Read the arguments and return the body."""
        next(parser.stream)
        while parser.stream.current.type != "block_end":
            parser.parse_expression()
            parser.stream.skip_if("comma")
        return parser.parse_statements(("name:endcache",), drop_needle=True)


@cache
def jinja(*, caching: bool) -> jinja2.Environment:
    """An environment with the tags that a project has."""
    extensions: list[Any] = ["jinja2.ext.i18n", do]
    return jinja2.Environment(extensions=[*extensions, Cache] if caching else extensions, autoescape=True)


PARSERS: dict[str, Callable[[str], Any]] = {
    ".cfg": lambda text: configparser.ConfigParser().read_string(text),
    ".json": json.loads,
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


def is_template(path: str) -> bool:
    """Whether Flask's Jinja renders this file."""
    return "templates" in PurePosixPath(path).parts


@cache
def _fault(parse: Callable[[str], Any], text: str) -> str:
    try:
        parse(text)
    except (ValueError, SyntaxError, yaml.YAMLError, configparser.Error, jinja2.TemplateError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def faults(tree: Tree) -> Iterator[str]:
    """Files that their own language does not accept."""
    template = jinja(caching="caching" in tree.combination.features).parse
    for path, text in tree.files.items():
        parse = template if is_template(path) else PARSERS.get(PurePosixPath(path).suffix)
        fault = parse and _fault(parse, text)
        if fault:
            yield f"{path}: {fault}"


# `${{ … }}` is GitHub's; a Cookiecutter tag has no dollar.
TAG = re.compile(r"(?<!\$)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|cookiecutter\.\w+", re.DOTALL)
# Languages in which doubled braces mean something else.
BRACES = (".css", ".js", ".mako", ".po", ".py")


@cache
def _tags(text: str) -> tuple[str, ...]:
    return tuple(TAG.findall(text))


def leftover_tags(tree: Tree) -> Iterator[str]:
    """Template tags in what Cookiecutter should have rendered."""
    for path, text in tree.files.items():
        for tag in _tags(text):
            if "cookiecutter" in tag or not (is_template(path) or path.endswith(BRACES)):
                yield f"{path}: {tag}"


def _template_names(paths: Iterable[str]) -> set[str]:
    return {path.partition("templates/")[2] for path in paths if is_template(path)}


@cache
def _named_templates(text: str) -> frozenset[str]:
    try:
        tree = jinja(caching=True).parse(text)
    except jinja2.TemplateSyntaxError:
        return frozenset()  # a fault, reported as such
    # What is included where it is there has to be a file of some feature, though not of this project.
    optional = set(chain.from_iterable(map(_optional, tree.find_all(nodes.Include)))) & _template_names(
        template_files()
    )
    return frozenset(name for name in find_referenced_templates(tree) if name) - optional


def _optional(include: nodes.Include) -> list[str]:
    """The templates that may be missing: of several, the first that is there is included."""
    if not isinstance(include.template, nodes.Const | nodes.List):
        return []
    named = include.template.as_const()
    names = [named] if isinstance(named, str) else named
    return names if include.ignore_missing else names[:-1]


def missing_templates(tree: Tree, installed: frozenset[str]) -> Iterator[str]:
    """Templates that a template of the project names and that neither it nor an extension has."""
    own = _template_names(tree.files)
    for path, text in tree.files.items():
        if is_template(path):
            for name in sorted(_named_templates(text) - own - installed):
                yield f"{path} names {name}, which is not there"


@cache
def _relative_imports(source: str) -> frozenset[tuple[int, str, tuple[str, ...]]]:
    return frozenset(
        (node.level, node.module or "", tuple(alias.name for alias in node.names))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] == "app")
    )


def missing_modules(tree: Tree) -> Iterator[str]:
    """Modules of the project that one of its files imports and that are not there."""
    for path, source in tree.select(".py"):
        for level, module, imported in _relative_imports(source):
            package = PurePosixPath(path).parents[level - 1] if level else PurePosixPath()
            target = package.joinpath(*module.split(".")) if module else package
            if f"{target}.py" in tree.files:
                continue
            if f"{target}/__init__.py" not in tree.files:
                yield f"{path} imports {target}, which is not there"
                continue
            bound = _bound_names(tree.files[f"{target}/__init__.py"])
            for name in imported:
                if name not in bound and not {f"{target}/{name}.py", f"{target}/{name}/__init__.py"} & set(tree.files):
                    yield f"{path} imports {name} from {target}, which has no such thing"


@cache
def _bound_names(source: str) -> frozenset[str]:
    """The names that a module defines, roughly: all that are ever assigned, defined or imported in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.alias(name=name, asname=alias):
                found.add(alias or name.partition(".")[0])
            case _:
                pass
    return frozenset(found)
