"""The fields of a resource, and the resource, as the templates write them."""

import builtins
import re
from dataclasses import dataclass
from pathlib import Path

from flask_foundry_kinds import KINDS, Kind
from flask_foundry_nouns import camel, singular_of
from flask_foundry_project import Target

TITLES = ("str", "email")  # what a row may be called by, the best first
MAX_LISTED = 6  # columns of a list
MAX_NARROW = 3  # of these on a telephone
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
MAX_SORTED = 500  # letters of a column that a list is sorted by
MIN_SOUGHT = 2  # letters that may be in any text
MIN_ENUM = 20  # letters of its column, so that a longer value needs no new one


def spoken(name: str) -> str:
    """Return a name as people write it within a sentence: ``VAT rate`` for ``vat_rate``."""
    return " ".join(word.upper() if word in ACRONYMS else word for word in name.split("_"))


def capital(text: str) -> str:
    """Return a text as a sentence begins."""
    return text[:1].upper() + text[1:]


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
        return spoken(self.name)

    @property
    def label(self) -> str:
        """Return what people read: ``Out of print``, ``ISBN``."""
        return capital(self.words)

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
        return [(re.sub("-", "_", value).upper(), value, capital(re.sub("[-_]", " ", value))) for value in self.values]

    @staticmethod
    def sounds_secret(member: str) -> bool:
        """Tell whether Ruff takes a member of an enum for a secret."""
        return bool(re.search("(^|_)(PASS(WORD|PHRASE)?|PWD|TOKEN|SECRET)($|_)", member))

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
            longest=max(MIN_ENUM, *map(len, self.values)) if self.values else 0,
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
        options = before.get(self.type, [])
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
        return spoken(self.singular)

    @property
    def nouns(self) -> str:
        """Return what people call several of them, within a sentence."""
        return spoken(self.plural)

    @property
    def label(self) -> str:
        """Return what people call one of them."""
        return capital(self.noun)

    @property
    def labels(self) -> str:
        """Return what people call several of them."""
        return capital(self.nouns)

    @property
    def article(self) -> str:
        """Return one of them with its article: ``a book``, ``an author``."""
        return f"{'an' if re.match('[aeio]|u(?!ni|s)|[AEFHILMNORSX][A-Z]', self.noun) else 'a'} {self.noun}"

    @property
    def sentence(self) -> str:
        """Return one of them with its article, as a sentence begins."""
        return capital(self.article)

    @property
    def slug(self) -> str:
        """Return the name in addresses."""
        return self.plural.replace("_", "-")

    @property
    def variable(self) -> str:
        """Return the name of a variable that holds one of them, which is none of Python's own, as ``property`` is."""
        return "row" if hasattr(builtins, self.singular) else self.singular

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
    def sought(self) -> list[Field]:
        """Return the fields that tests find a text in, which has to be long enough to be in no other."""
        return [field for field in self.searched if field.type != "str" or field.length > MIN_SOUGHT] or self.searched

    @property
    def required(self) -> list[Field]:
        """Return the fields that have to be filled in."""
        return [field for field in self.fields if field.required]

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
