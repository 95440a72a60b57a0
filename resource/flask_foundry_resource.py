"""Reads the answers of the generator, and offers the templates what follows from them.

Cookiecutter loads it as an extension of Jinja, in its own Python and in the folder of the user: ``cookiecutter |
resource`` is the resource, or ends Cookiecutter with one sentence before anything is written.
"""

import keyword
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask_foundry_fields import Field, Resource
from flask_foundry_kinds import KINDS
from flask_foundry_nouns import camel, plural_of, singular_of, snake
from flask_foundry_project import (
    Refused,
    Target,
    check_package,
    check_project,
    find_models,
    find_python,
    find_tables,
    packages_behind,
    printed,
    quoted,
    tests_of,
)
from jinja2 import Environment
from jinja2.ext import Extension

FEATURES = ("admin", "api", "i18n", "security")
FIELD = re.compile(
    r"(?P<name>[^:\s,()]+)(?::(?P<type>\w+)(?:\((?P<inside>[^()]*)\))?(?::(?P<length>[0-9]+))?(?P<marks>[!?^]*))?"
)
MAX_NAME = 40  # letters
MAX_FIELDS = 40
MAX_LENGTH = 1000  # of a str
MAX_DIGITS = 4  # of this length
MAX_TABLE = 63  # letters of a name that every database takes
MAX_KEY = 700  # letters that fit into an index of MySQL
MIN_VALUES, MAX_VALUES = 2, 50
MAX_VALUE = 30  # letters of a value of an enum
# Names that somebody's class has already, whose attribute a field would take the place of.
RESERVED = {
    "SQLAlchemy": "id metadata query query_class registry",
    # Words that SQLAlchemy puts into no quotes.
    "a database": "collation concurrently lateral nothing portion returning tablesample",
    "the form": "csrf_token data errors form_errors hidden_tag is_submitted meta populate_obj process submit "
    "validate validate_on_submit",
    "the admin panel": "url",
    "the API": "cursor dict_class dump dump_fields dump_only dumps error_messages exclude fields filter from_dict "
    "get_attribute handle_error include known_beside limit load load_fields load_only loads many on_bind_field only "
    "opts ordered page partial set_class sort unknown",
    "every page": "lang",
    "every resource": "created_at updated_at",
    "the code that is written": "bool created db dt float int l labels list mapped_column may_edit now q relationship "
    "self str",
    # A template that asks for labels.items is given the method.
    "a dict of Python": "clear copy fromkeys get items keys pop popitem setdefault update values",
}
# Names of functions and variables that are written, and blueprints of the template.
WORDS = """
    account admin api app blueprint bootstrap catalog config current_user edit form found g health i i18n index kept l
    labels language layout loop mail me o page problem remove row saved security session show sort static status title
    truth
""".split()  # noqa: SIM905 one could not read a list of so many
# Packages of the template, whether a project has them or not: it may turn them on.
PACKAGES = "admin api caching catalog database i18n mail pages security static tasks templates translations".split()  # noqa: SIM905
# What pages and addresses of the API are called already.
ADDRESSES = {"api_docs", "docs", "preferences"}
OF_THE_HOUSE = "a name that Python or the project uses itself"


def read(name: str, fields: str, project: Path) -> Resource:
    """Return the resource that the answers describe.

    :param project: the folder of the project
    :raises Refused: an answer can't be used, and the message says why
    """
    singular, plural, models, tables = look_at_name(name, project)
    owner = camel(singular)
    found = [read_field(text, owner, models) for text in split(fields)]
    check_fields(found, singular)
    check_classes(found, owner, camel(plural))
    for field in found:
        if field.type == "refs":
            check_relation(field, singular, plural, tables)
        if field.target and plural in packages_behind(project, field.target.package):
            raise Refused(
                f"{quoted(field.name)} refers to {field.target.name}, which refers to {owner} itself: "
                "leave it out, and add the relationship by hand."
            )
    app = project / "app"
    features = frozenset(feature for feature in FEATURES if (app / feature / "__init__.py").exists())
    return Resource(owner, singular, plural, tuple(found), features, find_python(project))


