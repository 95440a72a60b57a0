"""What attackers try on the mails of accounts, and on their links."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import argon2.low_level
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mailman import EmailMultiAlternatives

from app.mail import background
from app.security.roles import find_user

Login = Callable[..., FlaskClient]
KNOWN, UNKNOWN = "plain@example.com", "nobody@example.com"
NEW = "another quite long phrase"


@pytest.fixture
def outbox(app: Flask) -> list[EmailMultiAlternatives]:
    """Return the messages that are sent in the test."""
    outbox: list[EmailMultiAlternatives] = []
    app.extensions["mailman"].outbox = outbox
    return outbox


@pytest.fixture
def hosted(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return the application of a public site whose health checks use local names."""
    monkeypatch.setenv("TRUSTED_HOSTS", "localhost, 127.0.0.1, example.com")
    monkeypatch.setenv("PROXIES", "1")
    return make_app(APP_ENV="production", MAIL_BACKEND="locmem", MAIL_IN_BACKGROUND=False)


@pytest.fixture
def link(outbox: list[EmailMultiAlternatives]) -> Callable[[], str]:
    """Return a function that takes the path of the link from the newest message."""
    return lambda: re.findall(r"^http://localhost(\S+)$", outbox[-1].body, re.MULTILINE)[-1]


@pytest.mark.parametrize(
    ("name", "host", "linked"),
    [
        ("Host", "example.com", "example.com"),
        ("Host", "EXAMPLE.com.", "example.com"),
        ("Host", "localhost", "example.com"),
        ("Host", "127.0.0.1:22", "example.com"),
        ("Host", "example.com:22", ""),
        ("Host", "evil.example", ""),
        ("X-Forwarded-Host", "localhost:22", "example.com"),
        ("X-Forwarded-Host", "evil.example, example.com", "example.com"),
        ("X-Forwarded-Host", "example.com, evil.example", ""),
        ("X-Forwarded-Host", "example.com:22", ""),
    ],
)
def test_links_of_mails_lead_to_the_public_host_only(
    name: str, host: str, linked: str, hosted: Flask, register: Callable[..., str]
) -> None:
    outbox: list[EmailMultiAlternatives] = []
    hosted.extensions["mailman"].outbox = outbox
    hosted.test_client().post("/reset", data={"email": register(hosted)}, headers={name: host})
    links = [re.findall(r"https?://([^/\s]+)/reset/", message.body) for message in outbox]
    assert links == ([[linked]] if linked else [])


def requests(password: str) -> dict[str, dict[str, str]]:
    """Return the forms in which strangers write an address, and what else they write."""
    return {
        "/login": {"password": "a wrong password"},
        "/register": {"password": password, "password_confirm": password},
        "/reset": {},
        "/confirm": {},
    }


