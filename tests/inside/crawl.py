"""Every page of an application that is below a path of its host, opened by each kind of visitor."""

import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

# As https://example.com/shop/ is: an address without it leads to another site.
PREFIX = "/shop"
ABSENT = {404, 405}
# Strangers and users may be kept out of a page, an administrator of none.
REFUSED = {"anonymous": ABSENT | {401, 403}, "user": ABSENT | {401, 403}, "administrator": ABSENT}
# What a page names by these must be there; a link may lead where only others may go, but not here, where it is shown.
NAMES = {"a": "href", "link": "href", "script": "src", "img": "src"}
USER, PASSWORD = "somebody@example.com", "a long enough passphrase"


class Links(HTMLParser):
    """Collects the addresses that a page names, and the token of its form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.addresses: set[str] = set()
        self.token = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names."""
        named = dict(attrs)
        self.found.add(named.get(NAMES.get(tag, "")) or "")
        self.addresses |= {
            value or ""
            for name, value in attrs
            if re.match("href|src|action|formaction|data-", name) and re.match("/|http://localhost", value or "")
        }
        if named.get("name") == "csrf_token":
            self.token = named.get("value") or ""


class Listener(logging.Handler):
    """Notes each warning that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.heard.append(record.getMessage())


def problems(app: Any) -> list[str]:
    """What is wrong with the pages of an application, seen by all kinds of visitors."""
    from werkzeug.exceptions import NotFound
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    app.wsgi_app = DispatcherMiddleware(NotFound(), {PREFIX: app.wsgi_app})
    listener = Listener()
    logging.getLogger().addHandler(listener)
    found = [f"{kind}: {problem}" for kind, client in visitors(app) for problem in crawl(app, client, REFUSED[kind])]
    return found + [f"logged: {line}" for line in listener.heard]


def visitors(app: Any) -> Iterator[tuple[str, Any]]:
    """Yield the browsers of a stranger, a user, and the administrator, where there are such."""
    yield "anonymous", app.test_client()
    settings = dict(re.findall(r"^(\w+)=(.*)$", Path(".env").read_text("utf-8"), re.MULTILINE))
    if "ADMIN_USERNAME" in settings:
        client = app.test_client()
        login = f"{settings['ADMIN_USERNAME']}:{settings['ADMIN_PASSWORD']}"
        client.environ_base["HTTP_AUTHORIZATION"] = f"Basic {b64encode(login.encode()).decode()}"
        yield "administrator", client
    if "security" in app.blueprints:
        register(app)
        for kind, email, password in (
            ("user", USER, PASSWORD),
            ("administrator", settings["ADMIN_EMAIL"], settings["ADMIN_PASSWORD"]),
        ):
            client = app.test_client()
            token = Links(client.get(f"{PREFIX}/login").text).token
            answer = client.post(f"{PREFIX}/login", data={"email": email, "password": password, "csrf_token": token})
            assert answer.status_code == 302, f"{email} can't log in"
            yield kind, client


def register(app: Any) -> None:
    """Give the application a user of no role, whose address is confirmed."""
    from flask_security import hash_password, naive_utcnow

    with app.app_context():
        store = app.extensions["security"].datastore
        store.create_user(email=USER, password=hash_password(PASSWORD), confirmed_at=naive_utcnow())
        store.commit()


def crawl(app: Any, client: Any, refused: set[int]) -> Iterator[str]:
    """Open all addresses that the application has, and all that its pages name."""
    named = dict.fromkeys((f"{PREFIX}/no-such-page", *(urlsplit(path).path for path in addresses(app))), "")
    pending = list(named)
    while pending:
        path = pending.pop()
        with client.get(path) as answer:
            page = answer.text if answer.mimetype == "text/html" else ""
        shown_on = named[path]
        if answer.status_code >= (400 if shown_on else 500) or (
            answer.status_code >= 400 and answer.status_code not in refused
        ):
            yield f"{path} {f'(a link on {shown_on}) ' if shown_on else ''}answers {answer.status_code}"
        for address in strays(page, answer.headers):
            yield f"{path} leads to {address}, which is not below {PREFIX}/"
        for link in links(path, page) - named.keys():
            named[link] = path
            pending.append(link)


def addresses(app: Any) -> Iterator[str]:
    """The address of each rule that answers to GET, with 1 for each of its arguments."""
    with app.test_request_context(base_url=f"http://localhost{PREFIX}/"):
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and not re.search("logout|static", rule.endpoint):
                yield app.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1))


def strays(page: str, headers: Any) -> list[str]:
    """The addresses of this host that a response names, also for later, and that lead to another site."""
    named = {*Links(page).addresses, headers.get("Location", PREFIX)}
    later = {value for address in named for _, value in parse_qsl(urlsplit(address).query) if value.startswith("/")}
    cookies = [cookie for cookie in headers.getlist("Set-Cookie") if not re.search(rf"Path={PREFIX}(;|$)", cookie)]
    paths = {address: urlsplit(address) for address in named | later}
    own = {address: parts.path for address, parts in paths.items() if parts.hostname in {None, "localhost"}}
    return cookies + [address for address, path in own.items() if not f"{path}/".startswith(f"{PREFIX}/")]


def links(path: str, page: str) -> set[str]:
    """The addresses of this host that a page names, without their queries."""
    found = (urlsplit(urljoin(f"http://localhost{path}", link)) for link in Links(page).found)
    return {link.path for link in found if link.hostname == "localhost" and "logout" not in link.path}