def look_at_name(name: str, project: Path) -> tuple[str, str, dict[str, Target], dict[str, str]]:
    """Return the name of one and of several, and the models and the tables that are there.

    :raises Refused: the project is none, or the name can't be used
    """
    check_project(project)
    singular, plural = read_name(name)
    models = dict(sorted(find_models(project, plural)))
    tables = find_tables(project, plural, models)
    check_names(singular, plural, models, project)
    check_package(project, plural)
    check_tests(plural, project)
    check_table(plural, tables)
    check_addresses(singular, plural, models)
    return singular, plural, models, tables


def read_name(name: str) -> tuple[str, str]:
    """Return the name of one and of several in snake case: ``Book`` or ``Cactus:Cacti``.

    :raises Refused: it is no name
    """
    singular, colon, plural = name.partition(":")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 _-]{0,39}", singular.strip()) or (
        colon and not re.fullmatch(r"[A-Za-z][A-Za-z0-9 _-]{0,39}", plural.strip())
    ):
        raise Refused(f"{quoted(name)} is no name of a resource: write it like Book, BookReview or Cactus:Cacti.")
    one = snake(singular)
    if colon:
        many = snake(plural)
    elif singular_of(one) != one:
        raise Refused(
            f"{quoted(name)} looks like a plural: give the singular, {camel(singular_of(one))}, "
            f"or both, {camel(one)}:{camel(plural_of(one))}."
        )
    else:
        many = plural_of(one)
    if one == many:
        raise Refused(f"{quoted(name)} has no plural of its own: give both, such as {camel(one)}:{camel(one)}List.")
    return one, many


def check_names(singular: str, plural: str, models: dict[str, Target], project: Path) -> None:
    """Refuse a name that something else has.

    :raises Refused: it is taken
    """
    name = camel(singular)
    way_out = "give the resource another name."
    reason = why_taken(name)
    used = {singular, plural, camel(plural)}
    modules = {*WORDS, *PACKAGES, *ADDRESSES, *RESERVED["a database"].split()}
    if any(map(keyword.iskeyword, used)) or used & {*imported_names(), *WORDS} or plural in modules:
        reason = OF_THE_HOUSE
    if reason:
        raise Refused(f"{quoted(name)} is {reason}: {way_out}")
    if (project / "app" / f"{plural}.py").exists():
        raise Refused(f"app/{plural}.py is there already: {way_out}")
    if name in models:
        raise Refused(f"There is a model {quoted(name)} already, in app/{models[name].package}/models.py: {way_out}")


def check_tests(plural: str, project: Path) -> None:
    """Refuse to write over tests of a package that is not there.

    :raises Refused: there are some
    """
    if (project / "app" / plural).exists():
        return  # Cookiecutter writes over it only when that was asked for
    for name in tests_of(plural):
        if (project / name).exists():
            raise Refused(f"{name} is there already: delete or rename it, or give the resource another name.")


def why_taken(name: str) -> str:
    """Return why no class that is written can have a name; nothing where one can."""
    if keyword.iskeyword(name) or name in imported_names():
        return OF_THE_HOUSE
    # The tests import it; pytest would look into it for tests, and warn that there are none.
    return "a name that pytest takes for that of tests" if name.startswith("Test") else ""


def check_addresses(singular: str, plural: str, models: dict[str, Target]) -> None:
    """Refuse addresses that are there; the panel has them by the names of models, the API by their plurals.

    :raises Refused: one is
    """
    name, slug = camel(singular), plural.replace("_", "-")
    there = {model.lower() for model in models}
    there |= {text.replace("_", "-") for target in models.values() for text in (target.package, target.table)}
    if name.lower() in {slug, *there} or slug in there:
        raise Refused(f"{quoted(name)} would have an address that another model has: give the resource another name.")


@lru_cache(1)
def imported_names() -> frozenset[str]:
    """Return what the modules of a resource import, which nothing that they define may be called."""
    [folder] = Path(__file__).parent.glob("*cookiecutter.__folder*")
    code = "\n".join(file.read_text("utf-8") for file in folder.rglob("*.py"))
    statements = re.findall(r"\bimport (\([^)]*\)|.+)", re.sub(r"\[[=%].*?[=%]\]", "", code))
    return frozenset(re.findall(r"\w+", " ".join(statements)))


