"""The catalogue in the admin panel: what a table there can do, tried on products."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.catalog.models import Category, Product, Status
from app.database import db

LIST = "/admin/product/"


@pytest.fixture
def category_id(app: Flask) -> int:
    """Return the id of a category."""
    with app.app_context():
        category = Category(name="Glassware")
        db.session.add(category)
        db.session.commit()
        return category.id


@pytest.fixture
def add(app: Flask, category_id: int) -> Callable[..., int]:
    """Return a function that writes a product, and returns its id."""

    def write(name: str, price: str = "1.00", **values: object) -> int:
        with app.app_context():
            values = {"category_id": category_id} | values
            product = Product(name=name, price=Decimal(price), **values)
            db.session.add(product)
            db.session.commit()
            return product.id

    return write


@pytest.fixture
def three(app: Flask, add: Callable[..., int]) -> list[int]:
    """Write three products that differ in everything, and return their ids."""
    with app.app_context():
        paper = Category(name="Paper")
        db.session.add(paper)
        db.session.commit()
        paper_id = paper.id
    return [
        add(
            "Beaker",
            "24.50",
            stock=3,
            status=Status.PUBLISHED,
            released=date(2025, 3, 14),
            created_at=datetime(2026, 1, 10, 8, 30, tzinfo=UTC),
        ),
        add("Flask", "7.90", stock=1200, created_at=datetime(2026, 2, 10, 8, 30, tzinfo=UTC)),
        add(
            "Filter",
            "7.90",
            stock=0,
            status=Status.ARCHIVED,
            category_id=paper_id,
            released=date(2026, 9, 1),
            created_at=datetime(2026, 3, 10, 8, 30, tzinfo=UTC),
        ),
    ]


def form(category_id: int, **changes: object) -> dict[str, object]:
    """Return a form that is valid, but for the changes."""
    return {
        "name": "Test tube",
        "price": "2.50",
        "currency": "EUR",
        "stock": "3",
        "released": "2026-02-28",
        "status": "published",
        "category": category_id,
    } | changes


def names(page: str) -> list[str]:
    """Return the names of the products in a list."""
    return [
        name.strip() for name in re.findall(r'<td class="col-name">(.*?)</td>', page, re.DOTALL)
    ]


def read_filters(page: str) -> dict[str, dict[str, str]]:
    """Return the filters that a list offers: what each operation on each column is called."""
    [found] = re.findall(r'id="filter-groups-data"[^>]*>(.*?)</div>', page, re.DOTALL)
    groups = json.loads(unescape(found))
    return {
        label: {choice["operation"]: choice["arg"] for choice in group}
        for label, group in groups.items()
    }


@pytest.mark.parametrize("path", ["/admin/category/", LIST])
def test_strangers_see_no_table(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code in {302, 401}
    assert client.get(f"{path}export/csv/").status_code in {302, 401}


def test_the_panel_lists_its_tables(administrator: FlaskClient) -> None:
    page = administrator.get("/admin/").text
    assert 'href="/admin/category/"' in page
    assert 'href="/admin/product/"' in page


def test_a_product_can_be_created_and_is_listed(
    administrator: FlaskClient, category_id: int, app: Flask
) -> None:
    response = administrator.post(f"{LIST}new/", data=form(category_id))
    assert response.status_code == 302, response.text
    assert names(administrator.get(f"{LIST}?search=tube").text) == ["Test tube"]
    with app.app_context():
        product = db.session.scalars(select(Product)).one()
        assert product.status is Status.PUBLISHED
        assert product.released == date(2026, 2, 28)
        assert product.created_at.tzinfo is UTC


def test_values_are_shown_as_people_write_them(
    administrator: FlaskClient, three: list[int]
) -> None:
    page = administrator.get(LIST).text
    assert "1,200" in page
    assert "24.50" in page
    assert "Published" in page
    assert "08:30" in page or "8:30" in page


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("name", ["Beaker", "Filter", "Flask"]),
        ("price", ["Flask", "Filter", "Beaker"]),
        ("stock", ["Filter", "Beaker", "Flask"]),
        ("created_at", ["Beaker", "Flask", "Filter"]),
    ],
)
def test_lists_can_be_sorted_by_what_has_an_index(
    column: str, expected: list[str], administrator: FlaskClient, three: list[int]
) -> None:
    headers = re.findall(r"column-header col-(\w+)", administrator.get(LIST).text)
    path = f"{LIST}?sort={headers.index(column)}"
    assert names(administrator.get(path).text) == expected
    assert names(administrator.get(f"{path}&desc=1").text) == expected[::-1]


def test_no_list_can_be_sorted_by_anything_else(
    administrator: FlaskClient, three: list[int]
) -> None:
    page = administrator.get(LIST).text
    headers = re.findall(r"column-header col-(\w+)", page)
    assert f"sort={headers.index('name')}" in page
    for column in ("category", "status"):
        assert f"sort={headers.index(column)}" not in page
        assert administrator.get(f"{LIST}?sort={headers.index(column)}").status_code == 200


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        ("Name contains", "EAK", ["Beaker"]),
        ("Name equals", "Flask", ["Flask"]),
        ("Category contains", "pap", ["Filter"]),
        ("Price greater than", "7.90", ["Beaker"]),
        ("Price equals", "7.90", ["Filter", "Flask"]),
        ("Stock smaller than", "4", ["Filter", "Beaker"]),
        ("Stock in list", "3,1200", ["Flask", "Beaker"]),
        ("Status equals", "DRAFT", ["Flask"]),
        ("Status not equal", "DRAFT", ["Filter", "Beaker"]),
        ("Released equals", "2025-03-14", ["Beaker"]),
        ("Released between", "2026-01-01 to 2026-12-31", ["Filter"]),
        ("Released empty", "1", ["Flask"]),
        ("Created between", "2026-02-01 00:00:00 to 2026-02-28 23:59:59", ["Flask"]),
        ("Created greater than", "2026-03-10 08:29:59", ["Filter"]),
        ("Created smaller than", "2026-01-10 08:30:01", ["Beaker"]),
    ],
)
def test_filters_find_what_they_say(
    question: str,
    value: str,
    expected: list[str],
    administrator: FlaskClient,
    three: list[int],
) -> None:
    column, _, operation = question.partition(" ")
    argument = read_filters(administrator.get(LIST).text)[column][operation]
    response = administrator.get(LIST, query_string={f"flt0_{argument}": value})
    assert names(response.text) == expected


{% if cookiecutter.i18n %}
def test_moments_are_looked_for_by_the_clock_of_the_visitor(
    administrator: FlaskClient, three: list[int]
) -> None:
    form = {"language": "en", "timezone": "Asia/Tokyo"}
    assert administrator.post("/preferences", data=form).status_code == 302
    page = administrator.get(LIST).text
    assert re.search(r"Feb 10, 2026[^<]*5:30", page)
    argument = read_filters(page)["Created"]["between"]
    query = {f"flt0_{argument}": "2026-02-10 17:29:59 to 2026-02-10 17:30:01"}
    assert names(administrator.get(LIST, query_string=query).text) == ["Flask"]


{% endif %}
def test_the_filter_by_status_offers_its_labels(administrator: FlaskClient) -> None:
    page = unescape(administrator.get(LIST).text)
    assert '["PUBLISHED", "Published"]' in page


def test_a_list_asks_as_often_for_one_row_as_for_thirty(
    administrator: FlaskClient,
    add: Callable[..., int],
    app: Flask,
    assert_same_queries: Callable[..., None],
    statements: list[str],
) -> None:
    def add_29() -> None:
        with app.app_context():
            for number in range(29):
                category = Category(name=f"Number {number}")
                db.session.add(Product(name="Tube", price=Decimal(1), category=category))
            db.session.commit()

    add("Tube")
    assert_same_queries(lambda: administrator.get(LIST), add_29)
    assert not [statement for statement in statements if "count(" in statement.lower()]
    assert len(names(administrator.get(LIST).text)) == 30


def test_a_product_has_a_page_with_all_that_is_known(
    administrator: FlaskClient, three: list[int]
) -> None:
    page = administrator.get(f"{LIST}details/?id={three[0]}").text
    for text in ("Beaker", "Glassware", "24.50", "Published", "Description", "Changed"):
        assert text in page


@pytest.mark.parametrize("page", ["new", "edit"])
def test_expired_form_of_the_panel_comes_back(
    page: str,
    administrator: FlaskClient,
    three: list[int],
    category_id: int,
    send_again: Callable[..., TestResponse],
) -> None:
    path = f"{LIST}new/" if page == "new" else f"{LIST}edit/?id={three[0]}"
    form = {"name": "Twelve hours of work", "price": "12.50", "category": str(category_id)}
    form |= {"slug": "twelve-hours", "currency": "EUR", "stock": "1", "status": "draft"}
    sent = send_again(administrator, path, form)
    assert sent.status_code == 302
    assert "Twelve hours of work" in administrator.get(LIST).text


def test_a_price_that_is_edited_in_the_list_is_rounded(
    administrator: FlaskClient, three: list[int]
) -> None:
    data = {"list_form_pk": three[0], "price": "1.005"}
    assert administrator.post(f"{LIST}ajax/update/", data=data).status_code == 200
    assert 'data-value="1.01"' in administrator.get(LIST).text


@pytest.mark.parametrize(("name", "value"), [("price", "25.50"), ("stock", "1234")])
def test_prices_and_stock_are_edited_in_the_list(
    name: str, value: str, administrator: FlaskClient, three: list[int]
) -> None:
    data = {"list_form_pk": three[0], name: value}
    assert administrator.post(f"{LIST}ajax/update/", data=data).status_code == 200
    assert f'data-value="{value}"' in administrator.get(LIST).text
    answer = administrator.post(f"{LIST}ajax/update/", data=data | {name: "-1"})
    assert answer.status_code == 422
    assert "Number must be between 0 and" in answer.text


@pytest.mark.parametrize(
    ("action", "status"), [("publish", Status.PUBLISHED), ("archive", Status.ARCHIVED)]
)
def test_products_that_are_ticked_are_published_or_archived(
    action: str, status: Status, administrator: FlaskClient, three: list[int], app: Flask
) -> None:
    assert f"{action.title()} the products that are ticked?" in administrator.get(LIST).text
    data = {"action": action, "rowid": [*three[:2], 0, "x"]}
    page = administrator.post(f"{LIST}action/", data=data, follow_redirects=True).text
    assert "2 products changed." in page
    with app.app_context():
        found = [db.session.get_one(Product, key).status for key in three]
        assert found == [status, status, Status.ARCHIVED]


def test_visitors_see_at_once_what_is_published(
    administrator: FlaskClient, three: list[int]
) -> None:
    assert "1 product\n" in administrator.get("/categories/").text
    administrator.post(f"{LIST}action/", data={"action": "publish", "rowid": three})
    assert "2 products\n" in administrator.get("/categories/").text


def test_an_export_has_labels_and_plain_prices(
    administrator: FlaskClient, three: list[int]
) -> None:
    row = json.loads(administrator.get(f"{LIST}export/json/?sort=0").text)[0]
    assert row["Name"] == "Beaker"
    assert row["Category"] == "Glassware"
    assert row["Price"] == "24.50"
    assert row["Currency"] == "EUR"
    assert row["Stock"] == 3
    assert row["Status"] == "Published"
    assert row["Released"] == "2025-03-14"
    assert row["Created"] == "2026-01-10T08:30:00+00:00"


def test_forms_offer_what_can_be_chosen(administrator: FlaskClient, three: list[int]) -> None:
    page = administrator.get(f"{LIST}edit/?id={three[0]}").text
    assert '<option selected value="published">Published</option>' in page
    assert '<option selected value="EUR">EUR</option>' in page
    released = re.search(r'<input[^>]*name="released"[^>]*>', page)
    assert released
    assert 'data-role="datepicker"' in released[0]
    assert 'data-date-format="YYYY-MM-DD"' in released[0]
    assert 'value="2025-03-14"' in released[0]


def test_categories_are_looked_up_a_few_at_a_time(
    administrator: FlaskClient, three: list[int], app: Flask
) -> None:
    def look_up(**query: object) -> list[str]:
        answer = administrator.get(f"{LIST}ajax/lookup/", query_string={"name": "category"} | query)
        return [label for _key, label in answer.get_json()]

    assert look_up(query="PAP") == ["Paper"]
    with app.app_context():
        db.session.add_all(Category(name=f"Number {number:03}") for number in range(150))
        db.session.commit()
    assert look_up()[:2] == ["Glassware", "Number 000"]
    assert len(look_up(offset=-1)) == 10
    assert len(look_up(limit=10**6)) == 100
    assert look_up(limit=-1) == []
    assert look_up(offset=140)[-1] == "Number 148"


def test_a_category_that_can_not_be_looked_up_is_told(
    administrator: FlaskClient, category_id: int
) -> None:
    path = f"{LIST}ajax/lookup/?name="
    assert administrator.get(f"{path}nothing").status_code == 404
    for query in ("query=%00", f"offset={10**30}"):
        answer = administrator.get(f"{path}category&{query}")
        assert answer.status_code in {200, 422}
    for key in ("0", "x", "9" * 30):
        answer = administrator.post(f"{LIST}new/", data=form(category_id, category=key))
        assert answer.status_code in {200, 302}
        assert names(administrator.get(LIST).text) == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", " ", "Field must be between 1 and 120 characters long."),
        ("name", "x" * 121, "Field must be between 1 and 120 characters long."),
        ("description", "x" * 5001, "Field cannot be longer than 5000 characters."),
        ("price", "-1", "Number must be between 0 and 99999999."),
        ("price", "Infinity", "Not a valid decimal value."),
        ("price", "sNaN", "Not a valid decimal value."),
        ("price", "1e12", "Number must be between 0 and 99999999."),
        ("price", "", "This field is required."),
        ("currency", "XXX", "Not a valid choice."),
        ("stock", "-1", "Number must be between 0 and 2147483647."),
        ("stock", "", "This field is required."),
        ("released", "14.3.2025", "Not a valid date value."),
        ("status", "lost", "Invalid Choice: could not coerce"),
        ("category", "", "This field is required."),
    ],
)
def test_a_wrong_value_is_explained_at_its_field(
    field: str, value: str, message: str, administrator: FlaskClient, category_id: int
) -> None:
    response = administrator.post(f"{LIST}new/", data=form(category_id, **{field: value}))
    assert response.status_code == 200
    [group] = [part for part in response.text.split("form-group") if f' id="{field}"' in part]
    assert message in group


def test_a_name_can_not_be_taken_twice(administrator: FlaskClient, category_id: int) -> None:
    page = administrator.post("/admin/category/new/", data={"name": " Glassware "}).text
    assert "This is taken already." in page
    path = f"/admin/category/edit/?id={category_id}"
    assert administrator.post(path, data={"name": "Glass"}).status_code == 302


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


def test_a_form_without_a_csrf_token_changes_nothing(
    app: Flask, administrator: FlaskClient, category_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    form = {"id": category_id, "name": "Hacked", "action": "delete", "rowid": category_id}
    for path in ("delete/", "action/", f"edit/?id={category_id}"):
        administrator.post(f"/admin/category/{path}", data=form)
    assert "Glassware" in administrator.get("/admin/category/").text


def test_the_policy_lets_the_panel_ask_before_it_deletes(administrator: FlaskClient) -> None:
    policy = administrator.get("/admin/").headers["Content-Security-Policy"]
    assert "script-src-attr 'unsafe-inline'" in policy
