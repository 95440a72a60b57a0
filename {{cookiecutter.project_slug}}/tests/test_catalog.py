"""The catalogue's pages."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from html import unescape
from json import dumps

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.catalog.models import Category, Product, Status
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
def product(category_id: int) -> str:
    """Return the address of a product, which is one of the category."""
    return "/products/a-field-guide-to-flasks"


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
    assert "Nothing fits." in client.get("/products/?q=%25").text


@pytest.mark.usefixtures("category_id")
def test_products_can_be_listed_by_category(client: FlaskClient) -> None:
    page = client.get("/products/?category=books").text
    assert "The Small Router" in page
    assert "Round-bottom" not in page
    assert client.get("/products/?category=lost").status_code == 404


@pytest.fixture
def add(app: Flask, category_id: int) -> Callable[..., None]:
    """Return a function that writes published products, each with its number."""

    def write(first: int, last: int) -> None:
        with app.app_context():
            db.session.add_all(
                Product(
                    name=f"Tube {number:04}",
                    slug=f"tube-{number:04}",
                    price=Decimal(number % 7),
                    released=date(2026, 1, 1 + number % 28) if number % 3 else None,
                    status=Status.PUBLISHED,
                    category_id=category_id,
                )
                for number in range(first, last)
            )
            db.session.commit()

    return write


def names(page: str) -> list[str]:
    """Return the names of the products in a list."""
    return re.findall(r'<a href="/products/[^"?]+">([^<]+)</a>', page)


@pytest.mark.usefixtures("category_id")
@pytest.mark.parametrize("key", ["name", "price", "released", "created"])
def test_the_list_can_be_sorted_both_ways(key: str, client: FlaskClient) -> None:
    page = client.get("/products/?q=l").text
    assert f'href="/products/?q=l&amp;sort={"-" if key == "name" else ""}{key}"' in page
    rising = client.get(f"/products/?sort={key}").text
    falling = client.get(f"/products/?sort=-{key}").text
    assert 'aria-sort="ascending"' in rising
    assert 'aria-sort="descending"' in falling
    assert len(names(rising)) == 4
    assert names(rising) == names(falling)[::-1]


@pytest.mark.usefixtures("category_id")
@pytest.mark.parametrize("sort", ["lost", "--name", "", "-"])
def test_an_order_that_there_is_not_is_the_usual_one(sort: str, client: FlaskClient) -> None:
    usual = names(client.get("/products/").text)
    assert usual == sorted(usual)
    assert names(client.get(f"/products/?sort={sort}").text) == usual


def test_editors_can_list_by_status(
    client: FlaskClient, editor: FlaskClient, category_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.post("/products/new", data=form(category_id, status="draft"))
    assert len(names(editor.get("/products/").text)) == 5
    assert names(editor.get("/products/?status=draft").text) == ["Test tube"]
    assert len(names(editor.get("/products/?status=lost").text)) == 5
    monkeypatch.setattr("app.catalog.pages.may_edit", lambda: False)
    page = client.get("/products/?status=draft").text
    assert "Test tube" not in page
    assert 'name="status"' not in page


def test_long_lists_have_pages_with_numbers(client: FlaskClient, add: Callable[..., None]) -> None:
    add(0, 41)
    page = client.get("/products/?q=tube&category=books&sort=-name").text
    assert names(page)[:2] == ["Tube 0040", "Tube 0039"]
    [last] = re.findall(r'href="([^"]*page=3[^"]*)"', page)
    assert "q=tube&amp;category=books&amp;sort=-name" in last
    assert names(client.get(unescape(last)).text) == ["Tube 0000"]


@pytest.mark.parametrize("sort", ["name", "-price", "released", "-released"])
def test_longer_lists_lead_from_page_to_page(
    sort: str, client: FlaskClient, add: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.listing.MAX_NUMBERED", 40)
    add(0, 50)
    seen: list[list[str]] = []
    path, back = f"/products/?q=tube&sort={sort}", []
    while path:
        page = client.get(path).text
        seen.append(names(page))
        links = {
            label: unescape(href)
            for href, label in re.findall(r'href="([^"]*)">(Previous|Next)<', page)
        }
        back.append(links.get("Previous"))
        path = links.get("Next", "")
    assert [len(page) for page in seen] == [20, 20, 10]
    assert len({name for page in seen for name in page}) == 50
    assert back[0] is None
    assert back[2]
    assert names(client.get(back[2]).text) == seen[1]
    assert client.get("/products/?page=2").status_code == 404


@pytest.mark.parametrize("query", ["", "q=tube", "category=books&sort=-price"])
def test_the_list_sends_as_many_queries_for_many_products(
    query: str,
    client: FlaskClient,
    add: Callable[..., None],
    assert_same_queries: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.listing.MAX_NUMBERED", 30)
    add(0, 1)
    for first, last in (1, 25), (25, 50):
        add(first, first + 1)
        assert_same_queries(
            lambda: client.get(f"/products/?{query}"), partial(add, first + 1, last)
        )


def test_categories_show_how_many_products_they_have(
    client: FlaskClient, editor: FlaskClient, category_id: int
) -> None:
    assert "2 products" in client.get("/categories/").text
    editor.post("/products/new", data=form(category_id))
    assert "3 products" in client.get("/categories/").text


def test_a_product_has_a_page(client: FlaskClient, product: str) -> None:
    page = client.get(product).text
    assert "24.00" in page
    assert '<time datetime="2025-03-14">' in page
    assert client.get("/products/lost").status_code == 404


@pytest.mark.usefixtures("category_id")
@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=2", f"page={'9' * 25}", "cursor=x"])
def test_there_are_no_pages_but_those_of_the_list(query: str, client: FlaskClient) -> None:
    assert client.get(f"/products/?{query}").status_code == 404


@pytest.mark.parametrize("path", ["/products/%00", "/products/?q=%00", "/products/?category=%00"])
def test_no_text_is_a_fault_of_the_server(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code < 500


@pytest.mark.usefixtures("category_id")
def test_there_is_no_sample_in_production(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    assert "No sample catalogue" in runner.invoke(args=["seed"]).output


@pytest.mark.usefixtures("category_id")
def test_what_there_is_is_left_as_it_is(runner: FlaskCliRunner) -> None:
    assert "left as it is" in runner.invoke(args=["seed"]).output


def test_rows_are_called_by_their_names() -> None:
    assert [str(row) for row in (Category(name="Books"), Product(name="Flask"))] == [
        "Books",
        "Flask",
    ]


def test_drafts_are_shown_to_editors_only(
    client: FlaskClient, editor: FlaskClient, category_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = editor.post("/products/new", data=form(category_id, status="draft"))
    assert "Test tube" in editor.get(created.location).text
    monkeypatch.setattr("app.catalog.pages.may_edit", lambda: False)
    assert client.get(created.location).status_code == 404
    assert "Test tube" not in client.get("/products/").text


def test_a_new_product_starts_with_what_most_have(editor: FlaskClient) -> None:
    page = editor.get("/products/new").text
    assert '<option selected value="EUR">' in page
    assert re.search(r'name="stock"[^>]* value="0"', page)


def test_a_line_break_is_one_character(app: Flask, editor: FlaskClient, category_id: int) -> None:
    text = "x" * 4996 + "\r\ny\r\nz"  # as a browser sends it
    editor.post("/products/new", data=form(category_id, description=text))
    with app.app_context():
        stored = db.session.scalars(select(Product.description).where(Product.name == "Test tube"))
        assert stored.one() == text.replace("\r\n", "\n")


def test_a_product_can_be_created(editor: FlaskClient, category_id: int) -> None:
    assert editor.get("/products/new").status_code == 200
    response = editor.post("/products/new", data=form(category_id), follow_redirects=True)
    assert "Saved" in response.text
    assert "2.50" in response.text


def test_expired_product_form_comes_back(
    editor: FlaskClient, category_id: int, send_again: Callable[..., TestResponse]
) -> None:
    form = {"name": "Twelve hours of work", "price": "12.50", "category_id": str(category_id)}
    form |= {"currency": "EUR", "stock": "1", "status": "draft", "description": "A long text."}
    sent = send_again(editor, "/products/new", form)
    assert sent.status_code == 302
    assert "A long text." in editor.get(sent.location).text


def test_a_product_can_be_changed(editor: FlaskClient, product: str, category_id: int) -> None:
    page = editor.get(f"{product}/edit").text
    assert 'value="24.00"' in page
    slug = product.rpartition("/")[2]
    assert f'value="{slug}"' in page
    changes = {"name": "Beaker", "released": "", "slug": slug}
    assert editor.post(f"{product}/edit", data=form(category_id, **changes)).location == product
    page = editor.get(product).text
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
def test_a_moment_is_the_same_wherever_it_is_written(category_id: int) -> None:
    product = db.session.scalars(select(Product).filter_by(category_id=category_id)).first()
    assert product
    assert product.created_at.tzinfo is UTC
    india = timezone(timedelta(hours=5, minutes=30))
    written = datetime(2026, 3, 1, 4, 0, 0, 123456, india)
    product.created_at = written
    product.updated_at = written.replace(tzinfo=None)
    db.session.commit()
    assert product.created_at == written
    assert product.updated_at.isoformat() == "2026-03-01T04:00:00.123456+00:00"


def test_deleting_a_product_asks_first(editor: FlaskClient, product: str) -> None:
    assert "for good?" in editor.get(f"{product}/delete").text
    assert editor.get(product).status_code == 200
    assert editor.post(f"{product}/delete").location == "/products/"
    assert editor.get(product).status_code == 404


def test_a_category_can_be_created_once(editor: FlaskClient) -> None:
    assert editor.get("/categories/new").status_code == 200
    response = editor.post("/categories/new", data={"name": " Paper "}, follow_redirects=True)
    assert "Paper" in response.text
    page = editor.post("/categories/new", data={"name": "Paper"}).text
    assert "This is taken already." in page


@pytest.mark.usefixtures("category_id")
def test_a_category_can_be_changed(editor: FlaskClient) -> None:
    assert 'value="Books"' in editor.get("/categories/books/edit").text
    changed = {"name": "Reading", "slug": "books"}
    page = editor.post("/categories/books/edit", data=changed, follow_redirects=True).text
    assert "Reading" in page
    assert "Reading" in editor.get("/products/?category=books").text


@pytest.mark.usefixtures("category_id")
def test_a_category_can_be_deleted_once_it_is_empty(editor: FlaskClient) -> None:
    page = editor.post("/categories/books/delete", follow_redirects=True).text
    assert "“Books” has products." in page
    editor.post("/categories/new", data={"name": "Paper"})
    assert "for good?" in editor.get("/categories/paper/delete").text
    page = editor.post("/categories/paper/delete", follow_redirects=True).text
    assert "Deleted “Paper”." in page


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Erlenmeyer flask, 250 ml", "erlenmeyer-flask-250-ml"),
        ("Crème brûlée", "creme-brulee"),
        ("Straße", "strasse"),
        ("北京 烤鸭", "北京-烤鸭"),
        ("हिन्दी", "हिन्दी"),
        ("!!!", "category"),
        ("New", "new-2"),
        ("x" * 80, "x" * 80),
    ],
)
def test_a_slug_is_made_from_the_name(name: str, slug: str, editor: FlaskClient) -> None:
    editor.post("/categories/new", data={"name": name})
    page = editor.get(f"/categories/{slug}/edit").text
    assert f'value="{slug}"' in page


@pytest.mark.usefixtures("context")
def test_slugs_differ_where_names_do_not(category_id: int) -> None:
    rows = [
        Product(name="Straße" * 20, price=Decimal(1), category_id=category_id) for _ in range(3)
    ]
    db.session.add_all(rows[:2])
    db.session.commit()
    db.session.add(rows[2])
    db.session.commit()
    stem = "strasse" * 11
    assert [row.slug for row in rows] == [f"{stem}str", f"{stem}s-2", f"{stem}s-3"]


@pytest.mark.parametrize("slug", ["new", "Books", "x" * 81])
def test_a_slug_that_can_not_be_is_explained(slug: str, editor: FlaskClient, product: str) -> None:
    editor.post("/categories/new", data={"name": "Paper"})
    page = editor.post("/categories/paper/edit", data={"name": "Paper", "slug": slug}).text
    assert page.count("invalid-feedback") == 1
    assert editor.get(product).status_code == 200


@pytest.mark.parametrize("path", ["/edit", "/delete"])
@pytest.mark.parametrize("sent", [None, 1, "x", [1], {}, {"price": None}])
def test_no_form_takes_json(sent: object, path: str, editor: FlaskClient, product: str) -> None:
    answer = editor.post(f"{product}{path}", data=dumps(sent), content_type="application/json")
    assert answer.status_code == 415
    assert editor.get(product).status_code == 200


def test_a_form_without_a_csrf_token_changes_nothing(
    app: Flask, editor: FlaskClient, product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert editor.post(f"{product}/delete").status_code == 400
    assert editor.get(product).status_code == 200


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
