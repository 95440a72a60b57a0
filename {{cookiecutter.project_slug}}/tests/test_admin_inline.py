"""Every kind of column that the panel's list edits, with the rules that its form has."""

import datetime as dt
import enum
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import (
    JSON,
    Column,
    Double,
    Enum,
    ForeignKey,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from wtforms import SelectMultipleField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app import create_app
from app.admin.formats import editor_of
from app.admin.views import ProtectedView
from app.database import db
from app.database.utc import UtcDateTime
from app.forms import (
    JsonField,
    MomentField,
    Unique,
    UuidField,
    is_email,
    is_finite,
    is_web_address,
    strip,
    to_cents,
)

LIST = "/admin/part/"


class Base(DeclarativeBase):
    """Keeps the tables from the migrations."""


class Colour(enum.Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Shelf(Base):
    """What parts lie on."""

    __tablename__ = "shelves"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))

    def __str__(self) -> str:
        return self.name


tags = Table(
    "part_tags",
    Base.metadata,
    Column("part_id", ForeignKey("parts.id"), primary_key=True),
    Column("shelf_id", ForeignKey("shelves.id"), primary_key=True),
)


class Part(Base):
    """A row with a column of each kind."""

    __tablename__ = "parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    notes: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(default=0)
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    weight: Mapped[float | None] = mapped_column(Double)
    is_new: Mapped[bool] = mapped_column(default=False)
    day: Mapped[dt.date | None]
    moment: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    clock: Mapped[dt.time | None]
    colour: Mapped[Colour] = mapped_column(
        Enum(Colour, native_enum=False, length=20, validate_strings=True), default=Colour.RED
    )
    second: Mapped[Colour | None] = mapped_column(
        Enum(Colour, native_enum=False, length=20, validate_strings=True)
    )
    third: Mapped[Colour | None] = mapped_column(Enum(Colour, native_enum=False, length=20))
    key: Mapped[UUID | None] = mapped_column(Uuid)
    extra: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    email: Mapped[str | None] = mapped_column(String(40))
    page: Mapped[str | None] = mapped_column(String(40))
    shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
    shelf: Mapped[Shelf | None] = relationship(foreign_keys=[shelf_id])
    places: Mapped[list[Shelf]] = relationship(secondary=tags)

    def __str__(self) -> str:
        return self.name


COLUMNS = (
    *("name", "code", "notes", "amount", "price", "weight", "is_new", "day", "moment", "clock"),
    *("colour", "second", "third", "key", "extra", "email", "page", "shelf", "places"),
)


def empty(text: str | None) -> str | None:
    """Return no text for an empty one."""
    return text or None


class PartView(ProtectedView):
    """All columns, with the rules of a generated resource."""

    column_choices = {"colour": [(Colour.RED, "Rosy"), (Colour.BLUE, "Sky")]}
    column_editable_list = COLUMNS
    column_formatters = {"name": lambda _view, _context, row, _name: row.name[:3]}
    column_list = COLUMNS
    form_args = {
        "name": {"filters": [strip], "validators": [InputRequired(), Length(1, 20)]},
        "code": {"filters": [strip, empty], "validators": [Optional(), Unique(Part.code)]},
        "notes": {"filters": [strip, empty], "validators": [Optional(), Length(0, 9)]},
        "amount": {"validators": [InputRequired(), NumberRange(0, 9)]},
        "price": {"filters": [to_cents], "validators": [Optional(), is_finite]},
        "weight": {"validators": [Optional(), is_finite]},
        "colour": {"coerce": Colour},
        "second": {"coerce": lambda value: Colour(value) if value else None},
        "email": {"filters": [strip, empty], "validators": [Optional(), is_email]},
        "page": {"filters": [strip, empty], "validators": [Optional(), is_web_address]},
    }
    form_choices = {
        "colour": [("red", "Rosy"), ("blue", "Sky")],
        "second": [("", "–"), ("red", "Rosy"), ("blue", "Sky")],
    }
    form_columns = COLUMNS
    form_overrides = {"extra": JsonField, "key": UuidField, "moment": MomentField}


@pytest.fixture(scope="module")
def app(overrides: dict[str, object]) -> Iterator[Flask]:
    """Return an application with this table in its panel."""
    app = create_app(overrides)
    app.extensions["admin"][0].add_view(PartView(Part, db, name="Parts"))
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
def row(app: Flask) -> int:
    """Return the id of a row that has a value in each column."""
    with app.app_context():
        shelves = [Shelf(id=key, name=f"Shelf {key}") for key in (1, 2, 3)]
        part = Part(
            name="Bolt, long",
            code="b",
            notes="old",
            amount=1,
            price=Decimal("1.50"),
            weight=0.5,
            day=dt.date(2026, 1, 2),
            moment=dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
            clock=dt.time(8, 30),
            second=Colour.RED,
            third=Colour.RED,
            key=UUID(int=1),
            extra={"a": 1},
            email="a@example.com",
            page="https://example.com/",
            shelf=shelves[0],
            places=shelves[:2],
        )
        db.session.add_all([*shelves, part, Part(name="Nut", code="n")])
        db.session.commit()
        return part.id


