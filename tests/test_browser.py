"""The project in a real browser, as a new user would try it."""

from foundry.browser import Visit, style

PAGES = [
    "/",
    "/account",
    "/account/delete",
    "/account/tokens",
    "/admin/",
    "/api/v1/docs",
    "/categories/",
    "/categories/books/delete",
    "/categories/books/edit",
    "/categories/new",
    "/change",
    "/change-email",
    "/dev/mailbox",
    "/mf-recovery-codes",
    "/mf-recovery-codes?show_codes=1",
    "/products/",
    "/products/?category=books&sort=-price",
    "/products/a-field-guide-to-flasks",
    "/products/a-field-guide-to-flasks/delete",
    "/products/a-field-guide-to-flasks/edit",
    "/products/new",
    "/tf-setup",
    "/verify",
    "/wan-register",
    "/wan-verify",
]
PUBLIC = ["/", "/categories/", "/confirm", "/login", "/products/", "/register", "/reset", "/wan-signin"]


def test_every_page_shows_and_is_styled(administrator: Visit) -> None:
    for path in PAGES:
        assert len(administrator.open(path)) > 50, path
        assert administrator.page.title().strip(), path
        if not path.startswith(("/admin", "/api")):
            administrator.check()
            assert style(administrator.page, "nav.navbar", "display") == "flex", path
            assert style(administrator.page, "nav.navbar-nav, .navbar-nav", "listStyleType") == "none", path


def test_the_pages_of_visitors_show(visit: Visit) -> None:
    for path in PUBLIC:
        assert len(visit.open(path)) > 50, path
        assert style(visit.page, "nav.navbar", "display") == "flex", path
        visit.check()


def test_a_page_that_is_not_there_is_missed_in_the_frame_of_the_site(visit: Visit) -> None:
    visit.open("/nothing-here")
    visit.refused(404)


def test_what_somebody_could_not_use_is_noticed(visit: Visit) -> None:
    visit.open("/")
    visit.check()
    assert not visit.complaints
    visit.page.evaluate("document.querySelector('main').innerHTML = '<input>'")
    visit.page.evaluate("document.querySelector('html').removeAttribute('lang')")
    visit.check()
    assert {text.split(": ")[1] for text in visit.complaints} == {"label (light)", "html-has-lang (light)"}
    visit.complaints.clear()
    visit.page.evaluate("document.body.innerHTML = '<p style=\"color: #444\">dark on dark</p>'")
    visit.check()
    assert any("color-contrast (dark)" in text for text in visit.complaints)
    visit.complaints.clear()


def test_the_language_is_switched_to_spanish(visit: Visit) -> None:
    assert "Welcome" in visit.open("/")
    visit.page.get_by_role("button", name="Language").click()
    visit.page.locator("a[lang=es]").click()
    visit.page.wait_for_load_state()
    assert visit.page.locator("html").get_attribute("lang") == "es"
    assert "Productos" in visit.open("/products/")


def test_the_theme_is_chosen_and_stays(visit: Visit) -> None:
    visit.open("/")
    light = style(visit.page, "body", "backgroundColor")
    visit.page.get_by_role("button", name="Theme").click()
    visit.page.locator("[data-theme=dark]").click()
    assert style(visit.page, "body", "backgroundColor") != light
    visit.open("/products/")
    assert visit.page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_a_product_is_created_edited_and_deleted(administrator: Visit) -> None:
    page = administrator.page
    administrator.open("/products/")
    page.get_by_role("link", name="New product").click()
    page.fill("[name=name]", "Anvil & <Hammer>")
    page.fill("[name=price]", "12.50")
    page.select_option("[name=category_id]", index=1)  # the first one is none
    administrator.submit()
    assert "Anvil & <Hammer>" in page.inner_text("h1")
    administrator.check()
    page.get_by_role("link", name="Edit").click()
    page.fill("[name=name]", "Tongs")
    administrator.submit()
    assert "Tongs" in page.inner_text("h1")
    page.get_by_role("link", name="Delete").click()
    page.wait_for_load_state()
    administrator.check()
    administrator.submit()
    assert "Tongs" not in page.inner_text("table")


def test_the_admin_panel_lists_creates_edits_and_deletes(administrator: Visit) -> None:
    page = administrator.page
    page.on("dialog", lambda dialog: dialog.accept())
    administrator.open("/admin/category/new/")
    page.fill("[name=name]", "Smithy")
    page.locator("form.admin-form [type=submit]").first.click()
    assert "Smithy" in administrator.open("/admin/category/")
    page.locator("tr", has_text="Smithy").locator("a.icon").first.click()
    page.fill("[name=name]", "Forge")
    page.locator("form.admin-form [type=submit]").first.click()
    assert "Forge" in administrator.open("/admin/category/")
    page.locator("tr", has_text="Forge").locator("form.icon button").click()
    page.wait_for_load_state()
    assert "Forge" not in page.inner_text("table")
    for table in ("product", "user", "role"):
        assert administrator.open(f"/admin/{table}/")


def test_the_api_documentation_lists_its_operations(visit: Visit) -> None:
    visit.open("/api/v1/docs")
    visit.page.wait_for_selector(".opblock")
    assert visit.page.locator(".opblock", has_text="/api/v1/products").count() >= 2
    visit.page.locator(".opblock").first.click()
    visit.page.get_by_role("button", name="Try it out").first.wait_for()


def test_the_debug_toolbar_shows_the_queries(visit: Visit) -> None:
    visit.open("/products/")
    visit.page.wait_for_selector("#flDebug", state="attached")
    assert "SELECT" in visit.page.locator("#flDebug").inner_html()
