"""Reads the answers of the generator, and offers the templates what follows from them.

Cookiecutter loads it as an extension of Jinja, in its own Python and in the folder of the user: ``cookiecutter |
resource`` is the resource, or ends Cookiecutter with one sentence before anything is written.
"""

import ast
import keyword
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from cookiecutter.exceptions import FailedHookException
from flask_foundry_kinds import KINDS, Kind
from flask_foundry_nouns import plural_of, singular_of
from jinja2 import Environment
from jinja2.ext import Extension

TITLES = ("str", "email")  # what a row may be called by, the best first
FEATURES = ("admin", "api", "i18n", "security")
MAX_LISTED = 6  # columns of a list
MAX_NARROW = 3  # of these on a telephone
FIELD = re.compile(
    r"(?P<name>[^:\s,()]+)(?::(?P<type>\w+)(?:\((?P<inside>[^()]*)\))?(?::(?P<length>[0-9]+))?(?P<marks>[!?^]*))?"
)
ACRONYMS = {
    "api",
    "bic",
    "dns",
    "ean",
    "gps",
    "html",
    "iban",
    "id",
    "ip",
    "isbn",
    "json",
    "pdf",
    "sku",
    "url",
    "uuid",
    "vat",
}
MAX_NAME = 40  # letters
MAX_FIELDS = 40
MAX_LENGTH = 1000  # of a str
MAX_DIGITS = 4  # of this length
MAX_TABLE = 63  # letters of a name that every database takes
MAX_KEY = 700  # letters that fit into an index of MySQL
MAX_SORTED = 500
MIN_VALUES, MAX_VALUES = 2, 50
MAX_VALUE = 30  # letters of a value of an enum
# Names that somebody's class has already, whose attribute a field would take the place of.
RESERVED = {
    "SQLAlchemy": "created_at id metadata query query_class registry updated_at",
    "the form": "csrf_token data errors form_errors hidden_tag is_submitted meta populate_obj process submit "
    "validate validate_on_submit",
    "the API": "cursor dump dump_fields dumps error_messages exclude fields filter get_attribute handle_error include "
    "limit load load_fields loads many on_bind_field only opts ordered page partial set_class sort unknown",
    "the code that is written": "bool created db dt float int labels list mapped_column may_edit now q relationship "
    "self str",
    # A template that asks for labels.items is given the method.
    "a dict of Python": "clear copy fromkeys get items keys pop popitem setdefault update values",
}
# Classes that the code of a resource imports.
CLASSES = """
    Any Base Blueprint Column Date Decimal Double Enum Field Flask FlaskForm Form Index Integer JSON JsonField Link
    Mapped Model Moment MomentField MultiDict Numeric Optional ProtectedView Resource Response RowField Rows RowsField
    Schema Select String Table Text Time UUID Unique Url UtcDateTime Uuid UuidField
""".split()  # noqa: SIM905 one could not read a list of so many
# Names of its functions and variables, and blueprints of the template.
WORDS = """
    account admin api app blueprint bootstrap catalog config db delete edit form found g health i18n index kept labels
    language layout mail me page redirect remove request row save saved security session show sort static status title
    truth
""".split()  # noqa: SIM905
# Packages of the template, whether a project has them or not: it may turn them on.
PACKAGES = "admin api caching catalog database i18n mail pages security static tasks templates translations".split()  # noqa: SIM905
# What pages and addresses of the API are called already.
ADDRESSES = {"docs", "preferences"}
ACCOUNTS = "security"  # the package of users, whose names are addresses of e-mail
OF_THE_HOUSE = "a name that Python or the project uses itself"
COLUMNS = {"Column", "mapped_column"}


class Refused(FailedHookException):
    """An answer can't be used; Cookiecutter tells this exception in one line, and ends with 1."""


Node = TypeVar("Node", bound=ast.stmt)


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
        return self.package == ACCOUNTS

    def link(self, row: str, key: str) -> str:
        """Return how a template shows a row of it: as a link to its page, if it has one."""
        address = f"{{{{ url_for('{self.singular}_pages.show', {self.singular}_id={key}) }}}}"
        return f'<a href="{address}">{{{{ {row} }}}}</a>' if self.has_page else f"{{{{ {row} }}}}"


