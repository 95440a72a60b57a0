"""The catalogue's pages."""

import re
{% if cookiecutter.security %}
from collections.abc import Callable
{% endif %}
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from app.catalog.models import Category, Product
from app.database import db


@pytest.fixture
def category_id(app: Flask, runner: FlaskCliRunner) -> int:
    """Write the sample catalogue, and return the id of its category of books."""
    runner.invoke(args=["seed"])
    with app.app_context():
        found = db.session.scalar(select(Category.id).where(Category.name == "Books"))
        assert found
        return found


@pytest.fixture
def product_id(app: Flask, category_id: int) -> int:
    """Return the id of a product."""
    with app.app_context():
        query = select(Product.id).where(Product.category_id == category_id)
        found = db.session.scalars(query).first()
        assert found
        return found


def form(category_id: int, **changes: object) -> dict[str, object]:
    """Return a form that is valid, but for the changes."""
    return {
        "name": "Test tube",
        "description": "Made of glass.",
        "price": "2.50",
        "currency": "EUR",
        "stock": "3",
        "released": "2026-02-28",
        "status": "published",
        "category_id": category_id,
    } | changes


@pytest.mark.usefixtures("category_id")
def test_products_can_be_searched(client: FlaskClient) -> None:
    page = client.get("/products/?q=ROUTER").text
    assert "The Small Router" in page
    assert "Erlenmeyer" not in page
    assert "No product fits." in client.get("/products/?q=%25").text


def test_products_can_be_listed_by_category(client: FlaskClient, category_id: int) -> None:
    page = client.get(f"/products/?category={category_id}").text
    assert "The Small Router" in page
    assert "Round-bottom" not in page


def test_long_lists_have_pages(client: FlaskClient, editor: FlaskClient, category_id: int) -> None:
    for number in range(25):
        editor.post("/products/new", data=form(category_id, name=f"Tube {number:02}"))
    assert "page=2" in client.get("/products/?q=Tube").text
    assert "Tube 24" in client.get("/products/?q=Tube&page=2").text


def test_categories_show_how_many_products_they_have(
    client: FlaskClient, editor: FlaskClient, category_id: int
) -> None:
    assert "2 products" in client.get("/categories/").text
    editor.post("/products/new", data=form(category_id))
    assert "3 products" in client.get("/categories/").text


def test_a_product_has_a_page(client: FlaskClient, product_id: int) -> None:
    page = client.get(f"/products/{product_id}").text
    assert "24.00" in page
    assert '<time datetime="2025-03-14">' in page
    assert client.get("/products/0").status_code == 404


@pytest.mark.usefixtures("category_id")
@pytest.mark.parametrize(
    "path",
    ["/products/{}", "/products/?category={}", "/products/?page={}", "/products/?q=%00"],
)
def test_no_number_is_too_big_for_an_answer(path: str, client: FlaskClient) -> None:
    for number in ("3000000000", "9" * 25):
        assert client.get(path.format(number)).status_code < 500


@pytest.mark.usefixtures("category_id")
def test_there_is_no_sample_in_production(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    assert "No sample catalogue" in runner.invoke(args=["seed"]).output


def test_drafts_are_shown_to_editors_only(
    client: FlaskClient, editor: FlaskClient, category_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = editor.post("/products/new", data=form(category_id, status="draft"))
    assert "Test tube" in editor.get(created.location).text
    monkeypatch.setattr("app.catalog.views.may_edit", lambda: False)
    assert client.get(created.location).status_code == 404
    assert "Test tube" not in client.get("/products/").text


def test_a_new_product_starts_with_what_most_have(editor: FlaskClient) -> None:
    page = editor.get("/products/new").text
    assert '<option selected value="EUR">' in page
    assert re.search(r'name="stock"[^>]* value="0"', page)


def test_a_product_can_be_created(editor: FlaskClient, category_id: int) -> None:
    assert editor.get("/products/new").status_code == 200
    response = editor.post("/products/new", data=form(category_id), follow_redirects=True)
    assert "Saved" in response.text
    assert "2.50" in response.text


def test_a_product_can_be_changed(editor: FlaskClient, product_id: int, category_id: int) -> None:
    path = f"/products/{product_id}"
    assert 'value="24.00"' in editor.get(f"{path}/edit").text
    editor.post(f"{path}/edit", data=form(category_id, name="Beaker", released=""))
    page = editor.get(path).text
    assert "Beaker" in page
    assert "Released" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"price": "-1"},
        {"price": "cheap"},
        {"price": "sNaN"},
        {"currency": "XXX"},
        {"stock": "-1"},
        {"stock": "9" * 25},
        {"released": "2026-02-30"},
        {"status": "lost"},
        {"category_id": "0"},
        {"category_id": "books"},
    ],
)
def test_a_wrong_field_is_explained_at_the_field(
    wrong: dict[str, object], editor: FlaskClient, category_id: int
) -> None:
    response = editor.post("/products/new", data=form(category_id) | wrong)
    assert response.status_code == 200
    assert "invalid-feedback" in response.text


@pytest.mark.usefixtures("context")
def test_a_moment_is_the_same_wherever_it_is_written(product_id: int) -> None:
    product = db.session.get_one(Product, product_id)
    assert product.created_at.tzinfo is UTC
    india = timezone(timedelta(hours=5, minutes=30))
    written = datetime(2026, 3, 1, 4, 0, 0, 123456, india)
    product.created_at = written
    product.updated_at = written.replace(tzinfo=None)
    db.session.commit()
    assert product.created_at == written
    assert product.updated_at.isoformat() == "2026-03-01T04:00:00.123456+00:00"


def test_deleting_a_product_asks_first(editor: FlaskClient, product_id: int) -> None:
    path = f"/products/{product_id}"
    assert "for good?" in editor.get(f"{path}/delete").text
    assert editor.get(path).status_code == 200
    assert editor.post(f"{path}/delete").location == "/products/"
    assert editor.get(path).status_code == 404


def test_a_category_can_be_created_once(editor: FlaskClient) -> None:
    assert editor.get("/categories/new").status_code == 200
    response = editor.post("/categories/new", data={"name": " Paper "}, follow_redirects=True)
    assert "Paper" in response.text
    assert "invalid-feedback" in editor.post("/categories/new", data={"name": "Paper"}).text


def test_a_form_without_a_csrf_token_changes_nothing(
    app: Flask, editor: FlaskClient, product_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert editor.post(f"/products/{product_id}/delete").status_code == 400
    assert editor.get(f"/products/{product_id}").status_code == 200


{% if cookiecutter.security %}
def test_strangers_are_asked_to_log_in_and_users_are_refused(
    client: FlaskClient, login: Callable[[], FlaskClient]
) -> None:
    assert client.get("/products/new").location == "/login?next=/products/new"
    assert login().get("/products/new").status_code == 403
    assert "/products/new" not in client.get("/products/").text
{% else %}
def test_without_accounts_nobody_may_change_anything_in_production(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    assert client.get("/products/new").status_code == 403
    assert "/products/new" not in client.get("/products/").text
{% endif %}
