"""All text on all pages is translated: each is read in a language whose letters are all foreign."""

import gettext
import re
from collections import abc
from html.parser import HTMLParser

import pytest
from babel.support import NullTranslations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.database import Model, db
from app.i18n import LANGUAGES, catalogues
from app.i18n.files import extract

FOREIGN = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ДБСДЕФГХИЙКЛМНОПЯРСТУВШЧЫЗабцдефгхийклмнопярстувшчыз",
)
KEPT = re.compile(r"(%\(\w+\)[a-z]|\{\w*\}|<[^>]*>|https?:\S+)")
# What is the same in every language, as abbreviations are.
NAMES = {"OpenAPI", "Swagger"}
NOT_TEXT = {"code", "script", "style", "textarea"}
SPOKEN = {"alt", "aria-label", "placeholder", "title"}
JSON = "application/json"
LEADS_AWAY = re.compile(r"^/(language|logout|.*static)|[?&](lang|sort|desc)=")
# Empty, these forms change nothing, and tell what is wrong.
FORMS = re.compile(r"/(new|edit|login|register|reset|confirm|change.*|verify|preferences)/?$")


def write_foreign(message: str) -> str:
    """Write a message in other letters, but for places and tags."""
    parts = KEPT.split(str(message))  # it can be text of ours, translated when it is shown
    parts[::2] = [part.translate(FOREIGN) for part in parts[::2]]
    return "".join(parts)


class Foreign(NullTranslations):
    """Translates into letters that are not English what can be translated."""

    def __init__(self, can_be: abc.Callable[[str], bool]) -> None:
        super().__init__()
        self.can_be_translated = can_be

    def gettext(self, message: str) -> str:
        """Translate the message, if it can be."""
        return write_foreign(message) if self.can_be_translated(message) else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Translate one of two forms, if the message can be translated."""
        form = msgid1 if n == 1 else msgid2
        return write_foreign(form) if self.can_be_translated(msgid1) else form

    ugettext = gettext
    ungettext = ngettext


def messages(translations: gettext.NullTranslations | None) -> set[str]:
    """Return what can be translated, with what is fallen back on."""
    found: set[str] = set()
    while translations:
        keys = getattr(translations, "_catalog", {})
        found |= {key if isinstance(key, str) else key[0] for key in keys}
        translations = getattr(translations, "_fallback", None)
    return found


class Page(HTMLParser):
    """What a page says, where it leads, and what its forms ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.fields: dict[str, str] = {}
        self.silent = 0
        self.value: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what is said by an attribute, and where a link leads."""
        found = dict(attributes)
        self.silent += tag in NOT_TEXT
        self.texts += [found[name] or "" for name in SPOKEN & set(found)]
        if tag == "input" and found.get("type") == "submit":
            self.texts.append(found.get("value") or "")
        self.value = found.get("value") if tag == "option" else None
        if tag == "input":
            self.fields[found.get("name") or ""] = ""
        if tag == "a":
            self.links.append(found.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """Listen again after what isn't text."""
        self.silent -= tag in NOT_TEXT

    def handle_data(self, data: str) -> None:
        """Note what is said, but for options that show their value as it is, and for JSON."""
        if not self.silent and data.strip() != self.value and not data.startswith(("{", "[")):
            self.texts.append(data)


@pytest.fixture
def foreign(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every page be read in the foreign letters."""
    with app.app_context():
        marked = {text.id if isinstance(text.id, str) else text.id[0] for text in extract()}

    def read(own: str, theirs: tuple[str, ...], domain: str, _language: str) -> Foreign:
        if own in theirs:
            return Foreign(marked.__contains__)
        # An extension has to know its messages in each language that knows all of ours.
        known = [messages(original(own, theirs, domain, code)) for code in LANGUAGES]
        complete = [found for found in known if marked <= found]
        return Foreign(lambda message: all(message in found for found in complete))

    original = catalogues.read
    monkeypatch.setattr(catalogues, "read", read)
    monkeypatch.setitem(app.config, "LANGUAGES", ["ru", "el"])


{% if cookiecutter.security %}
@pytest.fixture
def visitor(login: abc.Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of somebody who may see everything."""
    return login("admin")
{% else %}
@pytest.fixture
def visitor(client: FlaskClient) -> FlaskClient:
    """Return the browser of a visitor."""
    return client
{% endif %}


def rows(app: Flask) -> set[str]:
    """Return all text that is in the database: it is nobody's to translate."""
    with app.app_context():
        models = [mapper.class_ for mapper in Model.registry.mappers]
        found = [row for model in models for row in db.session.scalars(select(model))]
        return {text for row in found for text in vars(row).values() if isinstance(text, str)}


def pages(app: Flask, client: FlaskClient) -> abc.Iterator[tuple[str, Page]]:
    """Yield all pages to which the site leads, and what is said of forms that are empty."""
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    waiting = [rule.rule for rule in rules if not rule.arguments] + ["/no-such-page"]
    seen = set()
    while waiting:
        address = waiting.pop(0)
        kind = re.sub(r"\d+|=[^&]*", "", address)
        if kind in seen or LEADS_AWAY.search(address):
            continue
        seen.add(kind)
        fields: dict[str, str] = {}
        for method in ["GET", "POST"] if FORMS.search(address) else ["GET"]:
            if cookie:  # some pages log out who comes there by chance
                client.set_cookie(cookie.key, cookie.value)
            with client.open(address, method=method, data=fields) as response:
                if response.mimetype == "text/html" and not response.location:
                    page = Page(response.get_data(as_text=True))
                    yield f"{method} {address}", page
                    fields = page.fields
                    waiting += [link for link in page.links if link.startswith("/")]


def english(texts: abc.Iterable[str], data: abc.Iterable[str]) -> list[str]:
    """Return the texts that have English words, but for what is data."""
    longest_first = sorted(filter(None, data), key=len, reverse=True)
    names = re.compile("|".join(map(re.escape, longest_first)) or "$")
    words = {text.strip(): re.findall(r"[A-Za-z]+[a-z]", names.sub("", text)) for text in texts}
    return [text for text in words if set(words[text]) - NAMES]


@pytest.mark.usefixtures("foreign")
def test_no_page_says_anything_in_english(app: Flask, visitor: FlaskClient) -> None:
    app.test_cli_runner().invoke(args=["seed"])
    data = {*rows(app), app.config["APP_NAME"]}
    found = []
    for client in (visitor, app.test_client()):
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
        for name, page in pages(app, client):
            found += [f"{name}: {text}" for text in english(page.texts, data)]
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("foreign")
def test_no_error_in_json_is_told_in_english(app: Flask, visitor: FlaskClient) -> None:
    headers = {"Accept": JSON, "Accept-Language": "ru"}
    paths = ["/no-such-page"]
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.arguments:
            paths += [rule.rule] * rule.rule.startswith(tuple(app.extensions["json_paths"]))
    for path in paths:
        for body in ("[]", '{"name": 1, "surprise": 1}'):
            problem = visitor.post(path, data=body, headers=headers, mimetype=JSON).json
            assert problem
            told = list(leaves([problem["detail"], problem.get("errors", {})]))
            assert not english(told, []), path


def leaves(tree: object) -> abc.Iterator[str]:
    """Yield the text at the ends of what was told."""
    if isinstance(tree, dict | list):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from leaves(branch)
    else:
        yield str(tree)
