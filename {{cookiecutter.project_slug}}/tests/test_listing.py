"""Lists of rows, as the query string asks for them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import NotFound

from app.database import Model, db
from app.listing import list_rows, read_id, read_truth


class Pebble(Model):
    """A row to be listed."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))


@pytest.fixture(autouse=True)
def pebbles(app: Flask) -> Iterator[None]:
    """Write fifty rows."""
    with app.app_context():
        db.session.add_all(Pebble(name=f"Pebble {number:02}") for number in range(50))
        db.session.commit()
        yield


def listed(app: Flask, asked: str) -> tuple[list[str], str, str]:
    """Return the names on a page, its order, and the cursor of the next page."""
    with app.test_request_context(f"/?{asked}"):
        found, sort = list_rows(select(Pebble), Pebble, {"name": Pebble.name, "age": Pebble.id})
        return [row.name for row in found.items], sort, getattr(found, "next", "")


@pytest.mark.parametrize("sort", ["", "lost", "--name", "-"])
def test_the_first_order_is_the_usual_one(app: Flask, sort: str) -> None:
    names, order, _next = listed(app, f"sort={sort}")
    assert order == "name"
    assert names == sorted(names)
    assert len(names) == 20


def test_an_order_can_fall(app: Flask) -> None:
    names, order, _next = listed(app, "sort=-age&page=3")
    assert order == "-age"
    assert names[-1] == "Pebble 00"


@pytest.mark.parametrize("asked", ["page=0", "page=x", "page=4", f"page={'9' * 25}", "cursor=x"])
def test_there_are_no_pages_but_those_of_the_list(app: Flask, asked: str) -> None:
    with pytest.raises(NotFound):
        listed(app, asked)


def test_long_lists_lead_from_page_to_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.listing.MAX_NUMBERED", 40)
    seen: list[str] = []
    cursor = ""
    for _page in range(3):
        names, _order, cursor = listed(app, f"cursor={cursor}")
        seen += names
    assert cursor == ""
    assert seen == [f"Pebble {number:02}" for number in range(50)]
    with pytest.raises(NotFound):
        listed(app, "page=2")


def test_what_a_query_string_names_is_read() -> None:
    assert (read_id("7"), read_truth("1"), read_truth("0")) == (7, True, False)


@pytest.mark.parametrize("text", ["lost", "0", "-1", "9" * 25])
def test_an_id_that_no_row_can_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_id(text)
