"""What the generator of resources makes of its answers."""

import json
import keyword
import re
from pathlib import Path

import pytest
from flask_foundry_fields import Resource
from flask_foundry_kinds import KINDS
from flask_foundry_nouns import plural_of, singular_of
from flask_foundry_project import Refused
from flask_foundry_resource import ResourceExtension, read
from foundry.manifest import TEMPLATE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

BOOK = (
    "title:str:200! isbn:str:13^ price:decimal published:date? status:enum(draft,out-of-print) author:ref(Author) "
    "tags:refs(Tag) notes:text?"
)
AUTHORS = """
class Genre(enum.Enum):
    NOVEL = "novel"


class Author(Model):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
AUTHOR_SCHEMA = """
class AuthorSchema(Schema):
    id = fields.Integer(dump_only=True)
    agent = fields.Nested(AgentSchema)
"""
TAGS = """
class Tag(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
"""

SHELVES = """
shelf_tags = Table("shelf_tags", Model.metadata)


class Base(Model):
    __abstract__ = True


class Shelf(Base):
    __tablename__: str = "furniture"
    id: Mapped[int] = mapped_column(primary_key=True)


class Place(Base):
    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(String(80))


class Barcode(Model):
    digits: Mapped[str] = mapped_column(String(13), primary_key=True)


class Parcel(Model):
    id: Mapped[UUID] = mapped_column(primary_key=True)


class Link(Model):
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Model, sqla.FsUserMixin):
    email: Mapped[str] = mapped_column(String(255))
