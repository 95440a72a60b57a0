"""The default project in a real browser, as a new user would try it."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from foundry.manifest import ALL
from foundry.project import Project
from foundry.server import serve
from foundry.services import browser
from playwright.sync_api import Browser, Page, sync_playwright
from test_end_to_end import generate

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
OPTIONS += ["--disable-component-update", "--disable-sync"]

PAGES = [
    "/",
    "/account",
    "/admin/",
    "/api/v1/docs",
    "/categories/",
    "/change",
    "/dev/mailbox",
    "/products/",
    "/products/new",
]
PUBLIC = ["/login", "/register", "/reset", "/confirm", "/nothing-here"]


@dataclass
class Visit:
    """A page of the running project, and what the browser complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note each error, and each request to another host."""
        self.page.on("console", lambda line: self.note("error" if line.type == "error" else "", line.text))
        self.page.on("pageerror", lambda error: self.note("exception", str(error)))
        self.page.on("request", lambda request: self.note(self.elsewhere(request.url), request.url))

    def note(self, kind: str, text: str) -> None:
        """Keep a complaint, if it is one, with the page that it is about."""
        if kind:
            self.complaints.append(f"{self.page.url}: {kind}: {text}")

    def elsewhere(self, url: str) -> str:
        """What to say of a request that leaves the host."""
        local = urlsplit(url).scheme in {"blob", "data"} or url.startswith(f"{self.address}/")
        return "" if local else "request off the host"

    def open(self, path: str) -> str:
        """Go to a page and return its text."""
        self.page.goto(self.address + path)
        return self.page.inner_text("body")

    def submit(self) -> None:
        """Send the form of the page's content."""
        self.page.locator("main form[method=post] [type=submit]").first.click()
        self.page.wait_for_load_state()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Everything on, set up by its own hook."""
    return generate(ALL, tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def address(project: Project) -> Iterator[str]:
    """Where the project is served."""
    with serve(project, "flask", "run", "--port", "{port}") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    path = browser()
    with sync_playwright() as playwright, closing(playwright.chromium.launch(executable_path=path, args=OPTIONS)) as it:
        yield it


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    """A visitor without cookies, who sees no error and no request off the host."""
    with closing(chromium.new_context(locale="en-US", color_scheme="light")) as context:
        visit = Visit(context.new_page(), address)
        visit.watch()
        yield visit
        assert not visit.complaints, "\n".join(visit.complaints)


@pytest.fixture
def administrator(visit: Visit, project: Project) -> Visit:
    """A visitor who has logged in with what set-up has printed, which is what .env holds."""
    settings = dict(line.split("=", 1) for line in project.read(".env").splitlines() if re.match(r"\w+=", line))
    visit.open("/login")
    visit.page.fill("[name=email]", settings["ADMIN_EMAIL"])
    visit.page.fill("[name=password]", settings["ADMIN_PASSWORD"])
    visit.submit()
    assert settings["ADMIN_EMAIL"] in visit.open("/account")
    return visit


def style(page: Page, selector: str, name: str) -> str:
    """What the browser has computed."""
    return str(page.locator(selector).first.evaluate(f"element => getComputedStyle(element)['{name}']"))


def test_every_page_shows_and_is_styled(administrator: Visit) -> None:
    for path in PAGES:
        assert len(administrator.open(path)) > 50, path
        assert administrator.page.title().strip(), path
        if not path.startswith(("/admin", "/api")):
            assert style(administrator.page, "nav.navbar", "display") == "flex", path
            assert style(administrator.page, "nav.navbar-nav, .navbar-nav", "listStyleType") == "none", path


def test_the_pages_of_visitors_show(visit: Visit) -> None:
    for path in PUBLIC:
        assert len(visit.open(path)) > 50, path
        assert style(visit.page, "nav.navbar", "display") == "flex", path
    visit.complaints = [text for text in visit.complaints if "404" not in text]


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
    page.select_option("[name=category_id]", index=0)
    administrator.submit()
    assert "Anvil & <Hammer>" in page.inner_text("h1")
    page.get_by_role("link", name="Edit").click()
    page.fill("[name=name]", "Tongs")
    administrator.submit()
    assert "Tongs" in page.inner_text("h1")
    page.get_by_role("link", name="Delete").click()
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