@dataclass(frozen=True)
class Field:
    """One field of the resource."""

    name: str
    type: str
    required: bool
    unique: bool
    length: int = 0
    values: tuple[str, ...] = ()
    target: Target | None = None
    owner: str = ""
    is_marked: bool = False

    @property
    def kind(self) -> Kind:
        """Return what is written for its type."""
        return KINDS[self.type]

    @property
    def words(self) -> str:
        """Return the name as words: ``out of print``."""
        return self.name.replace("_", " ")

    @property
    def label(self) -> str:
        """Return what people read: ``Out of print``, ``ISBN``."""
        spoken = [word.upper() if word in ACRONYMS else word for word in self.words.split()]
        return " ".join([spoken[0][:1].upper() + spoken[0][1:], *spoken[1:]])

    @property
    def column(self) -> str:
        """Return the name of the column, or of the relationship where there is none."""
        return f"{self.name}_id" if self.type == "ref" else self.name

    @property
    def singular(self) -> str:
        """Return the name of one of several rows."""
        return singular_of(self.name)

    @property
    def api_name(self) -> str:
        """Return the name in the API."""
        return f"{self.singular}_ids" if self.type == "refs" else self.column

    @property
    def enum(self) -> str:
        """Return the name of the class of an enum."""
        return camel(self.name)

    @property
    def constant(self) -> str:
        """Return the name of the labels of an enum."""
        return f"{self.name.upper()}_LABELS"

    @property
    def members(self) -> list[tuple[str, str, str]]:
        """Return the name, the value and the label of each member of an enum."""
        spoken = [(value, re.sub("[-_]", " ", value)) for value in self.values]
        return [(text.replace(" ", "_").upper(), value, text[:1].upper() + text[1:]) for value, text in spoken]

    @property
    def is_hidden(self) -> bool:
        """Tell whether strangers are not shown it."""
        return bool(self.target and self.target.is_hidden)

    @property
    def default(self) -> str:
        """Return the value of a row that is given none, in Python; nothing where there is none."""
        if self.type == "bool":
            return "False"
        return f"{self.enum}.{self.members[0][0]}" if self.type == "enum" and not self.is_marked else ""

    @property
    def optional(self) -> bool:
        """Tell whether there may be no value."""
        return not (self.required or self.default or self.type == "refs")

    @property
    def on_delete(self) -> str:
        """Return what becomes of the row with what it refers to: an account can always be deleted."""
        if not (self.target and self.target.is_person):
            return ""
        return f', ondelete="{"SET NULL" if self.optional else "CASCADE"}"'

    def fill(self, text: str) -> str:
        """Fill in what a text of its kind leaves open."""
        member = self.members[0] if self.values else ("", "", "")
        return text.format(
            beyond=self.length + 1,
            enum=self.enum,
            label=self.label,
            least=1 if self.required else 0,
            length=self.length,
            longest=max(map(len, self.values), default=0),
            member=member[0],
            name=self.name,
            on_delete=self.on_delete,
            table=self.target.table if self.target else "",
            target=self.target.name if self.target else "",
            value=member[1],
            word=self.label[: self.length],
        )

    @property
    def annotation(self) -> str:
        """Return the type of the attribute."""
        return self.fill(self.kind.python) + (" | None" if self.optional and self.type != "json" else "")

    @property
    def arguments(self) -> str:
        """Return the arguments of the column."""
        column = self.fill(self.kind.column)
        if self.type == "json":
            column = "JSON" if self.required else "JSON(none_as_null=True), nullable=True"
        # Rows that were there before the column get its default from the database.
        stored = "0" if self.type == "bool" else self.default.rpartition(".")[2]
        default = f'default={self.default}, server_default="{stored}"' if self.default else ""
        return ", ".join(filter(None, [column, "unique=True" if self.unique else "", default]))

    @property
    def form_options(self) -> str:
        """Return the entries of the options of its field in a form."""
        entries, checks = [], [self.fill(check) for check in self.kind.checks]
        if self.type == "enum":
            coerce = self.enum if self.default else f"lambda value: {self.enum}(value) if value else None"
            entries.append(f'"coerce": {coerce}')
        if self.kind.filters:
            empty = ["lambda text: text or None"] if self.optional and "strip" in self.kind.filters else []
            entries.append(f'"filters": [{", ".join([*self.kind.filters, *empty])}]')
        if not self.default:
            checks = ["Optional()" if self.optional else "InputRequired()", *checks]
        if self.unique:
            checks.append(f"Unique({self.owner}.{self.name})")
        if checks:
            entries.append(f'"validators": [{", ".join(checks)}]')
        return ", ".join(entries)

    @property
    def field_options(self) -> str:
        """Return the further arguments of the field of the form."""
        choices = [f'choices=CHOICES["{self.name}"]'] if self.type == "enum" else []
        return "".join(f", {option}" for option in [*choices, *self.kind.options])

    @property
    def row_options(self) -> str:
        """Return the further arguments of the field that chooses rows."""
        checks = ["InputRequired()"] if self.required else []
        checks += [f"Unique({self.owner}.{self.column})"] if self.unique else []
        return f", validators=[{', '.join(checks)}]" if checks else ""

    @property
    def schema(self) -> str:
        """Return the field of the schema."""
        before = {
            "enum": [self.enum, "by_value=True"],
            "refs": [str(self.target and self.target.name), f'attribute="{self.name}"'],
        }
        options = [*before.get(self.type, []), *map(self.fill, self.kind.schema_options)]
        if self.default or not self.required:
            options.append(f"load_default={self.default or ('list' if self.type == 'refs' else 'None')}")
        else:
            options.append("required=True")
        if self.type in {"str", "text"} and self.required:
            options.append("pattern=NOT_BLANK")
        rules = [self.fill(rule) for rule in self.kind.rules]
        if self.type == "refs" and self.required:
            rules = ["validate.Length(1)"]
        return f"{self.kind.schema}({', '.join(options + [f'validate={rule}' for rule in rules])})"

    def shown(self, row: str, *, whole: bool = False) -> str:
        """Return how a template shows the value of a row."""
        value = f"{row}.{self.name}"
        link = f'<a href="{{{{ {value} }}}}">{{{{ {value} }}}}</a>'
        written = {
            "bool": f"{{{{ truth({value}) }}}}",
            "date": f"{{{{ format_date({value}) }}}}",
            "datetime": f"{{{{ format_datetime({value}) }}}}",
            "decimal": f"{{{{ format_number({value}) }}}}",
            "email": link.replace('href="', 'href="mailto:'),
            "enum": f"{{{{ {self.name}_labels[{value}] }}}}",
            "float": f"{{{{ format_number({value}) }}}}",
            "json": f"<pre>{{{{ format_json({value}) }}}}</pre>",
            "ref": self.target.link(value, f"{value}_id") if self.target else "",
            "refs": self.rows(value),
            "text": f"{{% for line in {value}.splitlines() %}}{{{{ line }}}}<br>{{% endfor %}}",
            "time": f"{{{{ format_time({value}) }}}}",
            "url": link.replace("<a ", '<a rel="noopener" '),
        }.get(self.type, f"{{{{ {value} }}}}")
        if whole or not self.optional or "{{ " not in written or self.type in {"bool", "refs"}:
            return written
        return f"{{% if {self.present(row)} %}}{written}{{% endif %}}"

    def rows(self, value: str) -> str:
        """Return how a template shows several rows."""
        if not (self.target and self.target.has_page):
            return f'{{{{ {value} | join(", ") }}}}'
        link = self.target.link("row", "row.id")
        return f'{{% for row in {value} %}}{link}{{{{ ", " if not loop.last }}}}{{% endfor %}}'

    def present(self, row: str) -> str:
        """Return the test of a template whether a row has a value."""
        value = f"{row}.{self.name}"
        return (
            value
            if self.type in {"refs", "ref", "str", "text", "email", "url", "date", "datetime", "enum", "uuid"}
            else f"{value} is not none"
        )