def check_table(plural: str, tables: dict[str, str]) -> None:
    """Refuse a table that is there.

    :raises Refused: it is
    """
    if plural in tables:
        raise Refused(f"The table {quoted(plural)} belongs to {tables[plural]}: give the resource another name.")


def split(fields: str) -> list[str]:
    """Return the texts of the fields, which spaces and commas part outside of parentheses.

    :raises Refused: there are none, or too many
    """
    texts = re.findall(r"(?:[^\s,()]|\([^()]*\)?|\))+", fields)
    if not 1 <= len(texts) <= MAX_FIELDS:
        raise Refused(
            f"{quoted(fields)} has {len(texts)} fields, and 1 to {MAX_FIELDS} are possible: "
            "write them like title:str:200! price:decimal."
        )
    return texts


def read_field(text: str, owner: str, models: dict[str, Target]) -> Field:
    """Return the field that a text describes.

    :raises Refused: it describes none
    """
    found = FIELD.fullmatch(text)
    if not found or found["type"] not in KINDS:
        raise Refused(
            f"{quoted(text)} is no field: write it like title:str:200! with one of the types {', '.join(KINDS)}."
        )
    name, kind, inside, marks = found["name"], found["type"], found["inside"], found["marks"]
    check_field_name(name)
    if "!" in marks and "?" in marks:
        raise Refused(f"{quoted(text)} is required and optional: leave out ! or ?.")
    if (inside is None) == (kind in {"enum", "ref", "refs"}):
        raise Refused(f"{quoted(text)} is not how {kind} is written: write {example(name, kind)}.")
    digits = found["length"] or ""
    # Python itself refuses to read a number of some thousand digits.
    if digits and (kind != "str" or len(digits) > MAX_DIGITS or not 1 <= int(digits) <= MAX_LENGTH):
        raise Refused(f"{quoted(text)}: only str has a length, from 1 to 1000, as in {name}:str:200.")
    length = {"str": int(digits or 255), "email": 254, "url": 500}.get(kind, 0)
    if "^" in marks and (kind in {"text", "json", "bool", "enum", "refs"} or length > MAX_KEY):
        raise Refused(
            f"{quoted(text)}: not every database makes a {kind}{' of this length' * bool(length)} unique; leave out ^."
        )
    has_default = kind in {"bool", "enum", "refs"}
    return Field(
        name=name,
        type=kind,
        required=kind != "bool" and ("!" in marks or not ("?" in marks or has_default)),
        unique="^" in marks,
        length=length,
        values=read_values(text, inside) if kind == "enum" else (),
        target=find_target(text, kind, inside, owner, models) if kind in {"ref", "refs"} else None,
        owner=owner,
        is_marked="!" in marks or "?" in marks,
    )


