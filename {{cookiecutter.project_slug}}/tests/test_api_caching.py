"""On what a list of the API depends that is kept."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from flask import json
from marshmallow import fields
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.api.caching import models_shown, remember_list
from app.api.lists import Found
from app.api.schema import Rows, Schema
from app.database import Model


class Ink(Model):
    """What pens write with."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Pen(Model):
    """What letters are written with."""

    id: Mapped[int] = mapped_column(primary_key=True)


class Letter(Model):
    """What is written."""

    id: Mapped[int] = mapped_column(primary_key=True)
    pen_id: Mapped[int] = mapped_column(ForeignKey("pen.id"))
    pen: Mapped[Pen] = relationship()


class PenSchema(Schema):
    """A pen, with its inks."""

    ink_ids = Rows(Ink)


class LetterSchema(Schema):
    """A letter, with its pen, and with the letter that it answers."""

    pen = fields.Nested(PenSchema)
    answered = fields.Nested(lambda: LetterSchema(exclude=("answered",)))


def test_a_list_depends_on_all_rows_that_it_shows() -> None:
    assert models_shown(Letter, LetterSchema()) == [Letter, Pen, Ink]


@pytest.mark.usefixtures("context")
def test_a_kept_list_is_the_json_that_clients_get() -> None:
    rows = [{"price": Decimal("9.90"), "on": date(2030, 1, 2), "id": UUID(int=7), "tags": ("a",)}]
    found = remember_list(Pen, PenSchema(), "first", lambda: Found(rows, 1, "next", ""))
    again = remember_list(Pen, PenSchema(), "first", lambda: Found([], 0, "", ""))
    assert again == found
    assert json.dumps(found.rows) == json.dumps(rows)
    assert (found.total, found.next) == ("1", "next")
