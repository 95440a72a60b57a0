"""The first page of the admin panel."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from app.catalog.admin import CategoryView
from app.catalog.models import Category, Product
from app.database import db


@pytest.fixture
def add_categories(app: Flask) -> Callable[[int], None]:
    """Return a function that writes so many categories."""

    def add(count: int) -> None:
        names = [f"Number {number:05}" for number in range(count)]
        with app.app_context():
            db.session.execute(insert(Category), [{"name": name, "slug": name} for name in names])
            db.session.commit()

    return add


def test_the_dashboard_shows_the_newest_rows_of_a_table(
    administrator: FlaskClient, add_categories: Callable[[int], None]
) -> None:
    add_categories(7)
    page = administrator.get("/admin/").text
    assert "7 rows" in page
    assert re.findall(r">Number (\d+)</a>", page) == ["00006", "00005", "00004", "00003", "00002"]
    [edit, *_] = re.findall(r'href="(/admin/category/edit/[^"]+)">Number', page)
    assert "Number 00006" in administrator.get(edit).text


@pytest.mark.parametrize(
    ("count", "written"), [(1, "1 row"), (9_999, "9,999 rows"), (10_001, "10,000+ rows")]
)
def test_no_table_is_counted_beyond_reason(
    count: int,
    written: str,
    administrator: FlaskClient,
    add_categories: Callable[[int], None],
) -> None:
    add_categories(count)
    assert f"<span>{written}</span>" in administrator.get("/admin/").text


def test_a_row_that_can_not_be_edited_leads_to_its_details_if_there_are_any(
    app: Flask,
    administrator: FlaskClient,
    add_categories: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_categories(1)
    monkeypatch.setattr(CategoryView, "can_edit", False)
    monkeypatch.setattr(CategoryView, "can_view_details", True)
    page = administrator.get("/admin/").text
    assert re.search(r'href="/admin/category/details/[^"]+">Number', page)
    monkeypatch.setattr(CategoryView, "can_view_details", False)
    page = administrator.get("/admin/").text
    assert "Number 00000" in page
    assert "Number 00000</a>" not in page


def test_the_dashboard_says_since_when_a_row_is_there(
    app: Flask, administrator: FlaskClient, add_categories: Callable[[int], None]
) -> None:
    add_categories(1)
    with app.app_context():
        category = db.session.scalars(select(Category)).one()
        db.session.add(Product(name="Tube", price=Decimal(1), category=category))
        db.session.commit()
    assert re.search(r'Tube</a>\s*<time datetime="20', administrator.get("/admin/").text)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    administrator: FlaskClient,
    add_categories: Callable[[int], None],
    assert_same_queries: Callable[..., None],
) -> None:
    assert_same_queries(lambda: administrator.get("/admin/"), lambda: add_categories(30))