def check_field_name(name: str) -> None:
    """Refuse a name that no field can have.

    :raises Refused: it is one
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > MAX_NAME or keyword.iskeyword(name):
        raise Refused(
            f"{quoted(name)} is no name of a field: write it like published or page_count, no word of Python."
        )
    for owner, names in RESERVED.items():
        if name in names.split() or (owner == "the form" and name.startswith("validate_")):
            raise Refused(f"{quoted(name)} is a name that {owner} uses itself: give the field another one.")


def read_values(text: str, inside: str) -> tuple[str, ...]:
    """Return the values of an enum.

    :raises Refused: they are none
    """
    values = tuple(value.strip() for value in inside.split(","))
    members = {re.sub("-", "_", value) for value in values}
    fits = all(re.fullmatch(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*", value) and len(value) <= MAX_VALUE for value in values)
    if not fits or not MIN_VALUES <= len(values) == len(members) <= MAX_VALUES:
        raise Refused(
            f"{quoted(text)}: an enum has 2 to 50 different values in lower case, as in status:enum(draft,published)."
        )
    return values


def find_target(text: str, kind: str, inside: str, owner: str, models: dict[str, Target]) -> Target:
    """Return the model that a field refers to.

    :raises Refused: there is none
    """
    name = " ".join(inside.split())
    if name == owner:
        raise Refused(
            f"{quoted(text)} refers to itself, which needs work by hand: generate it without, and add the relationship."
        )
    if same := next((model for model in models if snake(model) == snake(name) and name not in models), ""):
        raise Refused(f"{quoted(text)} refers to a model that is called {same}: write {kind}({same}).")
    if name not in models:
        known = ", ".join(models) or "none yet"
        raise Refused(
            f"{quoted(text)} refers to a model that is not there: "
            f"there are {known}; generate {printed(name)[:MAX_NAME] or 'it'} first."
        )
    if reason := why_taken(name):
        raise Refused(f"{quoted(text)} refers to a model whose name is {reason}: rename that model.")
    if not models[name].has_id:
        raise Refused(
            f"{quoted(text)} refers to a model whose key is no number called id: "
            f"give {name} one, or generate it without, and add the relationship by hand."
        )
    return models[name]


def check_fields(fields: list[Field], singular: str) -> None:
    """Refuse fields that get in each other's way.

    :raises Refused: they do
    """
    seen: dict[str, str] = {}
    for field in fields:
        names = {field.name, field.column, field.api_name}
        # The table between both is written beside the class, whose attributes hide it.
        names |= {f"{singular}_{field.name}"} if field.type == "refs" else set()
        for name in sorted(names):
            if name in seen:
                raise Refused(
                    f"{quoted(field.name)} and {quoted(seen[name])} would both be called {name}: rename one of them."
                )
            seen[name] = field.name


def check_classes(fields: list[Field], owner: str, collection: str) -> None:
    """Refuse classes of the package that would be called like each other.

    :raises Refused: they would
    """
    models = {owner, *(field.target.name for field in fields if field.target)}
    names = [*models, collection, f"{owner}Form", f"{owner}View", *(f"{model}Schema" for model in models)]
    classes = set(names)
    if len(classes) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused(f"{quoted(owner)} would have two classes called {twice}: give the resource another name.")
    for field in fields:
        if field.type != "enum":
            continue
        reason = why_taken(field.enum) or ("as something else is" if field.enum in classes else "")
        if reason:
            raise Refused(f"{quoted(field.name)}: its enum would be called {field.enum}, {reason}; rename the field.")
        classes.add(field.enum)


def check_relation(field: Field, singular: str, plural: str, tables: dict[str, str]) -> None:
    """Refuse a table between two others that can't be.

    :raises Refused: it is there, its name is too long, or both its columns would have one name
    """
    table = f"{singular}_{field.name}"
    if table in {plural, *tables}:
        whose = tables.get(table, "the resource itself")
        raise Refused(f"{quoted(field.name)} needs a table {table}, which belongs to {whose}: rename the field.")
    if len(table) > MAX_TABLE:
        raise Refused(
            f"{quoted(field.name)} needs a table {table}, of more than {MAX_TABLE} letters: shorten its name."
        )
    if field.singular == singular:
        raise Refused(f"{quoted(field.name)}: both columns of its table would be {singular}_id; rename the field.")


def example(name: str, kind: str) -> str:
    """Return how a type is written."""
    inside = {"enum": "(draft,published)", "ref": "(Author)", "refs": "(Tag)"}
    return f"{name}:{kind}{inside.get(kind, '')}"


@lru_cache(1)
def cached(name: str, fields: str, project: Path) -> Resource:
    """Return the resource, which each template asks for."""
    return read(name, fields, project)


class ResourceExtension(Extension):
    """Adds the filter ``resource``, and tells where the user is: Cookiecutter itself moves to its templates."""

    def __init__(self, environment: Environment) -> None:
        """Add both to the templates."""
        super().__init__(environment)
        environment.filters["resource"] = self.resource
        environment.filters["none_yet"] = self.none_yet
        environment.globals["working_folder"] = lambda: str(Path.cwd())

    @staticmethod
    def none_yet(answers: dict[str, Any]) -> str:
        """Return no fields; that the name can't be used is told before they are asked for."""
        look_at_name(str(answers["name"]), Path(answers["__project"]))
        return ""

    @staticmethod
    def resource(answers: dict[str, Any]) -> Resource:
        """Return the resource that the answers describe."""
        return cached(str(answers["name"]), str(answers["fields"]), Path(answers["__project"]))