"""
USERS = """
class Role(Model):
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
"""
PROJECT = {
    "pyproject.toml": '[tool.flask-foundry]\nversion = "0.1.0"\n',
    "app/editing.py": "",
    ".venv/bin/flask": "",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder, and return it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the generator looks at of a project."""
    files = {
        "app/authors/models.py": AUTHORS,
        "app/authors/api.py": AUTHOR_SCHEMA,
        "app/security/models.py": USERS,
        "app/security/api.py": "class UserSchema(Schema):\n    id = fields.Integer()\n",
        "app/news/models.py": "class Report(Model):\n    __tablename__ = 'reports'\n",
        "app/news/api.py": "class ReportSchema(Schema):\n    id = fields.Integer()\n",
        "app/news/queries.py": "def visible_reports(may_edit: bool) -> Select[Report]:\n    return select(Report)\n",
        "app/tags/models.py": TAGS,
        "app/tags/api.py": "class TagSchema(Schema):\n    word = fields.String()\n",
        "tests/test_letter_boxes_api.py": "",
        "app/letters.py": "",
        "app/api/__init__.py": "",
    }
    return write(tmp_path_factory.mktemp("project"), PROJECT | files)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with models that somebody wrote."""
    files = {"app/shelves/models.py": SHELVES, "app/tags/models.py": TAGS}
    return write(tmp_path_factory.mktemp("library"), PROJECT | files)


def test_the_answers_say_all_that_is_written(project: Path) -> None:
    book = read("Book", BOOK, project)
    assert (book.name, book.singular, book.plural, book.slug) == ("Book", "book", "books", "books")
    assert book.features == {"api"}
    assert [field.column for field in book.fields] == [
        *("title", "isbn", "price", "published", "status", "author_id", "tags", "notes")
    ]
    assert {field.name for field in book.fields if field.optional} == {"published", "notes"}
    assert [field.name for field in book.unique] == ["isbn"]
    assert [field.label for field in book.fields][:4] == ["Title", "ISBN", "Price", "Published"]
    assert book.title is not None
    assert book.title.name == "title"
    [status] = book.of("enum")
    assert status.members == [("DRAFT", "draft", "Draft"), ("OUT_OF_PRINT", "out-of-print", "Out of print")]
    assert status.default == "Status.DRAFT"
    [author], [tags] = book.of("ref"), book.of("refs")
    assert author.target is not None
    assert (author.target.package, author.target.table, author.target.has_schema) == ("authors", "authors", True)
    assert tags.target is not None
    assert (tags.target.table, tags.target.has_schema, tags.api_name) == ("tag", False, "tag_ids")


def test_people_are_shown_to_no_stranger(project: Path) -> None:
    book = read("Book", "title:str owner:ref(User) readers:refs(User) author:ref(Author)", project)
    assert [field.name for field in book.fields if field.is_hidden] == ["owner", "readers"]
    assert [field.name for field in book.filters] == ["author"]
    assert [field.name for field in book.listed] == ["title", "author"]
    assert [target.name for target in book.targets if target.has_schema] == ["Author"]


def test_rows_that_are_not_for_everybody_are_shown_to_no_stranger(project: Path) -> None:
    for field in read("Book", "source:ref(Report) role:ref(Role)", project).fields:
        assert field.target is not None
        assert (field.is_hidden, field.target.is_person, field.target.has_schema) == (True, False, False)


def test_models_do_not_refer_to_each_other_in_a_circle(project: Path, tmp_path: Path) -> None:
    tags = "from ..database import Model\nfrom ..shelves.models import Shelf\n" + TAGS
    files = {"app/shelves/models.py": "from ..books.models import Book\n", "app/tags/models.py": tags}
    library = write(tmp_path, PROJECT | files)
    with pytest.raises(Refused, match="“tag” refers to Tag, which refers to Book itself"):
        read("Book", "tag:ref(Tag)", library)
    assert read("Book", "tag:ref(Tag)", project).fields


def test_a_variable_is_called_as_nothing_of_python(project: Path) -> None:
    assert [read(name, "a:int", project).variable for name in ("Book", "Property")] == ["book", "row"]


def test_a_list_shows_what_it_is_filtered_by(project: Path) -> None:
    book = read("Book", "pages:int title:str a:str b:str c:str d:str e:str done:bool author:ref(Author)", project)
    assert [field.name for field in book.listed] == ["title", "pages", "a", "b", "done", "author"]
    assert [book.cell(field) for field in book.listed[1:4]] == ["text-end", "", "d-none d-md-table-cell"]


def test_a_row_is_called_by_a_short_text_that_is_always_there(project: Path) -> None:
    assert read("Note", "words:text title:str?", project).title is None
    named = read("Note", "words:text email:email title:str", project).title
    assert named is not None
    assert named.name == "title"


def test_the_environment_of_the_project_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PROJECT | {"other/bin/flask": ""})
    monkeypatch.delenv("UV_PROJECT_ENVIRONMENT", raising=False)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "other"))
    assert read("Book", "a:int", tmp_path).python == tmp_path / ".venv" / "bin" / "python"
    (tmp_path / ".venv" / "bin" / "flask").unlink()
    assert read("Book", "a:int", tmp_path).python == tmp_path / "other" / "bin" / "python"
    monkeypatch.delenv("VIRTUAL_ENV")
    with pytest.raises(Refused, match=r"has no environment: run python bin/setup\.py there"):
        read("Book", "a:int", tmp_path)


@pytest.mark.parametrize("name", ["BookReview", "book review", "book_review", "Book-Review", " BookReview "])
def test_a_name_is_the_same_in_every_spelling(name: str, project: Path) -> None:
    review = read(name, "text:text", project)
    assert (review.name, review.singular, review.plural) == ("BookReview", "book_review", "book_reviews")
    assert (review.label, review.nouns, review.slug, review.folder) == (
        *("Book review", "book reviews", "book-reviews", "app/book_reviews"),
    )


def test_acronyms_are_written_large(project: Path) -> None:
    rate = read("VatRate", "isbn_code:str", project)
    assert (rate.label, rate.nouns, rate.fields[0].label) == ("VAT rate", "VAT rates", "ISBN code")


def test_the_plural_can_be_given(project: Path) -> None:
    assert read("Octopus:Octopodes", "arms:int", project).plural == "octopodes"


@pytest.mark.parametrize(
    ("name", "article"),
    [("Editor", "an editor"), ("Unit", "a unit"), ("Umbrella", "an umbrella"), ("Book", "a book"), ("IP", "an IP")],
)
def test_a_name_has_its_article(name: str, article: str, project: Path) -> None:
    assert read(name, "name:str", project).article == article


NOUNS = """
    book books, box boxes, bus buses, status statuses, class classes, address addresses, city cities, day days,
    key keys, quiz quizzes, church churches, dish dishes, person people, child children, man men, salesman
    salesmen, woman women, human humans, mouse mice, goose geese, foot feet, tooth teeth, ox oxen, die dice,
    leaf leaves, knife knives, shelf shelves, bookshelf bookshelves, roof roofs, safe safes, analysis analyses,
    crisis crises, datum data, medium media, criterion criteria, matrix matrices, cactus cacti, hero heroes,
    potato potatoes, photo photos, lens lenses, movie movies, tie ties, house houses, course courses, cause
    causes, glove gloves, cache caches, axis axes, gas gases, tax_office tax_offices, line_item line_items,
    radius radiuses, genius geniuses, epoch epochs, fez fezzes