@dataclass(frozen=True)
class Resource:
    """What the templates are filled with."""

    name: str
    singular: str
    plural: str
    fields: tuple[Field, ...]
    features: frozenset[str]
    python: Path

    @property
    def noun(self) -> str:
        """Return what people call one of them, within a sentence."""
        return self.singular.replace("_", " ")

    @property
    def nouns(self) -> str:
        """Return what people call several of them, within a sentence."""
        return self.plural.replace("_", " ")

    @property
    def label(self) -> str:
        """Return what people call one of them."""
        return self.noun[:1].upper() + self.noun[1:]

    @property
    def labels(self) -> str:
        """Return what people call several of them."""
        return self.nouns[:1].upper() + self.nouns[1:]

    @property
    def article(self) -> str:
        """Return one of them with its article: ``a book``, ``an author``."""
        return f"{'an' if re.match('[aeio]|u(?!ni|s)', self.noun) else 'a'} {self.noun}"

    @property
    def sentence(self) -> str:
        """Return one of them with its article, as a sentence begins."""
        return self.article[:1].upper() + self.article[1:]

    @property
    def slug(self) -> str:
        """Return the name in addresses."""
        return self.plural.replace("_", "-")

    @property
    def folder(self) -> str:
        """Return where the package is written, from the root of the project."""
        return f"app/{self.plural}"

    @property
    def endpoint(self) -> str:
        """Return the name of the blueprint, which differs from those of the admin panel and of the API."""
        return f"{self.singular}_pages"

    @property
    def collection(self) -> str:
        """Return the name of the class of all of them."""
        return camel(self.plural)

    def of(self, *types: str) -> list[Field]:
        """Return the fields of these types."""
        return [field for field in self.fields if field.type in types]

    @property
    def targets(self) -> list[Target]:
        """Return the models that are referred to, each once, by package."""
        found = {field.target for field in self.fields if field.target}
        return sorted(found, key=lambda target: (target.package, target.name))

    @property
    def leads(self) -> list[tuple[Target, int]]:
        """Return the models to whose pages a row leads strangers, each with how many of its fields do."""
        return [
            (target, sum(field.target == target for field in self.fields))
            for target in self.targets
            if target.has_page and not target.is_hidden
        ]

    @property
    def title(self) -> Field | None:
        """Return the field that a row is called by."""
        required = [field for field in self.fields if field.required]
        return next((field for kind in TITLES for field in required if field.type == kind), None)

    @property
    def listed(self) -> list[Field]:
        """Return the fields that are shown in a list, the name first."""
        shown = [field for field in self.fields if field.kind.is_listed and not field.is_hidden]
        first = [self.title] if self.title else []
        others = [field for field in shown if field not in first]
        # What the list is filtered by comes before what is as good to see on the page of the row.
        chosen = sorted(others, key=lambda field: field not in self.filters)[: MAX_LISTED - len(first)]
        return first + [field for field in others if field in chosen]

    def cell(self, field: Field) -> str:
        """Return the classes of the column of a field in a list."""
        number = ["text-end"] if field.type in {"int", "float", "decimal"} else []
        wide = ["d-none d-md-table-cell"] if field in self.listed[MAX_NARROW:] else []
        return " ".join(number + wide)

    @property
    def sorts(self) -> list[Field]:
        """Return the fields that a list is sorted by, of those that it shows."""
        return [field for field in self.listed if field.kind.is_sorted and field.length <= MAX_SORTED]

    @property
    def searched(self) -> list[Field]:
        """Return the fields that are searched for text."""
        return [field for field in self.fields if field.kind.is_searched]

    @property
    def unique(self) -> list[Field]:
        """Return the fields whose values no two rows share."""
        return [field for field in self.fields if field.unique]

    @property
    def of_optional(self) -> list[Field]:
        """Return the fields that may be empty in a form."""
        return [field for field in self.fields if field.optional]

    @property
    def wrong(self) -> list[Field]:
        """Return the fields that can be filled in wrongly."""
        return [field for field in self.fields if field.kind.wrong]

    @property
    def filters(self) -> list[Field]:
        """Return the fields that a list is filtered by."""
        return [field for field in self.of("enum", "bool", "ref") if not field.is_hidden]

    @property
    def is_numbered(self) -> bool:
        """Tell whether the values of a row in a test have its number in them."""
        return any(re.search(r"\bnumber\b", field.fill(field.kind.sample)) for field in self.fields)


