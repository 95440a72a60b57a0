"""A visitor of a served project, in the system's Chromium."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

from foundry import services

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
OPTIONS += ["--disable-component-update", "--disable-sync"]
PATIENCE = 30_000  # milliseconds
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is looked for in each theme: in the second, only colours are others.
RULES = {
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast"]},
}
# The toolbar is not ours, and the frames of the mailbox let no script in.
OURS = {"exclude": ["#flDebug"]}
AXE = """async ([context, options, known]) => {
    const {violations} = await axe.run(context, options);
    const isKnown = (id, node) => id in known && document.querySelector(node.target[0]).matches(known[id]);
    return violations.map(fault => ({...fault, nodes: fault.nodes.filter(node => !isKnown(fault.id, node))}));
}"""
SERIOUS = {"serious", "critical"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's browser."""
    path = services.browser()
    with sync_playwright() as playwright, closing(playwright.chromium.launch(executable_path=path, args=OPTIONS)) as it:
        yield it


@dataclass
class Visit:
    """A page of the running project, and what the browser complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note each error, and each request to another host."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.note("exception", str(error)))
        self.page.on("request", lambda request: self.note(self.elsewhere(request.url), request.url))

    def hear(self, message: ConsoleMessage) -> None:
        """Note an error of the console, with the address that it is about."""
        if message.type == "error":
            self.note("error", f"{message.location.get('url', '')} {message.text}")

    def note(self, kind: str, text: str) -> None:
        """Keep a complaint, if it is one, with the page that it is about."""
        if kind:
            self.complaints.append(f"{self.page.url}: {kind}: {text}")

    def elsewhere(self, url: str) -> str:
        """What to say of a request that leaves the host."""
        local = urlsplit(url).scheme in {"blob", "data"} or url.startswith(f"{self.address}/")
        return "" if local else "request off the host"

    def remaining(self) -> str:
        """The complaints but for those of pages that were meant to be refused."""
        return "\n".join(text for text in self.complaints if not any(known in text for known in self.expected))

    @property
    def path(self) -> str:
        """The page that is shown now, with its query."""
        return self.page.url.removeprefix(self.address)

    def open(self, path: str) -> str:
        """Go to a page and return its text."""
        self.page.goto(self.address + path)
        return self.page.inner_text("body")

    def submit(self) -> None:
        """Send the form of the page's content."""
        self.go(self.page.locator("main form[method=post] [type=submit]").first)

    def fill(self, **fields: str) -> None:
        """Fill in fields of the page's content, by their names."""
        for name, value in fields.items():
            self.page.fill(f"main [name={name}]:visible", value)

    def press(self, name: str) -> None:
        """Press a button of the page's content that leads on."""
        self.go(self.button(name))

    def follow(self, name: str) -> None:
        """Follow a link of the page's content."""
        self.go(self.page.get_by_role("main").get_by_role("link", name=name, exact=True))

    def button(self, name: str) -> Locator:
        """A button of the page's content."""
        return self.page.get_by_role("main").get_by_role("button", name=name, exact=True)

    def go(self, control: Locator) -> None:
        """Click on something that leads to a page, and wait for the page."""
        with self.page.expect_navigation():
            control.click()

    def arrive(self, path: str) -> None:
        """Wait for the page that a script leads to."""
        self.page.wait_for_url(f"{self.address}{path}")

    def said(self) -> str:
        """The text of the page's content."""
        return self.page.inner_text("main")

    def see(self, *texts: str) -> None:
        """Find these texts in the page's content, which everybody can use."""
        said = self.said()
        for text in texts:
            assert text in said, f"{self.path}: {text!r} is not in\n{said}"
        self.check()

    def refused(self, status: int) -> None:
        """Find the site's own page for this status; the browser's complaint about it is no fault."""
        failed = "Failed to load resource: the server responded with a status of"
        self.expected.append(f" {self.page.url} {failed} {status} ")
        assert self.page.inner_text("main p.display-1") == str(status)
        assert style(self.page, "nav.navbar", "display") == "flex"
        self.check()

    def check(self, known: Mapping[str, str] | None = None) -> None:
        """Note what keeps somebody from using this page, in both themes; known are selectors by rules."""
        root = self.page.locator("html")
        chosen = root.get_attribute("data-bs-theme")
        self.page.evaluate(AXE_SCRIPT)
        for theme in ("dark", "light"):
            root.evaluate("(root, theme) => { root.dataset.bsTheme = theme }", theme)
            options = {"runOnly": RULES[theme], "resultTypes": ["violations"], "iframes": False}
            for fault in self.page.evaluate(AXE, [OURS, options, known or {}]):
                if fault["impact"] in SERIOUS and fault["nodes"]:
                    nodes = "; ".join(node["html"][:200] for node in fault["nodes"])
                    self.note(f"{fault['id']} ({theme})", f"{fault['help']}: {nodes}")
        root.evaluate("(root, theme) => { root.dataset.bsTheme = theme }", chosen)


@contextmanager
def visitor(browser: Browser, address: str) -> Iterator[Visit]:
    """Somebody without cookies, who sees no error and no request off the host."""
    with closing(browser.new_context(locale="en-US", color_scheme="light", reduced_motion="reduce")) as context:
        visit = Visit(context.new_page(), address)
        visit.watch()
        yield visit
        assert not visit.remaining(), visit.remaining()


def style(page: Page, selector: str, name: str) -> str:
    """What the browser has computed."""
    return str(page.locator(selector).first.evaluate(f"element => getComputedStyle(element)['{name}']"))
