"""What the admin panel does for every table, tried on one that only the tests have."""

import csv
import enum
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from io import StringIO
from typing import Any
from unittest.mock import Mock
from urllib.parse import quote

import pytest
import tablib
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Enum, ForeignKey, Numeric, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from wtforms import Form, IntegerField, StringField, ValidationError

from app import create_app
from app.admin.formats import InlineEdit, harmless
from app.admin.views import Lookup, ProtectedView
from app.database import db

LIST = "/admin/thing/"
MOMENT = datetime.fromisoformat("2026-03-01T14:30:00")
KINDS = ["csv", "xlsx", "json"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", ";=1+1", ",=1", "|=1"]
# Of full width, after a wide blank, and after what can't be seen; in quotes.
FORMULAS += ["\uff1d1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", "\u3000=1", "\xa0=1", "\ufeff=1"]
FORMULAS += ["\u200b=1", "\u202e=1", "\xad\uff1d1", '"=1', "'=1", " ; \uff1d1"]
# What is no number, no date or no choice, or out of all reason, or hard on one of the databases.
ODD = ["", "x", "\0", "-1", "1" * 30, "1,x", "9e999999", "nan", "=\\", "'", "2026-02-30"]
EVER = "0001-01-01 00:00:00 to 9999-12-31 23:59:59"


class Base(DeclarativeBase):
    """Keeps the table from the migrations."""


class Size(enum.Enum):
    """A choice."""

    SMALL = 1
    LARGE = 2


class Box(Base):
    """What things are in."""

    __tablename__ = "boxes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))

    def __str__(self) -> str:
        return self.name


class Thing(Base):
    """A row with a column of each kind."""

    __tablename__ = "things"
    __table_args__ = (UniqueConstraint("code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    code: Mapped[str | None] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(default=0)
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    weight: Mapped[float | None]
    size: Mapped[Size] = mapped_column(Enum(Size, native_enum=False), default=Size.SMALL)
    fragile: Mapped[bool] = mapped_column(default=False)
    day: Mapped[date | None]
    moment: Mapped[datetime | None]
    secret: Mapped[str] = mapped_column(String(80), default="hush")
    box_id: Mapped[int | None] = mapped_column(ForeignKey("boxes.id"))
    box: Mapped[Box | None] = relationship()

    def __str__(self) -> str:
        return self.name


class ThingView(ProtectedView):
    """All columns but one."""

    column_editable_list = ("amount", "price")
    column_filters = ("name", "amount", "price", "size", "fragile", "day", "moment")
    column_list = ("name", "code", "amount", "price", "size", "fragile", "day", "moment")
    column_searchable_list = ("name",)
    form_ajax_refs = {"box": {"fields": ("name",), "page_size": 10}}
    form_columns = ("name", "amount", "weight", "box")


@pytest.fixture(scope="module")
def app(overrides: dict[str, object]) -> Iterator[Flask]:
    """Return an application with this table in its panel."""
    app = create_app(overrides)
    app.extensions["admin"][0].add_view(ThingView(Thing, db, name="Things"))
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with app.app_context():
        db.drop_all()
        db.create_all()
        Base.metadata.drop_all(db.engine)
        Base.metadata.create_all(db.engine)
    yield app
    with app.app_context():
        Base.metadata.drop_all(db.engine)
        db.engine.dispose()


@pytest.fixture
def add(app: Flask) -> Callable[..., int]:
    """Return a function that writes a thing, and returns its id."""

    def write(name: str, **values: object) -> int:
        with app.app_context():
            thing = Thing(name=name, **values)
            db.session.add(thing)
            db.session.commit()
            return thing.id

    return write


@pytest.fixture
def find(app: Flask) -> Callable[[int], Thing]:
    """Return a function that reads a thing."""

    def read(key: int) -> Thing:
        with app.app_context():
            return db.session.get_one(Thing, key)

    return read


def names(page: str) -> list[str]:
    """Return the names of the things in a list."""
    return [
        name.strip() for name in re.findall(r'<td class="col-name">(.*?)</td>', page, re.DOTALL)
    ]


def filters(page: str) -> dict[str, dict[str, str]]:
    """Return the filters of a list: what each operation on each column is called."""
    [found] = re.findall(r'id="filter-groups-data"[^>]*>(.*?)</div>', page, re.DOTALL)
    return {
        column: {operation["operation"]: operation["arg"] for operation in group}
        for column, group in json.loads(unescape(found)).items()
    }


def test_values_are_shown_as_they_are_written(
    administrator: FlaskClient, add: Callable[..., int]
) -> None:
    add("One", amount=1200, price=Decimal("1000.5"), day=date(2026, 3, 1), moment=MOMENT)
    page = administrator.get(LIST).text
    assert "1,200" in page
    assert "1,000.5" in page
    assert re.search(r'col-fragile">\s*No\s', page)
    assert "UTC" in page
    assert "NULL" not in page


def test_the_newest_come_first(administrator: FlaskClient, add: Callable[..., int]) -> None:
    for name in ("A", "C", "B"):
        add(name)
    assert names(administrator.get(LIST).text) == ["B", "C", "A"]


def test_only_what_has_an_index_can_be_sorted_by(
    administrator: FlaskClient, add: Callable[..., int]
) -> None:
    for name in ("A", "C", "B"):
        add(name)
    page = administrator.get(LIST).text
    assert sorted(set(re.findall(r"[?&;]sort=(\d)", page))) == ["0", "1"]
    assert names(administrator.get(f"{LIST}?sort=0").text) == ["A", "B", "C"]
    assert names(administrator.get(f"{LIST}?sort=0&desc=1").text) == ["C", "B", "A"]


@pytest.mark.parametrize("desc", ["", "&desc=1"])
def test_no_row_is_on_two_pages(
    desc: str, administrator: FlaskClient, add: Callable[..., int]
) -> None:
    ids = [str(add("Same")) for _ in range(30)]
    path = f"{LIST}?sort=0{desc}&page_size=20&page="
    first, second = (
        re.findall(
            r'class="action-checkbox" value="(\d+)"', administrator.get(f"{path}{page}").text
        )
        for page in (0, 1)
    )
    assert len(first) == 20
    assert sorted(first + second, key=int) == ids


@pytest.mark.parametrize("page", ["-1", "99999999999999999999", "x"])
def test_a_page_out_of_all_reason_is_no_fault(
    page: str, administrator: FlaskClient, add: Callable[..., int]
) -> None:
    add("One")
    for size in ("20", "-1", "9" * 30, "x"):
        path = f"{LIST}?page={page}&page_size={size}&sort={size}&desc={size}"
        assert administrator.get(path).status_code == 200


@pytest.mark.parametrize("value", [*ODD, EVER, EVER[:19]])
def test_no_search_and_no_filter_is_too_odd(
    value: str, administrator: FlaskClient, add: Callable[..., int]
) -> None:
    add("One", price=1, day=date(2026, 1, 1), moment=MOMENT)
    arguments = [
        f"flt0_{name}"
        for group in filters(administrator.get(LIST).text).values()
        for name in group.values()
    ]
    for argument in ("search", *arguments):
        answer = administrator.get(f"{LIST}export/json/", query_string={argument: value})
        assert answer.status_code in {200, 302}, argument
    everything = dict.fromkeys(("search", *arguments), value)
    answer = administrator.get(LIST, query_string=everything, follow_redirects=True)
    assert answer.status_code == 200


def test_what_no_database_can_look_for_is_told(administrator: FlaskClient) -> None:
    argument = filters(administrator.get(LIST).text)["Amount"]["in list"]
    page = administrator.get(f"{LIST}?flt0_{argument}=1,{'9' * 30}", follow_redirects=True).text
    assert "look for that" in page or "There are no items" in page


def test_the_dashboard_shows_the_newest_rows(
    administrator: FlaskClient, add: Callable[..., int]
) -> None:
    key = add("One of them")
    page = administrator.get("/admin/").text
    assert "One of them" in page
    assert f"{LIST}edit/?id={key}" in page


def test_a_row_is_written_as_it_was_filled_in(app: Flask, administrator: FlaskClient) -> None:
    sent = {"name": "One", "amount": "1", "weight": "2.5"}
    assert administrator.post(f"{LIST}new/", data=sent).status_code == 302
    with app.app_context():
        thing = db.session.scalars(select(Thing).filter_by(name="One")).one()
        assert (thing.amount, thing.weight) == (1, 2.5)


def test_what_the_database_refuses_is_told_in_the_form(
    administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for refusal, told in (
        (IntegrityError("INSERT", {}, Exception("it is there")), "Another row has the same"),
        (ValidationError("Not today."), "Not today."),
    ):
        monkeypatch.setattr(ThingView, "on_model_change", Mock(side_effect=refusal))
        response = administrator.post(f"{LIST}new/", data={"name": "One", "amount": "1"})
        assert response.status_code == 200
        assert told in response.text
        assert "INSERT" not in response.text


@pytest.fixture
def lookup(app: Flask) -> str:
    """Return the address at which a box is looked for, of which there are two."""
    with app.app_context():
        db.session.add_all([Box(name="Large box"), Box(name="Small box")])
        db.session.commit()
    return f"{LIST}ajax/lookup/?name=box"


def test_what_belongs_to_a_row_is_found_by_a_part_of_its_name(
    lookup: str, administrator: FlaskClient
) -> None:
    found = administrator.get(f"{lookup}&query=small").get_json(force=True)
    assert [name for _key, name in found] == ["Small box"]
    assert administrator.get(f"{lookup}&query=box&offset={'9' * 30}").get_json(force=True) == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "^small", "=small box"])
def test_no_sign_of_a_search_is_a_wildcard(
    text: str, lookup: str, administrator: FlaskClient, add: Callable[..., int]
) -> None:
    add("One")
    arguments = filters(administrator.get(LIST).text)["Name"]
    found = {
        argument: names(administrator.get(LIST, query_string={argument: text}).text)
        for argument in ("search", f"flt0_{arguments['contains']}")
    }
    assert [*found.values()] == [[], []]
    query = {f"flt0_{arguments['not contains']}": text}
    assert names(administrator.get(LIST, query_string=query).text) == ["One"]
    assert administrator.get(f"{lookup}&query={quote(text)}").get_json(force=True) == []


def test_a_lookup_can_be_narrowed_down(lookup: str, app: Flask) -> None:
    assert lookup
    loader = Lookup("box", db, Box, fields=("name",), filters=["name <> 'Small box'"])
    with app.app_context():
        assert [box.name for box in loader.get_list(None, None, 9)] == ["Large box"]


def test_a_lookup_of_what_can_not_be_is_told(
    lookup: str, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lookup, "get_list", Mock(side_effect=OverflowError))
    assert administrator.get(f"{lookup}&query=x").status_code == 422


def test_what_the_visitor_has_not_asked_for_is_no_fault_of_theirs(
    administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThingView, "get_list", Mock(side_effect=OverflowError))
    assert administrator.get(LIST).status_code == 400
    assert administrator.get(f"{LIST}?search=x").status_code == 302


def test_the_editor_begins_with_a_value_as_a_form_writes_it() -> None:
    class Parcel(Form):
        name = StringField()
        weight = IntegerField()

    parcel = Parcel(data={"name": "One", "weight": 1234})
    shown = {field.name: InlineEdit().get_kwargs(field, {}) for field in parcel}
    assert shown["name"]["data-value"] == "One"
    assert shown["weight"]["data-value"] == "1234"


@pytest.mark.parametrize("key", [*ODD[1:], "1,2"])
def test_a_row_that_can_not_be_is_told(key: str, administrator: FlaskClient) -> None:
    for page in ("edit", "details"):
        answer = administrator.get(
            f"{LIST}{page}/", query_string={"id": key}, follow_redirects=True
        )
        assert answer.status_code == 200
        assert "Record does not exist." in answer.text
    for data in ({"id": key}, {"action": "delete", "rowid": key}):
        path = f"{LIST}action/" if "action" in data else f"{LIST}delete/"
        assert administrator.post(path, data=data).status_code == 302
    data = {"list_form_pk": key, "amount": "1"}
    assert administrator.post(f"{LIST}ajax/update/", data=data).status_code == 422


def test_no_page_shows_what_nobody_has_chosen(
    administrator: FlaskClient, add: Callable[..., int]
) -> None:
    key = add("One", secret="unseen")
    paths = [
        "",
        f"details/?id={key}",
        f"edit/?id={key}",
        *(f"export/{kind}/" for kind in ("csv", "json")),
    ]
    for path in paths:
        text = administrator.get(f"{LIST}{path}").text
        assert "One" in text
        assert "unseen" not in text
        assert "secret" not in text.lower()


def test_a_value_is_edited_in_the_list(
    administrator: FlaskClient, add: Callable[..., int], find: Callable[[int], Thing]
) -> None:
    key = add("One", amount=1200, price=Decimal("1.5"))
    page = administrator.get(LIST).text
    assert 'data-value="1200"' in page
    assert 'data-value="1.50"' in page
    data = {"list_form_pk": key, "amount": "7"}
    assert administrator.post(f"{LIST}ajax/update/", data=data).status_code == 200
    assert find(key).amount == 7


def test_a_wrong_value_in_the_list_is_told(
    administrator: FlaskClient, add: Callable[..., int], find: Callable[[int], Thing]
) -> None:
    key = add("One", amount=1)
    data = {"list_form_pk": key, "amount": "many"}
    answer = administrator.post(f"{LIST}ajax/update/", data=data)
    assert answer.status_code == 422
    assert "Not a valid integer value" in answer.text
    assert find(key).amount == 1


def test_nothing_is_edited_in_the_list_without_a_csrf_token(
    app: Flask,
    administrator: FlaskClient,
    add: Callable[..., int],
    find: Callable[[int], Thing],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = add("One", amount=1)
    data: dict[str, object] = {"list_form_pk": key, "amount": "7"}
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert administrator.post(f"{LIST}ajax/update/", data=data).status_code in {400, 422}
    assert find(key).amount == 1
    [data["csrf_token"]] = set(re.findall(r'data-csrf="([^"]+)"', administrator.get(LIST).text))
    assert administrator.post(f"{LIST}ajax/update/", data=data).status_code == 200
    assert find(key).amount == 7


@pytest.mark.parametrize("sent", [{"data": {"amount": "7"}}, {"json": {}}, {"json": 1}], ids=str)
def test_change_in_the_list_without_a_row_is_refused(
    sent: dict[str, Any], administrator: FlaskClient
) -> None:
    assert administrator.post(f"{LIST}ajax/update/", **sent).status_code == 400


def test_rows_that_are_ticked_are_deleted(
    administrator: FlaskClient, add: Callable[..., int], app: Flask
) -> None:
    ids = [add("One"), add("Two"), add("Three")]
    page = administrator.post(
        f"{LIST}action/", data={"action": "delete", "rowid": ids[:2]}, follow_redirects=True
    )
    assert "2 records were successfully deleted." in page.text
    with app.app_context():
        assert db.session.scalars(select(Thing.name)).all() == ["Three"]


def read_csv(content: bytes) -> list[dict[str, object]]:
    """Read as a spreadsheet does: what is written as a number is one."""
    return list(csv.DictReader(StringIO(content.decode())))


def read_xlsx(content: bytes) -> list[dict[str, object]]:
    """Read the cells with their types; a formula begins with an equals sign."""
    rows: list[dict[str, object]] = tablib.Dataset().load(content, "xlsx").dict
    return rows


def read_json(content: bytes) -> list[dict[str, object]]:
    """Read the objects."""
    rows: list[dict[str, object]] = json.loads(content)
    return rows


@pytest.mark.parametrize(
    ("kind", "read", "expected"),
    [
        ("csv", read_csv, {"Amount": "-7", "Price": "1000.50", "Fragile": "True", "Code": ""}),
        ("xlsx", read_xlsx, {"Amount": -7, "Price": 1000.5, "Fragile": True, "Code": None}),
        ("json", read_json, {"Amount": -7, "Price": "1000.50", "Fragile": True, "Code": None}),
    ],
)
def test_each_kind_of_export_holds_the_values_themselves(
    kind: str,
    read: Callable[[bytes], list[dict[str, object]]],
    expected: dict[str, object],
    administrator: FlaskClient,
    add: Callable[..., int],
) -> None:
    add(
        "Größe",
        amount=-7,
        price=Decimal("1000.5"),
        fragile=True,
        day=date(2026, 3, 1),
        moment=MOMENT,
    )
    answer = administrator.get(f"{LIST}export/{kind}/")
    assert re.search(rf'filename="?Things [\d-]+\.{kind}', answer.headers["Content-Disposition"])
    [row] = read(answer.data)
    common = {
        "Name": "Größe",
        "Size": "SMALL",
        "Day": "2026-03-01",
        "Moment": "2026-03-01T14:30:00",
    }
    assert row == common | expected


@pytest.mark.parametrize(("kind", "read"), [("csv", read_csv), ("xlsx", read_xlsx)])
def test_no_export_makes_a_spreadsheet_calculate(
    kind: str,
    read: Callable[[bytes], list[dict[str, object]]],
    administrator: FlaskClient,
    add: Callable[..., int],
) -> None:
    assert harmless("\0=1") == "'=1"
    for text in [*FORMULAS, "\x01=1", "1-1=0"]:
        add(text)
    rows = read(administrator.get(f"{LIST}export/{kind}/?sort=0").data)
    found = {str(row["Name"]) for row in rows}
    assert len(rows) == len(FORMULAS) + 2
    assert "1-1=0" in found
    assert all(text.startswith("'") for text in found - {"1-1=0"})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_text_that_is_no_formula_is_exported_as_it_is(
    kind: str, administrator: FlaskClient, add: Callable[..., int]
) -> None:
    texts = {"1=1", "a;=1", "a, b", 'say "hi"', "two\nlines - and more", "(5)", "x@example.com", ""}
    for text in texts:
        add(text)
    read = {"csv": read_csv, "xlsx": read_xlsx}[kind]
    rows = read(administrator.get(f"{LIST}export/{kind}/").data)
    split = "a;'=1" if kind == "csv" else "a;=1"  # some spreadsheets split CSV at semicolons
    assert {str(row["Name"] or "") for row in rows} == texts - {"a;=1"} | {split}


def test_labels_of_columns_are_no_formulas_either(
    app: Flask,
    administrator: FlaskClient,
    add: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add("One")
    view = app.extensions["admin"][0]._views[-1]
    monkeypatch.setattr(view, "_export_columns", [("name", "=1+1")])
    for kind, read in (("csv", read_csv), ("xlsx", read_xlsx)):
        assert read(administrator.get(f"{LIST}export/{kind}/").data) == [{"'=1+1": "One"}]


def test_every_value_of_a_csv_file_is_quoted(
    administrator: FlaskClient, add: Callable[..., int]
) -> None:
    add("One", amount=-7)
    for line in administrator.get(f"{LIST}export/csv/").text.splitlines():
        assert re.fullmatch(r'"[^"]*"(,"[^"]*")*', line), line


@pytest.mark.parametrize(
    "path", ["", "new/", "details/?id=1", "ajax/lookup/", *map("export/{}/".format, KINDS)]
)
def test_nothing_of_the_panel_is_kept_by_a_cache(path: str, administrator: FlaskClient) -> None:
    for address in (f"{LIST}{path}", "/admin/"):
        assert administrator.get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "url", ["http://x:99999/", "http://x:abc/", "//[", r"\\[", "/ /[", "/a\nb", "//\u2100/"]
)
def test_broken_url_to_go_back_to_is_refused(
    url: str, administrator: FlaskClient, add: Callable[..., int]
) -> None:
    key = add("One")
    for page in ("", "new/", "edit/", "details/", "export/csv/"):
        answer = administrator.get(f"{LIST}{page}", query_string={"id": key, "url": url})
        assert answer.status_code == 400, page
    for page in ("new/", f"edit/?id={key}", "delete/", "action/"):
        data = {"url": url, "name": "One", "id": key, "rowid": key, "action": "delete"}
        assert administrator.post(f"{LIST}{page}", data=data).status_code == 400, page


def test_json_is_left_as_it_is(administrator: FlaskClient, add: Callable[..., int]) -> None:
    for text in FORMULAS:
        add(text)
    rows = read_json(administrator.get(f"{LIST}export/json/").data)
    assert {row["Name"] for row in rows} == set(FORMULAS)


def test_an_export_holds_what_the_list_shows(
    administrator: FlaskClient, add: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Tube", "Beaker", "Tubing"):
        add(name)
    path = f"{LIST}export/csv/"
    assert [
        row["Name"] for row in read_csv(administrator.get(f"{path}?search=tub&sort=0").data)
    ] == ["Tube", "Tubing"]
    monkeypatch.setattr(ThingView, "export_max_rows", 2)
    assert len(read_csv(administrator.get(path).data)) == 2
    assert administrator.get(f"{LIST}export/html/").status_code == 302


def test_an_export_of_nothing_has_its_header(administrator: FlaskClient) -> None:
    header = administrator.get(f"{LIST}export/csv/").text
    assert next(csv.reader([header]))[:3] == ["Name", "Code", "Amount"]
    assert read_json(administrator.get(f"{LIST}export/json/").data) == []