"""


@pytest.mark.parametrize(("singular", "plural"), [pair.split() for pair in NOUNS.split(",")])
def test_nouns_have_their_plurals(singular: str, plural: str) -> None:
    assert plural_of(singular) == plural
    assert singular_of(plural) == singular
    assert singular_of(singular) == singular


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("", "a:int", "no name of a resource"),
        ("4ever", "a:int", "“4ever” is no name of a resource: write it like Book"),
        ("Bücher", "a:int", "no name"),
        ("Books", "a:int", "“Books” looks like a plural: give the singular, Book"),
        ("Sheep", "a:int", "no plural of its own: give both"),
        ("Class", "a:int", "“Class” is a name that Python or the project uses"),
        ("Model", "a:int", "uses itself: give the resource another name"),
        ("Task", "a:int", "“Task”"),
        ("Letter", "a:int", "app/letters.py is there already"),
        ("Status", "a:int", "“Status” is a name that Python or the project uses"),
        ("Me", "a:int", "“Me” is a name that Python or the project uses"),
        ("Doc", "a:int", "“Doc” is a name that Python or the project uses"),
        ("Problem", "a:int", "“Problem” is a name that Python or the project uses"),
        ("Rule:Lateral", "a:int", "“Rule” is a name that Python or the project uses"),
        ("Metric:Status", "a:int", "“Metric” is a name that Python or the project uses"),
        ("Foo:None", "a:int", "“Foo” is a name that Python or the project uses"),
        ("Authorship:Author", "a:int", "“Authorship” would have an address that another model has"),
        ("AUthor", "a:int", "“AUthor” would have an address that another model has"),
        ("Book 1:Book1", "a:int", "“Book1” would have an address that another model has"),
        ("Foo:FooSchema", "a:int", "“Foo” would have two classes called FooSchema: give the resource another name"),
        ("Loop", "a:int", "“Loop” is a name that Python or the project uses"),
        ("Callable", "a:int", "“Callable” is a name that Python or the project uses"),
        ("A", "a:int", "“A” is a name that Python or the project uses"),
        ("Cargo:Import", "a:int", "“Cargo” is a name that Python or the project uses"),
        ("LetterBox", "a:int", "tests/test_letter_boxes_api.py is there already: delete or rename it"),
        ("Author:Writers", "a:int", "model “Author” already, in app/authors/models.py"),
        ("Label:Tag", "a:int", "“tag” belongs to Tag in app/tags/models.py: give the resource another name"),
        ("None", "a:int", "“None” is a name that Python or the project uses"),
        ("Redirect", "a:int", "“Redirect” is a name that Python or the project uses"),
        ("Story:Text", "a:int", "“Story” is a name that Python or the project uses"),
        ("Testimonial", "a:int", "“Testimonial” is a name that pytest takes for that of tests: give the resource"),
        ("a" * 41, "a:int", "is no name of a resource"),
        ("Books\n", "a:int", "or both, Books:Bookses"),
        ("Book", "", "0 fields"),
        ("Book", " ".join(f"a{number}:int" for number in range(41)), "41 fields"),
        ("Book", "title", "“title” is no field: write it like title:str:200! with one of the types str, text"),
        ("Book", "title:varchar", "“title:varchar” is no field"),
        ("Book", "Title:str", "“Title” is no name of a field"),
        ("Book", "class:str", "no word of Python"),
        ("Book", "metadata:json", "“metadata” is a name that SQLAlchemy uses"),
        ("Book", "errors:int", "the form uses"),
        ("Book", "page:int", "the API uses"),
        ("Book", "created_at:date", "“created_at” is a name that every resource uses itself"),
        ("Book", "nothing:int", "“nothing” is a name that a database uses"),
        ("Book", "validate_title:bool title:str", "“validate_title” is a name that the form uses"),
        ("Book", "l:int", "“l” is a name that the code that is written uses"),
        ("Book", "url:str", "“url” is a name that the admin panel uses"),
        ("Book", "lang:str", "“lang” is a name that every page uses"),
        ("Book", "created:date", "“created” is a name that the code that is written uses"),
        ("Book", "relationship:str", "“relationship” is a name that the code that is written uses"),
        ("Book", "values:json", "“values” is a name that a dict of Python uses"),
        ("Book", f"{'a' * 41}:int", "is no name of a field"),
        ("Book", "ti\x1b[31mtle:int", "“ti�[31mtle” is no name of a field"),
        ("Book", "title:str!?", "required and optional"),
        ("Book", "title:str:0", "from 1 to 1000"),
        ("Book", "title:str:99999999999999", "from 1 to 1000"),
        ("Book", "title:str:00000000199999", "from 1 to 1000"),
        ("Book", f"title:str:1{'0' * 5000}", "from 1 to 1000"),
        ("Book", "title:str:٢", "is no field"),
        ("Book", "title:int:4", "only str has a length"),
        ("Book", "notes:text^", "leave out ^"),
        ("Book", "title:str:900^", "leave out ^"),
        ("Book", "status:enum", "write status:enum(draft,published)"),
        ("Book", "status:enum(draft)", "2 to 50 different values"),
        ("Book", "status:enum(a-b,a_b)", "different values"),
        ("Book", "status:enum(Draft,B)", "lower case"),
        ("Book", "author:ref", "write author:ref(Author)"),
        ("Book", "author:ref(Poet)", "there are Author, Report, Role, Tag, User; generate Poet first"),
        ("Book", "author:ref(Po\net)", "generate Po et first"),
        ("Book", "author:ref()", "generate it first"),
        (
            "Book",
            "author:ref(author)",
            "“author:ref(author)” refers to a model that is called Author: write ref(Author)",
        ),
        ("Book", "genre:ref(Genre)", "a model that is not there"),
        ("Book", "other:ref(Book)", "refers to itself"),
        ("Book", "a:int a:str", "“a” and “a” would both be called a"),
        ("Book", "author:ref(Author) author_id:int", "would both be called author_id"),
        ("Book", "author:enum(a,b) by:ref(Author)", "its enum would be called Author"),
        ("Book", "book:enum(a,b)", "its enum would be called Book"),
        ("Book", "books:enum(a,b)", "its enum would be called Books, as something else is; rename the field"),
        ("Book", "book_form:enum(a,b)", "its enum would be called BookForm"),
        ("Book", "a1:enum(a,b) a_1:enum(c,d)", "“a_1”: its enum would be called A1"),
        ("Book", "none:enum(a,b)", "its enum would be called None, a name that Python or the project uses itself"),
        ("Book", "test_kind:enum(a,b)", "TestKind, a name that pytest takes for that of tests; rename the field"),
        ("Book", "length:enum(short,long)", "its enum would be called Length, a name that Python or the project uses"),
        ("Book", "book_tags:str tags:refs(Tag)", "would both be called book_tags"),
        ("Book:BookTags", "tags:refs(Tag)", "needs a table book_tags, which belongs to the resource itself"),
        ("Book", "books:refs(Tag)", "both columns of its table would be book_id; rename the field"),
        ("a" * 40, f"{'b' * 40}:refs(Tag)", "of more than 63 letters: shorten its name"),
        ("Book", "title:str(5)", "write title:str"),
        ("Book\nand more", "a:int", "“Book and more” is no name"),
    ],
)
def test_what_can_not_be_is_said_in_one_sentence(name: str, fields: str, said: str, project: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(name, fields, project)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).isprintable()
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("ShelfTag", "a:int", "“shelf_tags” belongs to app/shelves/models.py: give the resource another name"),
        ("Seat:Furniture", "a:int", "“furniture” belongs to Shelf in app/shelves/models.py"),
        ("Book", "base:ref(Base)", "there are Barcode, Link, Parcel, Place, Shelf, Tag, User; generate Base first"),
        ("Book", "code:ref(Barcode)", "a model whose key is no number called id: give Barcode one"),
        ("Book", "parcels:refs(Parcel)", "a model whose key is no number called id"),
        ("Book", "link:ref(Link)", "a model whose name is a name that Python or the project uses itself: rename"),
    ],
)
def test_models_that_somebody_wrote_are_respected(name: str, fields: str, said: str, library: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(name, fields, library)
    assert said in str(refused.value)


def test_models_that_somebody_wrote_are_referred_to(library: Path) -> None:
    book = read("Book", "shelf:ref(Shelf) place:ref(Place) user:ref(User) tags:refs(Tag) words:refs(Tag)", library)
    assert [field.target.table for field in book.fields if field.target] == ["furniture", "place", "user", "tag", "tag"]
    assert [target.name for target in book.targets] == ["Place", "Shelf", "User", "Tag"]


def test_a_relation_is_not_made_twice(tmp_path: Path) -> None:
    table = 'book_tags = Table("book_tags", Model.metadata)\n'
    write(tmp_path, PROJECT | {"app/tags/models.py": TAGS, "app/labels/models.py": table})
    with pytest.raises(Refused, match=r"“tags” needs a table book_tags, which belongs to app/labels/models\.py"):
        read("Book", "tags:refs(Tag)", tmp_path)


def test_it_works_in_the_root_of_a_project(tmp_path: Path, project: Path) -> None:
    for folder in (tmp_path, project / "app"):
        with pytest.raises(Refused, match=r"change to the folder with its pyproject\.toml"):
            read("Book", BOOK, folder)


@pytest.mark.parametrize("settings", ["", "[tool]", "tool = 1", "tool = []", "[tool", "\ud800"])
def test_no_other_settings_are_taken_for_those_of_a_project(settings: str, tmp_path: Path) -> None:
    write(tmp_path, {"app/editing.py": ""})
    (tmp_path / "pyproject.toml").write_bytes(settings.encode("utf-8", "surrogatepass"))
    with pytest.raises(Refused, match="is not the root of a project"):
        read("Book", BOOK, tmp_path)


def test_a_package_may_be_written_anew(project: Path) -> None:
    assert read("Author", "name:str", project).plural == "authors"


@pytest.mark.parametrize("module", ["models", "api"])
@pytest.mark.parametrize("text", [b"class (", b"\xff", b"\0"])
def test_modules_that_can_not_be_read_are_named(module: str, text: bytes, tmp_path: Path) -> None:
    write(tmp_path, PROJECT | {"app/broken/models.py": TAGS})
    (tmp_path / "app" / "broken" / f"{module}.py").write_bytes(text)
    with pytest.raises(Refused, match=rf"^app/broken/{module}\.py can't be read, [^\n]+: mend it first\.$"):
        read("Book", "a:int", tmp_path)


def test_models_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, PROJECT | {"app/tags/models.py": f"\ufeff{TAGS}"})
    assert read("Book", "tags:refs(Tag)", tmp_path).targets[0].name == "Tag"


@settings(database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    name=st.one_of(
        st.text(max_size=20),
        st.text(alphabet="aBks:_- \n1", max_size=50),
        st.sampled_from(["Book", "Cactus:Cacti"]),
    ),
    fields=st.one_of(
        st.text(max_size=60),
        st.text(alphabet="ab_:(),!?^ 019strenumf", max_size=60),
        st.from_regex(r"[a-z_1]{1,3}:(str(:\d+)?|(enum|refs?)\([\w, -]*\)|int|json)[!?^]*", fullmatch=True),
        st.lists(st.sampled_from(BOOK.split()), max_size=9).map(" ".join),
    ),
)
def test_every_answer_is_taken_or_refused(name: str, fields: str, project: Path) -> None:
    try:
        found: Resource | str = read(name, fields, project)
    except Refused as error:
        found = str(error)
    if isinstance(found, Resource):
        assert found.name.isidentifier()
        assert not keyword.iskeyword(found.name)
        assert all(field.length <= 1000 for field in found.fields)
        assert all(field.arguments or field.type == "refs" for field in found.fields)
    else:
        assert found.isprintable()
        assert found.endswith(".")


def test_the_examples_of_the_documents_are_answers(project: Path) -> None:
    texts = [(TEMPLATE / name).read_text(encoding="utf-8") for name in ("README.md", "docs/resource.md")]
    examples = re.findall(r'name="(\w+)"[\s\\]+fields="([^"]+)"', "\n".join(texts))
    defaults = json.loads((TEMPLATE / "resource" / "cookiecutter.json").read_text(encoding="utf-8"))
    prompts = defaults["__prompts__"]
    examples.append(("Book", prompts["fields"].rpartition("\n")[2].strip().removesuffix("[/]")))
    assert set(KINDS) <= set(re.findall(r"\w+", prompts["fields"].partition(";")[0]))
    found = [read(f"{name}:Examples", fields, project) for name, fields in examples if name not in {"Author", "Tag"}]
    assert len(found) == 3
    assert all(resource.title for resource in found)


def test_a_name_is_refused_before_fields_are_asked_for(project: Path) -> None:
    answers = {"name": "Books", "__project": str(project)}
    with pytest.raises(Refused, match="looks like a plural"):
        ResourceExtension.none_yet(answers)
    assert ResourceExtension.none_yet(answers | {"name": "Book"}) == ""


def test_templates_ask_for_the_resource(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    environment = Environment(extensions=[ResourceExtension], autoescape=False)  # noqa: S701 as Cookiecutter does
    folder = environment.from_string("{{ working_folder() }}").render()
    answers = {"name": "Book", "fields": BOOK, "__project": folder}
    assert environment.from_string("{{ (answers | resource).folder }}").render(answers=answers) == "app/books"