@pytest.fixture
def send(
    app: Flask, administrator: FlaskClient, row: int
) -> Callable[[str, object], tuple[int, object]]:
    """Return a function that edits a value in the list; it returns the status, and what is stored."""

    def send(name: str, value: object) -> tuple[int, object]:
        data = {"list_form_pk": row, name: value}
        status = administrator.post(f"{LIST}ajax/update/", data=data).status_code
        assert administrator.get(LIST).status_code == 200
        with app.app_context():
            stored = getattr(db.session.get_one(Part, row), name)
            return status, [str(one) for one in stored] if name == "places" else stored

    return send


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("name", "  Nail ", "Nail"),
        ("name", "x" * 20, "x" * 20),
        ("code", "b", "b"),
        ("code", " ", None),
        ("notes", "one\r\ntwo\r\n3", "one\ntwo\n3"),  # nine characters
        ("notes", "one\r\ntwo\r3", "one\ntwo\n3"),
        ("amount", "9", 9),
        ("price", "1.005", Decimal("1.01")),
        ("price", "", None),
        ("weight", "2.25", 2.25),
        ("weight", "", None),
        ("is_new", "1", True),
        ("is_new", "", False),
        ("day", "2026-02-28", dt.date(2026, 2, 28)),
        ("day", "", None),
        ("moment", "2026-03-01 14:05:00", dt.datetime(2026, 3, 1, 14, 5, tzinfo=dt.UTC)),
        ("moment", "2026-01-02 03:04:05", dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)),
        ("moment", "", None),
        ("clock", "14:05:09", dt.time(14, 5, 9)),
        ("clock", "", None),
        ("colour", "blue", Colour.BLUE),
        ("second", "blue", Colour.BLUE),
        ("second", "", None),
        ("third", "BLUE", Colour.BLUE),
        ("third", "__None", None),
        ("key", str(UUID(int=9)), UUID(int=9)),
        ("key", "", None),
        ("extra", '{"b": [1]}', {"b": [1]}),
        ("extra", "", None),
        ("email", " b@example.com ", "b@example.com"),
        ("email", "", None),
        ("page", "https://example.com/b", "https://example.com/b"),
        ("places", ["2", "3"], ["Shelf 2", "Shelf 3"]),
    ],
)
def test_a_value_is_stored_as_the_form_stores_it(
    name: str, value: object, stored: object, send: Callable[[str, object], tuple[int, object]]
) -> None:
    assert send(name, value) == (200, stored)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 21),
        ("code", "n"),
        ("notes", "one\r\ntwo\r\n34"),
        ("amount", ""),
        ("amount", "10"),
        ("amount", "many"),
        ("price", "nan"),
        ("weight", "inf"),
        ("day", "2026-02-30"),
        ("moment", "soon"),
        ("clock", "25:00"),
        ("colour", "Rosy"),
        ("colour", ""),
        ("colour", "RED"),
        ("second", "green"),
        ("third", "green"),
        ("key", "1234"),
        ("extra", "{"),
        ("email", "b@"),
        ("page", "javascript:alert(1)"),
    ],
)
def test_a_value_that_the_form_refuses_is_refused(
    name: str,
    value: object,
    app: Flask,
    row: int,
    send: Callable[[str, object], tuple[int, object]],
) -> None:
    with app.app_context():
        stored = getattr(db.session.get_one(Part, row), name)
    assert send(name, value) == (422, stored)


def test_a_row_of_another_table_is_chosen_in_the_list(
    app: Flask, row: int, send: Callable[[str, object], tuple[int, object]]
) -> None:
    assert send("shelf", "2")[0] == 200
    with app.app_context():
        assert db.session.get_one(Part, row).shelf_id == 2
    assert send("shelf", "__None") == (200, None)


def test_the_editor_begins_with_the_value_as_it_is_stored(
    administrator: FlaskClient, row: int
) -> None:
    assert row
    page = administrator.get(LIST).text
    for value in ("Bolt, long", "1.50", "2026-01-02", "2026-01-02T03:04:05", "08:30:00", "red"):
        assert f'data-value="{value}"' in page


def test_the_list_names_a_column_that_it_can_not_edit(app: Flask) -> None:
    class AjaxView(ProtectedView):
        column_editable_list = ("shelf",)
        form_ajax_refs = {"shelf": {"fields": ("name",)}}

    class KeyView(ProtectedView):
        column_editable_list = ("shelf_id",)

    assert app
    for view, name in ((AjaxView, "shelf"), (KeyView, "shelf_id")):
        with pytest.raises(TypeError, match=f"{view.__name__}: '{name}'"):
            view(Part, db)
    assert not editor_of(SelectMultipleField)


def test_a_choice_refuses_what_is_none_of_it(app: Flask) -> None:
    with app.app_context():
        db.session.add(Part(name="x", colour="Draft"))
        with pytest.raises(StatementError, match="Draft"):
            db.session.commit()
        db.session.rollback()


@pytest.mark.parametrize("search", ["a_b", "100%", "\\", "^a", "=a_b"])
def test_a_search_finds_signs_as_they_are(
    search: str, app: Flask, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["a_b", "100%", "c\\d", "^a", "=a_b", "axb", "abc", "1000"]
    with app.app_context():
        db.session.add_all([Part(name=text) for text in texts])
        db.session.commit()
    view = next(one for one in app.extensions["admin"][0]._views if isinstance(one, PartView))
    monkeypatch.setattr(PartView, "column_searchable_list", ("name", "third", "amount"))
    assert view.init_search()
    monkeypatch.setattr(view, "_search_supported", True)
    with app.test_request_context():
        count, rows = view.get_list(0, None, None, search, None)
        assert {row.name for row in rows} == {text for text in texts if search in text}
        monkeypatch.setattr(PartView, "simple_list_pager", False)
        assert view.get_list(0, None, None, search, None)[0] == len(rows)
    assert count is None
