"""What attackers try on accounts."""

import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import argon2.low_level
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.config import SESSION_COOKIE
from app.limits import address
from app.security.limits import account
from app.security.roles import find_user

Login = Callable[..., FlaskClient]
MakeApp = Callable[..., Flask]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "https:evil.example",
        "https://evil.example",
        "http:///evil.example",
        r"\\evil.example",
        r"/\evil.example",
        "%2F%2Fevil.example",
        "/%5Cevil.example",
        "%09//evil.example",
        "\t//evil.example",
        "\x19//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "https://localhost@evil.example",
        "https://localhost.evil.example",
    ],
)
@pytest.mark.parametrize("place", ["query", "form"])
def test_logging_in_leads_to_no_other_site(
    target: str, place: str, login: Login, app: Flask, password: str
) -> None:
    login()
    data = {"email": "plain@example.com", "password": password}
    more = {"query_string" if place == "query" else "data": {"next": target}}
    more["data"] = data | more.get("data", {})
    response = app.test_client().post("/login", **more)
    location = response.headers.get("Location", "/")
    # A browser strips control characters and blanks, and reads a backslash as a slash.
    seen = re.sub(r"[\x00-\x20]", "", location).replace("\\", "/")
    there = urlsplit(urljoin("http://localhost/login", seen))
    assert (there.scheme, there.netloc) == ("http", "localhost"), location


@pytest.mark.parametrize("target", ["//[", "http://localhost:99999/", r"\\["])
def test_broken_target_is_refused_after_any_form(target: str, login: Login) -> None:
    client = login()
    for path in ("/login", "/logout", "/verify"):
        assert client.post(path, json={"next": target}).status_code == 400, path
        assert client.post(path, data={"next": target}).status_code == 400, path
        assert client.post(path, query_string={"next": target}).status_code == 400, path


def test_what_was_planted_before_the_log_in_is_worth_nothing(
    make_app: MakeApp, register: Callable[..., str], password: str
) -> None:
    app = make_app(WTF_CSRF_ENABLED=True)
    email = register(app)
    victim, attacker = app.test_client(), app.test_client()
    token = csrf_token(attacker.get("/login").text)
    planted = attacker.get_cookie(SESSION_COOKIE)
    assert planted
    victim.set_cookie(SESSION_COOKIE, planted.value)
    form = {"email": email, "password": password, "csrf_token": token}
    assert victim.post("/login", data=form).status_code == 302
    renewed = victim.get_cookie(SESSION_COOKIE)
    assert renewed
    assert renewed.value != planted.value
    assert attacker.get("/account").status_code == 302
    assert victim.post("/account/log-out-everywhere", data={"csrf_token": token}).status_code == 400
    assert victim.get("/account").status_code == 200


def csrf_token(page: str) -> str:
    """Return the token that the forms of a page carry."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_no_form_of_the_accounts_is_taken_without_a_csrf_token(
    make_app: MakeApp, register: Callable[..., str], password: str
) -> None:
    app = make_app(WTF_CSRF_ENABLED=True)
    email = register(app)
    user, stranger = app.test_client(), app.test_client()
    form = {"email": email, "password": password}
    token = csrf_token(user.get("/login").text)
    assert user.post("/login", data=form | {"csrf_token": token}).status_code == 302
    assert len(forms(app)) > 15
    for path in forms(app):
        for client in (user, stranger):
            assert client.post(path, data=form).status_code == 400, path
            assert client.post(path, json=form).status_code == 400, path
    assert user.get("/account").status_code == 200


def without_secrets(page: str) -> str:
    """Return a page without what differs each time."""
    return re.sub(r'(nonce|value)="[^"]*"|[\w.+-]+@example\.com', "", page)


def test_logging_in_tells_nobody_who_has_an_account(
    login: Login, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    login()
    hashed: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        watch(name, hashed, monkeypatch)
    answers = []
    for email in ("plain@example.com", "nobody@example.com"):
        hashed.clear()
        response = client.post("/login", data={"email": email, "password": "a wrong password"})
        answers.append((response.status_code, without_secrets(response.text), len(hashed)))
    assert answers[0] == answers[1]
    assert hashed


def watch(name: str, calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Note each call of the function that takes the time of a log-in."""
    function = getattr(argon2.low_level, name)

    def noting(*args: object, **kwargs: object) -> object:
        calls.append(name)
        return function(*args, **kwargs)

    monkeypatch.setattr(argon2.low_level, name, noting)


