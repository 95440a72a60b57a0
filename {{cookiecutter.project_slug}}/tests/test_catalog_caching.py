"""What the catalogue keeps in the cache."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from app.caching import cache
from app.catalog.caching import count_products
from app.catalog.models import Category, Product, Status
from app.database import db


@pytest.fixture
def product(app: Flask) -> None:
    """Write a published product in a category."""
    with app.app_context():
        write(Status.PUBLISHED)


def write(status: Status) -> Product:
    """Write a product in a category."""
    category = Category(name="Glass")
    product = Product(name="Secret flask", price=Decimal(9), category=category, status=status)
    db.session.add(product)
    db.session.commit()
    return product


def counts() -> list[int]:
    """Return the number of products in each category, as pages have it."""
    return [count for _slug, _name, count in count_products()]


def kept() -> dict[str, str]:
    """Return what is in the cache."""
    return {key: str(cache.get(key)) for key in cache.cache._cache}


def write_past_models() -> None:
    """Archive everything so that the cache hears nothing of it."""
    db.session.execute(text("UPDATE products SET status = 'ARCHIVED'"))
    db.session.commit()


@pytest.mark.usefixtures("context")
def test_counts_are_kept_until_the_catalogue_changes() -> None:
    product = write(Status.PUBLISHED)
    assert counts() == [1]
    write_past_models()
    assert counts() == [1]
    product.name = "Heard"
    db.session.commit()
    assert counts() == [0]


@pytest.mark.usefixtures("context")
def test_counts_are_forgotten_when_many_rows_change_at_once() -> None:
    write(Status.PUBLISHED)
    assert counts() == [1]
    db.session.execute(update(Product).values(status=Status.DRAFT))
    db.session.commit()
    assert counts() == [0]


@pytest.mark.usefixtures("context")
def test_a_change_is_seen_by_who_makes_it_and_kept_for_nobody() -> None:
    product = write(Status.PUBLISHED)
    assert counts() == [1]
    product.status = Status.DRAFT
    assert counts() == [0]
    db.session.rollback()
    db.session.remove()
    assert counts() == [1]


@pytest.mark.usefixtures("product")
def test_a_visitor_sees_a_change_at_once(client: FlaskClient, editor: FlaskClient) -> None:
    assert "Glass" in client.get("/products/").text
    editor.post("/categories/glass/edit", data={"name": "Crystal", "slug": "glass"})
    for path in ("/products/", "/categories/"):
        assert "Crystal" in client.get(path).text


@pytest.mark.usefixtures("product")
def test_a_page_from_the_cache_counts_nothing(
    client: FlaskClient, assert_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    client.get("/categories/")
    with assert_queries(0):
        client.get("/categories/")


def test_the_list_is_kept_for_each_language(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in ("en", "es", "en"):
        monkeypatch.setitem(app.jinja_env.globals, "language", lambda code=language: code)
        client.get("/products/")
    with app.app_context():
        assert sum("_categories_" in key for key in kept()) == 2


def test_nothing_that_belongs_to_a_visitor_is_kept(
    app: Flask, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        slug = write(Status.DRAFT).slug
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    secrets = {"Secret flask", "@"}
    pages = ["/", "/categories/", "/categories/new", "/products/", "/products/?status=draft"]
    pages += [f"/products/{slug}", f"/products/{slug}/edit"]
    for visitor in (editor, app.test_client()):
        for path in pages:
            answer = visitor.get(path)
            policy = answer.headers["Content-Security-Policy"]
            secrets |= set(re.findall(r"'nonce-([^']+)'", policy))
            secrets |= set(re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', answer.text))
        # Without accounts, nobody is an editor in production.
        monkeypatch.setitem(app.config, "APP_ENV", "production")
    assert "Secret flask" not in app.test_client().get("/products/").text
    assert len(secrets) > 2 * len(pages)
    with app.app_context():
        entries = kept()
    assert any("All categories" in value for value in entries.values())
    for name, value in entries.items():
        assert not [secret for secret in secrets if secret in name + value]
