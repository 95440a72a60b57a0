"""The catalogue in the API."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.catalog.models import Category
from app.database import db

PRODUCT = {"name": "Test tube", "price": "2.50", "status": "published"}


@pytest.fixture
def product(app: Flask) -> dict[str, object]:
    """Return a product that can be sent, in a category that is there."""
    with app.app_context():
        category = Category(name="Glassware")
        db.session.add(category)
        db.session.commit()
        return {**PRODUCT, "category_id": category.id}


def test_a_product_can_be_created(writer: FlaskClient, product: dict[str, object]) -> None:
    created = writer.post("/api/v1/products", json=product)
    assert created.status_code == 201
    row = created.json
    assert row is not None
    assert row["price"] == "2.50"
    assert row["currency"] == "EUR"
    assert row["stock"] == 0
    assert row["released"] is None
    assert row["created_at"].endswith("+00:00")
    shown = writer.get(f"{created.location}?include=category").json
    assert shown is not None
    assert shown["category"]["name"] == "Glassware"


@pytest.mark.parametrize(
    ("sent", "given"), [("Große Röhre", "grosse-rohre"), ("new", "test-tube"), ("", "test-tube")]
)
def test_an_address_is_written_as_addresses_are(
    sent: str, given: str, writer: FlaskClient, product: dict[str, object]
) -> None:
    row = writer.post("/api/v1/products", json={**product, "slug": sent}).get_json(force=True)
    assert row["slug"] == given


@pytest.mark.parametrize(
    ("field", "value"),
    [("price", "-1"), ("status", "lost"), ("currency", "XXX"), ("stock", 10**10)],
)
def test_a_wrong_field_is_named(
    field: str, value: object, writer: FlaskClient, product: dict[str, object]
) -> None:
    response = writer.post("/api/v1/products", json={**product, field: value})
    assert response.status_code == 422
    assert field in response.get_json(force=True)["errors"]["json"]


def test_name_is_trimmed_as_in_forms(writer: FlaskClient) -> None:
    created = writer.post("/api/v1/categories", json={"name": " Metal\t"})
    assert created.get_json(force=True)["name"] == "Metal"
    assert writer.post("/api/v1/categories", json={"name": " Metal "}).status_code == 409


def test_a_category_that_has_products_is_kept(
    writer: FlaskClient, product: dict[str, object]
) -> None:
    writer.post("/api/v1/products", json=product)
    path = f"/api/v1/categories/{product['category_id']}"
    assert writer.delete(path, headers={"If-Match": "*"}).status_code == 409


def test_drafts_are_shown_to_writers_only(
    client: FlaskClient,
    writer: FlaskClient,
    product: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = writer.post("/api/v1/products", json={**product, "status": "draft"}).location
    assert writer.get(path).status_code == 200
    monkeypatch.setattr("app.catalog.api.may_edit", lambda: False)
    assert client.get(path).status_code == 404
    assert client.get("/api/v1/products").json == []