def read(name: str, fields: str, project: Path) -> Resource:
    """Return the resource that the answers describe.

    :param project: the folder of the project
    :raises Refused: an answer can't be used, and the message says why
    """
    check_project(project)
    singular, plural = read_name(name)
    models = dict(sorted(find_models(project, plural)))
    tables = find_tables(project, plural, models)
    check_names(singular, plural, models, project)
    check_tests(plural, project)
    check_table(plural, tables)
    owner = camel(singular)
    found = [read_field(text, owner, models) for text in split(fields)]
    check_fields(found, singular)
    check_enums(found, owner, camel(plural))
    for field in found:
        if field.type == "refs":
            check_relation(field, singular, plural, tables)
    app = project / "app"
    features = frozenset(feature for feature in FEATURES if (app / feature / "__init__.py").exists())
    return Resource(owner, singular, plural, tuple(found), features, find_python(project))


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
    is_taken = singular in WORDS or plural in {*PACKAGES, *ADDRESSES} or camel(plural) in CLASSES
    if is_taken or keyword.iskeyword(singular):
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
    for name in (f"fixtures_{plural}", *(f"test_{plural}{face}" for face in ("", "_admin", "_api"))):
        if (project / "tests" / f"{name}.py").exists():
            raise Refused(f"tests/{name}.py is there already: delete or rename it, or give the resource another name.")


