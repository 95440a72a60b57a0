"""The fields of forms, and what is checked there."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, FloatField, Form, IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.database import Model, db
from app.forms import (
    JsonField,
    MomentField,
    RowField,
    RowsField,
    Unique,
    UuidField,
    choices_of,
    is_email,
    is_finite,
    is_web_address,
    strip,
    to_cents,
)


class Marble(Model):
    """A row that others refer to."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)

    def __str__(self) -> str:
        return self.name


bag_marbles = Table(
    "bag_marbles",
    Model.metadata,
    Column("bag_id", ForeignKey("bag.id", ondelete="CASCADE"), primary_key=True),
    Column("marble_id", ForeignKey("marble.id", ondelete="CASCADE"), primary_key=True),
)


class Bag(Model):
    """A row that refers to others."""

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int | None] = mapped_column(ForeignKey("marble.id"))
    marbles: Mapped[list[Marble]] = relationship(secondary=bag_marbles)


class Everything(Form):
    """A form with a field of each kind."""

    name = StringField(filters=[strip], validators=[Optional(), Unique(Marble.name)])
    price = DecimalField(filters=[to_cents], validators=[Optional(), is_finite])
    weight = FloatField(validators=[Optional(), is_finite])
    email = StringField(validators=[Optional(), is_email])
    website = StringField(validators=[Optional(), is_web_address])
    notes = JsonField()
    fixed = JsonField(validators=[InputRequired()])
    at = MomentField(validators=[Optional()])
    key = UuidField()
    number = IntegerField(validators=[Optional(), NumberRange(max=9), Unique(Bag.first_id)])
    first_id = RowField("First", Marble)
    second_id = RowField("Second", Marble, validators=[InputRequired()])
    marbles = RowsField("Marbles", Marble)


@pytest.fixture(autouse=True)
def marbles(app: Flask) -> Iterator[list[int]]:
    """Write two marbles, and return their ids."""
    with app.test_request_context():
        rows = [Marble(name="red"), Marble(name="Blue")]
        db.session.add_all(rows)
        db.session.commit()
        yield [row.id for row in rows]


def filled(ids: list[int], **values: str) -> Everything:
    """Return the form as a browser sends it."""
    return Everything(MultiDict({"second_id": str(ids[0]), "fixed": "0"} | values))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", " green ", "green"),
        ("price", "2.50", Decimal("2.50")),
        ("price", "1.005", Decimal("1.01")),
        ("fixed", "{}", {}),
        ("weight", "1e3", 1000.0),
        ("email", "ada@example.com", "ada@example.com"),
        ("website", "https://example.com/a?b=c", "https://example.com/a?b=c"),
        ("notes", '{"a": [1, null, "é"]}', {"a": [1, None, "é"]}),
        ("notes", " ", None),
        ("at", "2026-03-01T14:05", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("key", "{12345678-1234-5678-1234-567812345678}", UUID("12345678" * 4).hex),
        ("key", "", None),
        ("first_id", "", None),
    ],
)
def test_what_is_right_is_read(name: str, text: str, value: object, marbles: list[int]) -> None:
    form = filled(marbles, **{name: text})
    assert form.validate(), form.errors
    data = form[name].data
    assert data == (UUID(value) if isinstance(data, UUID) and isinstance(value, str) else value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", "red"),
        ("price", "Infinity"),
        ("price", "sNaN"),
        ("weight", "nan"),
        ("email", "ada@localhost"),
        ("email", "ada lovelace@example.com"),
        ("website", "javascript://example.com/%0aalert(1)"),
        ("website", "example.com"),
        ("price", "-Infinity"),
        ("notes", "{"),
        ("fixed", "null"),
        ("fixed", ""),
        ("number", "9" * 25),
        ("notes", "NaN"),
        ("notes", '{"a": "\\ud800"}'),
        ("notes", "[" * 100_000),
        ("at", "soon"),
        ("key", "1234"),
        ("first_id", "0"),
        ("second_id", ""),
        ("marbles", "0"),
    ],
)
def test_what_is_wrong_is_explained_and_shown_again(
    name: str, text: str, marbles: list[int]
) -> None:
    form = filled(marbles, **{name: text})
    assert not form.validate()
    assert list(form.errors) == [name]
    if name in {"notes", "at", "key"}:
        assert form[name]._value() == text


def test_a_moment_that_no_calendar_has_elsewhere_is_refused(
    marbles: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(moment: datetime) -> datetime:
        raise OverflowError(moment)

    monkeypatch.setattr("app.forms.to_utc", fail)
    assert "at" in filled_errors(marbles, at="0001-01-01T00:00")


def filled_errors(ids: list[int], **values: str) -> dict[str, list[str]]:
    """Return what is wrong with the form."""
    form = filled(ids, **values)
    form.validate()
    found: dict[str, list[str]] = form.errors
    return found


def test_a_value_is_shown_as_it_is_written() -> None:
    moment = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
    form = Everything(data={"notes": {"é": 1}, "at": moment, "key": UUID(int=1)})
    assert json.loads(form["notes"]._value()) == {"é": 1}
    assert form["at"]._value() == "2026-03-01T14:05:00"
    assert form["key"]._value() == str(UUID(int=1))
    form = Everything()
    assert [form[name]._value() for name in ("notes", "at", "key")] == ["", "", ""]


def test_a_row_keeps_what_only_one_can_have() -> None:
    marble = db.session.scalars(db.select(Marble).filter_by(name="red")).one()
    sent = MultiDict({"name": "red", "second_id": str(marble.id), "fixed": "1"})
    form = Everything(sent, obj=marble)
    assert form.validate(), form.errors


def test_rows_are_chosen_by_their_text_and_given(marbles: list[int]) -> None:
    form = filled(marbles, marbles=str(marbles[1]))
    assert form.validate(), form.errors
    assert [label for _value, label, *_ in form["first_id"].iter_choices()] == ["–", "Blue", "red"]
    bag = Bag()
    assert form["first_id"].type == "SelectField"
    form["marbles"].populate_obj(bag, "marbles")
    assert [row.name for row in bag.marbles] == ["Blue"]
    assert Everything(obj=bag)["marbles"].data == [marbles[1]]


def test_there_are_no_choices_where_they_would_be_too_many() -> None:
    assert [label for _value, label in choices_of(Marble, 2)] == ["Blue", "red"]
    assert choices_of(Marble, 1) == []


def test_a_moment_that_is_not_changed_stays_as_it_was(
    marbles: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime(2026, 10, 25, 0, 30, 15, 123, tzinfo=UTC)
    shown = Everything(data={"at": before})["at"]._value()
    monkeypatch.setattr("app.forms.to_utc", lambda moment: moment + timedelta(hours=1))
    for text, after in ((shown, before), ("2026-10-25T00:30", datetime(2026, 10, 25, 1, 30))):  # noqa: DTZ001
        form = Everything(MultiDict({"at": text}), data={"at": before})
        assert form["at"].data == after.replace(tzinfo=UTC)


def test_fields_that_are_not_sent_are_empty() -> None:
    form = Everything(MultiDict({"name": "x"}))
    assert [form[name].data for name in ("notes", "at", "key")] == [None, None, None]