def test_no_password_is_shown_or_logged(
    login: Login, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    login()
    wrong = "correct horse battery staple"
    pages = [client.post("/login", data={"email": "plain@example.com", "password": wrong}).text]
    wrong_forms = ({"password_confirm": "else"}, {"password_confirm": wrong, "email": "no address"})
    pages += [
        client.post("/register", data={"password": wrong} | form).text for form in wrong_forms
    ]
    assert all(wrong not in text for text in [*pages, caplog.text])


@pytest.fixture
def limited(make_app: MakeApp) -> Flask:
    """Return an application that counts."""
    return make_app(RATELIMIT_ENABLED=True, ACCOUNTS_LIMIT_BY_ADDRESS="20 per minute")


def try_to_log_in(
    app: Flask, email: str, visitor: str = "192.0.2.1", **headers: str
) -> TestResponse:
    """Try to log in with a wrong password."""
    data = {"email": email, "password": "a wrong password"}
    environ = {"REMOTE_ADDR": visitor}
    return app.test_client().post("/login", data=data, environ_base=environ, headers=headers)


def test_no_way_of_writing_an_address_is_counted_apart(limited: Flask) -> None:
    for n in range(5):
        sent = {"email": ["a@example.com", str(n)], "password": "a wrong password"}
        assert limited.test_client().post("/login", json=sent).status_code == 400
    data = [("email", "a@example.com"), ("password", "a wrong password")]
    statuses = [
        limited.test_client().post("/login", data=MultiDict([*data, ("email", str(n))])).status_code
        for n in range(11)
    ]
    assert statuses == [200] * 10 + [429]


@pytest.mark.parametrize(
    ("visitor", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:5678", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("[", "["),
        ("", "unknown"),
    ],
)
def test_a_visitor_is_known_however_a_proxy_writes_the_address(
    visitor: str, counted: str, app: Flask
) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": visitor}):
        assert address() == counted


def test_who_is_logged_in_can_always_leave(
    limited: Flask, register: Callable[..., str], password: str
) -> None:
    client = limited.test_client()
    client.post("/login", data={"email": register(limited), "password": password})
    for _ in range(21):
        client.post("/verify", data={"password": "a wrong password"})
    assert client.post("/verify", data={"password": password}).status_code == 429
    assert client.get("/account").status_code == 200
    assert client.post("/logout").status_code == 302
    assert client.get("/account").status_code == 302


def test_a_token_of_a_log_in_opens_no_page(login: Login, app: Flask, password: str) -> None:
    login("admin")
    form = {"email": "admin@example.com", "password": password}
    answer = app.test_client().post("/login?include_auth_token", json=form).get_json()
    token = answer["response"]["user"]["authentication_token"]
    headers = {"Authentication-Token": token}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and "/api/" not in rule.rule:
            page = app.test_client().get(rule.rule, headers=headers).text
            assert "admin@example.com" not in page, rule.rule


@pytest.mark.parametrize("known", [True, False])
def test_an_account_is_not_tried_for_ever_from_many_places(
    known: bool, limited: Flask, register: Callable[..., str]
) -> None:
    email = register(limited) if known else "nobody@example.com"
    spellings = [email, email.upper(), f" {email}", email.title()]
    statuses = [
        try_to_log_in(limited, spellings[n % 4], f"192.0.2.{n}").status_code for n in range(11)
    ]
    assert statuses == [200] * 10 + [429]
    assert try_to_log_in(limited, "somebody@example.com", "192.0.2.1").status_code == 200


def test_many_accounts_are_not_tried_from_one_place(limited: Flask) -> None:
    statuses = [try_to_log_in(limited, f"{n}@example.com").status_code for n in range(21)]
    assert statuses == [200] * 20 + [429]
    assert try_to_log_in(limited, "a@example.com", "198.51.100.1").status_code == 200


def test_a_network_with_ipv6_is_one_place(limited: Flask) -> None:
    places = [f"2001:db8::{n:x}" for n in range(1, 22)]
    tries = [try_to_log_in(limited, f"{place}@example.com", place) for place in places]
    assert [answer.status_code for answer in tries] == [200] * 20 + [429]
    assert try_to_log_in(limited, "a@example.com", "2001:db8:0:1::1").status_code == 200


def test_a_made_up_proxy_changes_nothing(limited: Flask) -> None:
    statuses = [
        try_to_log_in(
            limited, f"{n}@example.com", **{"X-Forwarded-For": f"192.0.2.{n}"}
        ).status_code
        for n in range(21)
    ]
    assert statuses[-1] == 429


def test_who_tries_too_often_is_told_when_to_come_back(limited: Flask) -> None:
    for _ in range(10):
        try_to_log_in(limited, "a@example.com")
    response = try_to_log_in(limited, "a@example.com")
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 600
    assert "<nav" in response.text
    response = try_to_log_in(limited, "a@example.com", Accept="application/json")
    assert response.status_code == 429
    assert response.content_type == "application/problem+json"
    assert 0 < int(response.headers["Retry-After"]) <= 600


def test_the_second_step_is_not_tried_for_ever(
    limited: Flask, register: Callable[..., str], password: str
) -> None:
    client = limited.test_client()
    client.post("/login", data={"email": register(limited), "password": password})
    form = {"setup": "authenticator"}
    answer = client.post("/tf-setup", data=form, headers={"Accept": "application/json"})
    token = answer.get_json()["response"]["tf_state_token"]
    statuses = [
        client.post(f"/tf-setup/{token}", data={"code": f"{n:06}"}).status_code for n in range(11)
    ]
    assert statuses[-1] == 429


def own_session(app: Flask, kind: str, email: str, password: str) -> FlaskClient:
    """Return a browser in which this user is logged in, or waits for the second step."""
    client = app.test_client()
    if kind == "logged in":
        client.post("/login", data={"email": email, "password": password})
    else:
        with app.app_context(), client.session_transaction() as session:
            user = find_user(email)
            assert user
            session["tf_user_id"] = user.fs_uniquifier
    return client


@pytest.mark.parametrize("kind", ["logged in", "second step"])
def test_own_account_does_not_pay_for_tries_of_another(
    kind: str, limited: Flask, register: Callable[..., str], password: str
) -> None:
    victim, own = register(limited), register(limited, "editor")
    client = own_session(limited, kind, own, password)
    for n in range(10):
        try_to_log_in(limited, victim, f"192.0.2.{n}")
    form = {"email": victim, "password": "a wrong password"}
    paths = {"/login", "/register", "/reset", "/confirm", "/change-email"} & set(forms(limited))
    for path in paths:
        assert client.post(path, data=form).status_code == 429, path
        assert client.post(path, json=form).status_code == 429, path
    assert client.post("/login", data=form, query_string={"email": own}).status_code == 429


def test_password_of_a_session_is_not_tried_under_other_addresses(
    limited: Flask, register: Callable[..., str], password: str
) -> None:
    client = own_session(limited, "logged in", register(limited), password)
    forms = [{"email": f"{n}@example.com", "password": "a wrong password"} for n in range(11)]
    statuses = [client.post("/verify", data=form).status_code for form in forms]
    assert statuses == [200] * 10 + [429]


def test_spelling_that_finds_an_account_is_counted_with_it(
    limited: Flask, register: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    email = register(limited)
    with limited.app_context():
        user = find_user(email)
    # PostgreSQL and MariaDB take İ for i, as SQLite does not.
    store = limited.extensions["security"].datastore
    monkeypatch.setattr(store, "find_user", lambda **_criteria: user)
    keys = set()
    for spelling in (email, email.replace("i", "\u0130"), email.upper()):
        with limited.test_request_context("/login", method="POST", data={"email": spelling}):
            keys.add(account())
    assert len(keys) == 1


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b"1", b'"x"', b'{"email": "\\ud83d"}', b"[" * 3000, b"\xff"]
)
def test_body_that_can_not_be_read_lets_nobody_start_anew(
    body: bytes, limited: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(10):
        try_to_log_in(limited, "a@example.com", f"192.0.2.{n}")
    with suppress(RecursionError):
        limited.test_client().post("/login", data=body, content_type="application/json")
    assert "storage unreachable" not in caplog.text
    assert "Failed to rate limit" not in caplog.text
    assert try_to_log_in(limited, "a@example.com", "192.0.2.20").status_code == 429


def test_other_pages_are_not_counted(limited: Flask) -> None:
    client = limited.test_client()
    assert {client.get("/login").status_code for _ in range(30)} == {200}
    assert {client.get("/healthz").status_code for _ in range(30)} == {200}


def test_a_redis_that_is_down_closes_nothing_and_opens_nothing(make_app: MakeApp) -> None:
    app = make_app(RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI="redis://127.0.0.1:1/0")
    statuses = [try_to_log_in(app, "a@example.com").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


LONG = "x" * 4000
BAD = [
    "",
    "a\0b@example.com",
    LONG,
    "\u202e@example.com",
    "49<script>'; DROP TABLE users; --%",
    "\N{GRINNING FACE}",
    "-1",
]
STRANGE: list[object] = [None, 1, 1e400, [1], {"a": {}}, "\ud83d", "\0"]
NAMES = ["email", "password", "password_confirm", "new_password", "new_password_confirm", "code"]
NAMES += ["next", "name", "usage", "setup", "which", "days", "credential", "identity", "help_setup"]


def forms(app: Flask) -> list[str]:
    """Return the paths of all forms of the accounts."""
    return [
        re.sub(r"<[^>]+>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith(("account.", "security."))
    ]


@pytest.fixture
def stay_logged_in(login: Login) -> Callable[..., FlaskClient]:
    """Return a function that returns a user's browser, and logs in where this has ended.

    Among the forms are those that log out everywhere, and delete the account.
    """
    clients: dict[tuple[str, ...], FlaskClient] = {}

    def logged_in(*roles: str) -> FlaskClient:
        if roles not in clients or clients[roles].get("/account").status_code != 200:
            clients[roles] = login(*roles)
            assert clients[roles].get("/account").status_code == 200
        return clients[roles]

    return logged_in


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: ascii(bad)[:20])
def test_no_form_breaks_by_what_is_written_into_it(
    bad: str, stay_logged_in: Callable[..., FlaskClient], app: Flask
) -> None:
    for path in forms(app):
        for client in (stay_logged_in(), app.test_client()):
            response = client.post(path, data=dict.fromkeys(NAMES, bad))
            assert response.status_code < 500, path


@pytest.mark.parametrize("strange", STRANGE, ids=ascii)
def test_no_form_breaks_by_json(
    strange: object, stay_logged_in: Callable[..., FlaskClient], app: Flask
) -> None:
    for path in forms(app):
        for sent in (strange, dict.fromkeys(NAMES, strange)):
            for client in (stay_logged_in(), app.test_client()):
                response = client.post(path, json=sent)
                assert response.status_code < 500, path


def test_no_address_fails_because_of_what_an_administrator_sends(
    stay_logged_in: Callable[..., FlaskClient],
    send_malformed: Callable[[Callable[[], FlaskClient]], None],
) -> None:
    send_malformed(lambda: stay_logged_in("admin"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_link_to_confirm_an_address_shows_a_button_first(method: str, make_app: MakeApp) -> None:
    client = make_app(SECURITY_CONFIRMABLE=True).test_client()
    page = client.open("/confirm/token", method=method)
    assert page.status_code == 200
    assert client.post("/confirm/token").location == "/confirm"


@pytest.mark.parametrize("target", [1, 1.5, True, [1], {"a": 1}])
def test_next_page_is_named_by_text(target: object, client: FlaskClient) -> None:
    sent = {"email": "plain@example.com", "password": "x", "next": target}
    assert client.post("/login", json=sent).status_code == 400


def test_a_form_of_ten_megabytes_is_refused(client: FlaskClient) -> None:
    big = "x" * 10_000_000
    for path in ("/login", "/register"):
        for sent in ({"data": {"password": big}}, {"json": {"password": big}}):
            assert client.post(path, **sent).status_code == 413


def test_a_password_that_is_too_long_to_hash_is_refused(login: Login, client: FlaskClient) -> None:
    login()
    data = {"email": "plain@example.com", "password": "x" * 5000}
    assert client.post("/login", data=data).status_code == 400


def test_no_page_of_the_accounts_is_stored(login: Login, app: Flask) -> None:
    for client in (login(), app.test_client()):
        for rule in app.url_map.iter_rules():
            if rule.endpoint.endswith(".static"):
                continue
            if rule.endpoint.startswith(("account.", "security.")):
                path = re.sub(r"<[^>]+>", "1", rule.rule)
                for method in {"GET", "POST"} & (rule.methods or set()):
                    response = client.open(path, method=method)
                    assert response.headers["Cache-Control"] == "no-store", path