def why_taken(name: str) -> str:
    """Return why no class that is written can have a name; nothing where one can."""
    if keyword.iskeyword(name) or name in CLASSES:
        return OF_THE_HOUSE
    # The tests import it; pytest would look into it for tests, and warn that there are none.
    return "a name that pytest takes for that of tests" if name.startswith("Test") else ""


def check_table(plural: str, tables: dict[str, str]) -> None:
    """Refuse a table that is there.

    :raises Refused: it is
    """
    if plural in tables:
        raise Refused(f"The table {quoted(plural)} belongs to {tables[plural]}: give the resource another name.")


def find_models(project: Path, own: str) -> Iterator[tuple[str, Target]]:
    """Yield the models of the project, by their names, but for those that are about to be written anew."""
    for file in other_models(project, own):
        schemas = find_schemas(file.with_name("api.py"))
        for node in parse(file).body:
            if isinstance(node, ast.ClassDef) and is_model(node):
                package, table = file.parent.name, table_of(node)
                is_hidden = package == ACCOUNTS or hides(file.with_name("queries.py"), table)
                yield node.name, Target(
                    node.name,
                    package,
                    table,
                    has_id=has_id(node),
                    has_page=shows(file.with_name("pages.py"), snake(node.name)),
                    has_schema=f"{node.name}Schema" in schemas and not is_hidden,
                    is_hidden=is_hidden,
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
        target=find_target(text, inside, owner, models) if kind in {"ref", "refs"} else None,
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
        if name in names.split():
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


def find_target(text: str, inside: str, owner: str, models: dict[str, Target]) -> Target:
    """Return the model that a field refers to.

    :raises Refused: there is none
    """
    name = " ".join(inside.split())
    if name == owner:
        raise Refused(
            f"{quoted(text)} refers to itself, which needs work by hand: generate it without, and add the relationship."
        )
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


def check_enums(fields: list[Field], owner: str, collection: str) -> None:
    """Refuse enums that would be called like another class of the package.

    :raises Refused: they would
    """
    models = {owner, *(field.target.name for field in fields if field.target)}
    classes = {*models, collection, f"{owner}Form", f"{owner}View", *(f"{model}Schema" for model in models)}
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


def quoted(text: str) -> str:
    """Return the beginning of an answer in quotes, on one line."""
    words = printed(" ".join(text.split()))
    return f"“{words[:60]}{'…' if len(words) > 60 else ''}”"  # noqa: PLR2004 what one can take in


def printed(text: str) -> str:
    """Return a text without what a terminal would obey, or can't show."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def snake(name: str) -> str:
    """Return a name in snake case: ``book_review`` for ``BookReview`` and ``book review``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    return "_".join(re.findall("[a-z0-9]+", parted.lower()))


def camel(name: str) -> str:
    """Return a name in camel case: ``BookReview`` for ``book_review``."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


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
        environment.globals["working_folder"] = lambda: str(Path.cwd())

    @staticmethod
    def resource(answers: dict[str, Any]) -> Resource:
        """Return the resource that the answers describe."""
        return cached(str(answers["name"]), str(answers["fields"]), Path(answers["__project"]))
