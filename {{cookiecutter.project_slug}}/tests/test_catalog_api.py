"""The catalogue in the API."""

{% if cookiecutter.security %}
from collections.abc import Callable

{% endif %}
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


{% if cookiecutter.security %}
@pytest.fixture
def writer(
    app: Flask, login: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """Return a client that sends the token of an editor, and no CSRF token."""
    login("editor")
    command = ["create-token", "editor@example.com"]
    token = app.test_cli_runner().invoke(args=command).output.strip()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = app.test_client()
    client.environ_base["HTTP_AUTHENTICATION_TOKEN"] = token
    return client


def test_a_token_needs_a_user(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["create-token", "nobody@example.com"])
    assert result.exit_code == 1
    assert "There is no user nobody@example.com" in result.output


def test_the_client_learns_who_it_is(client: FlaskClient, writer: FlaskClient) -> None:
    assert client.get("/api/v1/me").status_code == 401
    assert writer.get("/api/v1/me").json == {"email": "editor@example.com", "roles": ["editor"]}


def test_users_without_a_role_may_not_write(
    login: Callable[[], FlaskClient], product: dict[str, object]
) -> None:
    assert login().post("/api/v1/products", json=product).status_code == 403


def test_a_session_needs_a_csrf_token_to_write(
    app: Flask, editor: FlaskClient, product: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert editor.post("/api/v1/products", json=product).status_code == 400
    page = editor.get("/account").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    headers = {"X-CSRFToken": token}
    response = editor.post("/api/v1/products", json=product, headers=headers)
    assert response.status_code == 201
{% else %}
TOKEN = "a token of at least 32 characters"


@pytest.fixture
def writer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a client that sends the token."""
    monkeypatch.setenv("API_TOKEN", TOKEN)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client


@pytest.mark.parametrize("token", ["", "wrong", f"{TOKEN} "])
def test_a_wrong_token_is_refused(
    token: str, client: FlaskClient, product: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": f"Bearer {token}."}
    assert client.post("/api/v1/products", json=product, headers=headers).status_code == 401
    monkeypatch.setenv("API_TOKEN", TOKEN)
    response = client.post("/api/v1/products", json=product, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].lower().startswith("bearer")
{% endif %}


def test_strangers_may_read_and_not_write(client: FlaskClient, product: dict[str, object]) -> None:
    assert client.get("/api/v1/products").status_code == 200
    assert client.post("/api/v1/products", json=product).status_code == 401
    assert client.get("/api/v1/products").json == []


def test_a_product_can_be_created_changed_and_deleted(
    writer: FlaskClient, product: dict[str, object]
) -> None:
    created = writer.post("/api/v1/products", json=product)
    assert created.status_code == 201
    assert created.json is not None
    assert created.json["price"] == "2.50"
    assert created.json["currency"] == "EUR"
    assert created.json["stock"] == 0
    assert created.json["released"] is None
    assert created.json["created_at"].endswith("+00:00")
    path = f"/api/v1/products/{created.json['id']}"
    assert writer.put(path, json={**product, "name": "Beaker"}).status_code == 200
    shown = writer.get(path).json
    assert shown is not None
    assert shown["name"] == "Beaker"
    assert writer.delete(path).status_code == 204
    assert writer.get(path).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("price", "-1"),
        ("price", "NaN"),
        ("price", None),
        ("status", "lost"),
        ("currency", "XXX"),
        ("stock", -1),
        ("stock", 10**10),
        ("released", "yesterday"),
        ("category_id", 0),
        ("category_id", 1.5),
        ("name", "  "),
        ("name", "a\0b"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_is_named(
    field: str, value: object, writer: FlaskClient, product: dict[str, object]
) -> None:
    response = writer.post("/api/v1/products", json={**product, field: value})
    assert response.status_code == 422
    assert field in response.get_json(force=True)["errors"]["json"]


def test_products_come_a_page_at_a_time(writer: FlaskClient, product: dict[str, object]) -> None:
    for number in range(3):
        writer.post("/api/v1/products", json={**product, "name": f"Tube {number}"})
    response = writer.get("/api/v1/products?page=2&page_size=2")
    assert response.json is not None
    assert [row["name"] for row in response.json] == ["Tube 2"]
    assert '"total": 3' in response.headers["X-Pagination"]


def test_drafts_are_shown_to_writers_only(
    client: FlaskClient,
    writer: FlaskClient,
    product: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    created = writer.post("/api/v1/products", json={**product, "status": "draft"}).json
    assert created is not None
    path = f"/api/v1/products/{created['id']}"
    assert writer.get(path).status_code == 200
    monkeypatch.setattr("app.catalog.api.may_edit", lambda: False)
    assert client.get(path).status_code == 404
    assert client.get("/api/v1/products").json == []


@pytest.mark.parametrize("path", ["/api/v1/products/{}", "/api/v1/products?page={}"])
def test_no_number_is_too_big_for_an_answer(path: str, client: FlaskClient) -> None:
    for number in ("3000000000", "9" * 25):
        assert client.get(path.format(number)).status_code < 500


@pytest.mark.usefixtures("product")
def test_categories_are_listed(client: FlaskClient) -> None:
    categories = client.get("/api/v1/categories").json
    assert categories is not None
    assert [category["name"] for category in categories] == ["Glassware"]
