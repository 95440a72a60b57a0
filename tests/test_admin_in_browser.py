"""The admin panel in a real browser, as an administrator uses it."""

import csv
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from foundry.browser import Visit
from playwright.sync_api import Dialog, Locator

# What the stock markup of Flask-Admin brings; docs/decisions.md lists it too.
STOCK_FAULTS = {
    "label": ".filter-val",
    "label-title-only": ".action-checkbox, .action-rowtoggle",
    "link-name": ".select2-search-choice-close",
}


@pytest.fixture
def product(administrator: Visit) -> str:
    """A new product, of which no other test knows."""
    name = f"Retort {secrets.token_hex(4)}"
    administrator.open("/admin/product/new/")
    administrator.fill(name=name, price="12.50", stock="3")
    administrator.page.locator("#s2id_category").click()
    administrator.page.locator(".select2-drop-active .select2-result-selectable").first.click()
    administrator.press("Save")
    assert administrator.path.startswith("/admin/product/")
    return name


def find(visit: Visit, name: str) -> Locator:
    """The row of the table in which this stands, once it was searched for."""
    visit.open(f"/admin/product/?search={name}")
    return visit.page.locator(".model-list tr", has_text=name)


def pick(visit: Visit, field: str, day: int) -> None:
    """Click on a day of the calendar that belongs to the field."""
    visit.page.click(f"#{field}")
    days = visit.page.locator(".daterangepicker:visible td.available:not(.off)")
    days.filter(has_text=re.compile(rf"^{day}$")).first.click()


def act(visit: Visit, row: Locator, action: str) -> None:
    """Tick a row, and choose what to do with it."""
    row.get_by_role("checkbox").check()
    visit.page.get_by_role("button", name="With selected").click()
    visit.page.get_by_role("button", name=action, exact=True).click()


def download(visit: Visit, kind: str) -> Path:
    """Export what is listed."""
    visit.page.get_by_role("button", name="Export").click()
    with visit.page.expect_download() as file:
        visit.page.get_by_role("link", name=kind, exact=True).click()
    assert file.value.suggested_filename.endswith(f".{kind.lower()}")
    return Path(file.value.path())


def test_strangers_are_asked_to_log_in(visit: Visit) -> None:
    visit.open("/admin/product/")
    assert visit.path.startswith("/login?next=")


def test_a_user_who_is_created_in_the_panel_logs_in_and_is_refused_there(
    administrator: Visit, enter: Callable[[], Visit]
) -> None:
    email, password = f"{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(16)
    administrator.open("/admin/user/new/")
    administrator.fill(email=email, new_password=password)
    administrator.page.check("#active")
    pick(administrator, "confirmed_at", 15)
    administrator.page.locator(".daterangepicker:visible .applyBtn").click()
    assert re.fullmatch(r"\d{4}-\d\d-15 \d\d:\d\d:\d\d", administrator.page.input_value("#confirmed_at"))
    administrator.press("Save")
    assert email in administrator.said()
    visitor = enter()
    visitor.open("/login")
    visitor.fill(email=email, password=password)
    visitor.press("Log in")
    assert email in visitor.open("/account")
    visitor.open("/admin/product/")
    visitor.refused(403)


def test_products_are_filtered(administrator: Visit, product: str) -> None:
    page = administrator.page
    administrator.open("/admin/product/")
    page.get_by_role("button", name="Add Filter").click()
    page.get_by_role("link", name="Name", exact=True).first.click()
    page.fill(".filter-val:visible", product)
    administrator.press("Apply")
    assert page.locator("td.col-name").all_inner_texts() == [product]
    administrator.check(STOCK_FAULTS)


def test_a_day_is_picked_from_the_calendar(administrator: Visit, product: str) -> None:
    administrator.go(find(administrator, product).get_by_title("Edit Record"))
    pick(administrator, "released", 15)
    day = administrator.page.input_value("#released")
    assert re.fullmatch(r"\d{4}-\d\d-15", day)
    administrator.check(STOCK_FAULTS)
    administrator.press("Save")
    administrator.go(find(administrator, product).get_by_title("Edit Record"))
    assert administrator.page.input_value("#released") == day


def test_the_calendar_speaks_the_language_of_the_page(administrator: Visit) -> None:
    administrator.open("/admin/product/new/?lang=es")
    administrator.page.click("#released")
    assert "L\tM\tX\tJ" in administrator.page.inner_text(".daterangepicker:visible thead")


def test_a_value_is_edited_in_the_list(administrator: Visit, product: str) -> None:
    page = administrator.page
    find(administrator, product).locator("[data-role^=x-editable]", has_text=re.compile("^3$")).click()
    page.fill(".editable-input input", "4711")
    with page.expect_response("**/ajax/update/") as answer:
        page.click(".editable-submit")
    assert answer.value.ok
    assert "4,711" in find(administrator, product).inner_text()


def test_products_are_archived_once_that_is_confirmed(administrator: Visit, product: str) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    administrator.page.on("dialog", answer)
    act(administrator, find(administrator, product), "Archive")
    row = find(administrator, product)
    assert "Archived" not in row.inner_text()
    with administrator.page.expect_navigation():
        act(administrator, row, "Archive")
    assert asked == ["Archive the products that are ticked?"] * 2
    assert "Archived" in find(administrator, product).inner_text()


def test_what_is_listed_is_exported(administrator: Visit, product: str) -> None:
    find(administrator, product)
    with download(administrator, "CSV").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["Name"], row["Price"], row["Stock"]) == (product, "12.50", "3")
    with ZipFile(download(administrator, "XLSX")) as book:
        assert product in book.read("xl/worksheets/sheet1.xml").decode()


def test_a_product_is_deleted_once_that_is_confirmed(administrator: Visit, product: str) -> None:
    page = administrator.page
    page.once("dialog", lambda dialog: dialog.dismiss())
    find(administrator, product).get_by_title("Delete Record").click()
    row = find(administrator, product)
    assert row.count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    administrator.go(row.get_by_title("Delete Record"))
    assert find(administrator, product).count() == 0


def test_everybody_can_use_the_panel(administrator: Visit, product: str) -> None:
    find(administrator, product)
    for path in ("/admin/", "/admin/category/", "/admin/user/", "/admin/user/new/", "/admin/role/"):
        administrator.open(path)
        administrator.check(STOCK_FAULTS)
    administrator.open("/admin/")
    administrator.follow(product)
    assert administrator.page.input_value("#name") == product