def test_no_form_tells_who_has_an_account(
    login: Login, app: Flask, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    login()
    hashed: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        count(name, hashed, monkeypatch)
    for path, form in requests(password).items():
        answers = []
        for email in (KNOWN, UNKNOWN):
            hashed.clear()
            client = app.test_client()
            response = client.post(path, data=form | {"email": email}, follow_redirects=True)
            page = re.sub(r'(nonce|value)="[^"]*"', "", response.text).replace(email, "")
            answers.append((response.status_code, page, len(hashed)))
        assert answers[0] == answers[1], path


def count(name: str, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Note each call of a function that takes the time of a log-in."""
    function = getattr(argon2.low_level, name)

    def noting(*args: object, **kwargs: object) -> object:
        calls.append(name)
        return function(*args, **kwargs)

    monkeypatch.setattr(argon2.low_level, name, noting)


def test_no_time_of_an_answer_tells_who_has_an_account(
    login: Login, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    login()
    answered, sent = Event(), []

    def deliver(_context: object, message: object) -> None:
        assert answered.wait(timeout=60)
        sent.append(message)

    monkeypatch.setitem(app.config, "MAIL_IN_BACKGROUND", True)
    monkeypatch.setattr(background, "deliver_in", deliver)
    # The mail server would still be working on it.
    assert app.test_client().post("/reset", data={"email": KNOWN}).status_code == 200
    answered.set()
    background.executor.submit(len, "").result(timeout=60)


def test_no_mail_leads_to_another_host(
    login: Login, app: Flask, outbox: list[EmailMultiAlternatives]
) -> None:
    login()
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        app.test_client().post("/reset", data={"email": KNOWN}, headers=headers)
    assert len(outbox) == 1
    assert "evil.example" not in outbox[0].body + outbox[0].alternatives[0][0]


@pytest.mark.parametrize("change", [lambda token: token[:-2], lambda token: f"x{token}", str.upper])
def test_a_link_that_was_tampered_with_is_worth_nothing(
    change: Callable[[str], str], login: Login, app: Flask, password: str, link: Callable[[], str]
) -> None:
    user, client = login(), app.test_client()
    client.post("/reset", data={"email": KNOWN})
    tampered = spoil(link(), change)
    assert client.get(tampered).location == "/reset"
    form = {"password": NEW, "password_confirm": NEW}
    assert client.post(tampered, data=form).location == "/reset"
    data = {"email": KNOWN, "password": password}
    assert app.test_client().post("/login", data=data).status_code == 302

    client.post("/register", data={"email": "new@example.com"} | requests(password)["/register"])
    client.post(spoil(link(), change))
    with app.app_context():
        new = find_user("new@example.com")
        assert new
        assert new.confirmed_at is None

    user.post("/change-email", data={"email": "other@example.com"})
    user.post(spoil(link(), change))
    with app.app_context():
        assert find_user(KNOWN)
        assert not find_user("other@example.com")


def spoil(path: str, change: Callable[[str], str]) -> str:
    """Change the token at the end of a path."""
    start, _, token = path.rpartition("/")
    return f"{start}/{change(token)}"


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("SECURITY_RESET_PASSWORD_WITHIN", "/reset"),
        ("SECURITY_CONFIRM_EMAIL_WITHIN", "/confirm"),
    ],
)
def test_a_link_that_is_too_old_is_worth_nothing(
    setting: str, path: str, app: Flask, password: str, link: Callable[[], str]
) -> None:
    client = app.test_client()
    client.post("/register", data={"email": KNOWN} | requests(password)["/register"])
    if path == "/reset":
        client.post(link())
        client = app.test_client()
        client.post(path, data={"email": KNOWN})
    old, kept = link(), app.config[setting]
    app.config[setting] = timedelta(seconds=-1)
    refused = client.post(old).location
    app.config[setting] = kept
    assert refused == path
    assert client.post(old).location != path


def test_a_link_to_a_new_password_works_once(
    login: Login, app: Flask, client: FlaskClient, link: Callable[[], str]
) -> None:
    login()
    client.post("/reset", data={"email": KNOWN})
    path = link()
    form = {"password": NEW, "password_confirm": NEW}
    assert client.post(path, data=form).status_code == 302
    other = "yet another quite long phrase"
    again = {"password": other, "password_confirm": other}
    assert app.test_client().post(path, data=again).location == "/reset"
    data = {"email": KNOWN, "password": NEW}
    assert app.test_client().post("/login", data=data).status_code == 302


def test_the_link_of_one_mail_is_worth_nothing_for_another_purpose(
    login: Login, client: FlaskClient, link: Callable[[], str]
) -> None:
    login()
    client.post("/reset", data={"email": KNOWN})
    token = link().rpartition("/")[2]
    for purpose in ("/confirm", "/change-email-confirm"):
        assert client.post(f"{purpose}/{token}").location != "/account"
        assert client.get("/account").status_code == 302


def test_nobody_logs_in_before_the_address_is_confirmed(
    app: Flask, client: FlaskClient, password: str
) -> None:
    client.post("/register", data={"email": "new@example.com"} | requests(password)["/register"])
    data = {"email": "new@example.com", "password": password}
    assert client.post("/login", data=data).status_code == 200
    assert client.get("/account").status_code == 302


def test_an_address_that_is_taken_is_not_told_to_who_wants_it(
    login: Login, app: Flask, outbox: list[EmailMultiAlternatives]
) -> None:
    login("editor")
    client = login()
    outbox.clear()
    pages = []
    for email in ("editor@example.com", "free@example.com"):
        page = client.post("/change-email", data={"email": email}).text
        pages.append(re.sub(r'(nonce|value)="[^"]*"', "", page).replace(email, ""))
    assert pages[0] == pages[1]
    assert [message.to for message in outbox] == [["free@example.com"]]


def test_no_link_outlives_the_address_that_it_was_sent_to(
    login: Login, app: Flask, link: Callable[[], str]
) -> None:
    user, stranger = login(), app.test_client()
    stranger.post("/reset", data={"email": KNOWN})
    old = link()
    user.post("/change-email", data={"email": "new@example.com"})
    assert user.post(link()).location == "/account"
    assert user.get("/account").status_code == 200
    assert stranger.get(old).location == "/reset"


def test_json_tells_nobody_who_has_an_account(login: Login, app: Flask, password: str) -> None:
    login()
    for path, form in requests(password).items():
        answers = []
        for email in (KNOWN, UNKNOWN):
            text = app.test_client().post(path, json=form | {"email": email}).text
            answers.append(re.sub(r'"csrf_token":"[^"]*"', "", text).replace(email, ""))
        assert answers[0] == answers[1], path


def test_each_link_locks_its_user_until_it_is_used(
    login: Login, app: Flask, password: str, link: Callable[[], str], locked: list[str]
) -> None:
    user, client = login(), app.test_client()
    client.post("/register", data={"email": "new@example.com"} | requests(password)["/register"])
    confirm = link()
    client.post("/reset", data={"email": KNOWN})
    reset = link()
    user.post("/change-email", data={"email": "other@example.com"})
    for opened in (confirm, link()):
        locked.clear()
        client.post(opened)
        assert locked == ["users"]
    client.get(reset)
    assert locked == ["users"]
    client.post(reset, data={"password": NEW, "password_confirm": NEW})
    assert locked == ["users"] * 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_link_that_is_only_opened_changes_nothing(  # noqa: PLR0913, PLR0917
    method: str,
    login: Login,
    app: Flask,
    client: FlaskClient,
    password: str,
    link: Callable[[], str],
) -> None:
    """Mail scanners open links, and other sites lead to them."""
    user = login()
    client.post("/register", data={"email": "new@example.com"} | requests(password)["/register"])
    confirm = link()
    user.post("/change-email", data={"email": "other@example.com"})
    for opened in (confirm, link()):
        assert user.open(opened, method=method).status_code == 200
        assert user.get("/account").status_code == 200
    with app.app_context():
        new, known = find_user("new@example.com"), find_user(KNOWN)
        assert known
        assert new
        assert new.confirmed_at is None
