"""The catalogue in the admin panel."""

{% if cookiecutter.security %}
from collections.abc import Callable
{% endif %}
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.catalog.models import Category, Product
from app.database import db

{% if cookiecutter.security %}

@pytest.fixture
def administrator(login: Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of an administrator."""
    return login("admin")
{% else %}

@pytest.fixture
def administrator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return the browser of an administrator."""
    monkeypatch.setenv("ADMIN_USERNAME", "boss")
    monkeypatch.setenv("ADMIN_PASSWORD", "the right one")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Basic Ym9zczp0aGUgcmlnaHQgb25l"
    return client
{% endif %}


@pytest.fixture
def category_id(app: Flask) -> int:
    """Return the id of a category."""
    with app.app_context():
        category = Category(name="Glassware")
        db.session.add(category)
        db.session.commit()
        return category.id


@pytest.mark.parametrize("path", ["/admin/category/", "/admin/product/"])
def test_strangers_see_no_table(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code in {302, 401}


def test_the_panel_lists_its_tables(administrator: FlaskClient) -> None:
    page = administrator.get("/admin/").text
    assert 'href="/admin/category/"' in page
    assert 'href="/admin/product/"' in page


def test_a_product_can_be_created_and_is_listed(
    administrator: FlaskClient, category_id: int, app: Flask
) -> None:
    form = {
        "name": "Test tube",
        "price": "2.50",
        "status": "PUBLISHED",
        "category": str(category_id),
    }
    response = administrator.post("/admin/product/new/", data=form)
    assert response.status_code == 302, response.text
    assert "Test tube" in administrator.get("/admin/product/?search=tube").text
    with app.app_context():
        assert db.session.scalar(select(Product.name)) == "Test tube"


def test_a_category_with_products_stays(
    administrator: FlaskClient, category_id: int, app: Flask
) -> None:
    with app.app_context():
        db.session.add(Product(name="Tube", price=Decimal(1), category_id=category_id))
        db.session.commit()
    path = "/admin/category/delete/"
    page = administrator.post(path, data={"id": category_id}, follow_redirects=True).text
    assert "“Glassware” has products." in page
    with app.app_context():
        db.session.delete(db.session.scalars(select(Product)).one())
        db.session.commit()
    administrator.post(path, data={"id": category_id})
    assert "Glassware" not in administrator.get("/admin/category/").text


@pytest.mark.parametrize("price", ["-1", "Infinity", "sNaN", "1e12", ""])
def test_a_wrong_price_is_explained_at_the_field(
    price: str, administrator: FlaskClient, category_id: int
) -> None:
    form = {"name": "Tube", "price": price, "status": "DRAFT", "category": str(category_id)}
    response = administrator.post("/admin/product/new/", data=form)
    assert response.status_code == 200
    assert "invalid-feedback" in response.text


def test_a_form_without_a_csrf_token_changes_nothing(
    app: Flask, administrator: FlaskClient, category_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for path in ("/admin/category/delete/", f"/admin/category/edit/?id={category_id}"):
        administrator.post(path, data={"id": category_id, "name": "Hacked"})
    assert "Glassware" in administrator.get("/admin/category/").text


def test_the_policy_lets_the_panel_ask_before_it_deletes(administrator: FlaskClient) -> None:
    policy = administrator.get("/admin/").headers["Content-Security-Policy"]
    assert "script-src-attr 'unsafe-inline'" in policy
