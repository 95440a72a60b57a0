"""Accounts."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

Login = Callable[..., FlaskClient]


def test_the_account_page_asks_strangers_to_log_in(client: FlaskClient) -> None:
    response = client.get("/account")
    assert response.status_code == 302
    assert response.location == "/login?next=/account"


def test_a_client_that_asks_for_json_is_not_redirected(client: FlaskClient) -> None:
    response = client.get("/account", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"


def test_the_account_page_shows_the_user(login: Login) -> None:
    page = login("editor").get("/account").text
    assert "editor@example.com" in page
    assert "editor" in page


def test_a_visitor_can_register_and_log_in(app: Flask, client: FlaskClient, password: str) -> None:
    form = {"email": "new@example.com", "password": password, "password_confirm": password}
    assert client.post("/register", data=form).status_code == 302
    {% if cookiecutter.mail %}
    message = app.extensions["mailman"].outbox[-1]
    assert message.to == ["new@example.com"]
    link = next(word for word in message.body.split() if "/confirm/" in word)
    assert client.get(link).status_code == 302
    {% endif %}
    client = app.test_client()
    response = client.post("/login", data={"email": "new@example.com", "password": password})
    assert response.location == "/account"
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("wrong", ["short", "a long enough passwore", ""])
def test_a_wrong_password_is_refused_in_the_site_s_frame(
    wrong: str, login: Login, client: FlaskClient
) -> None:
    login()
    page = client.post("/login", data={"email": "plain@example.com", "password": wrong})
    assert page.status_code == 200
    assert "<nav" in page.text
    assert client.get("/account").status_code == 302


def test_a_short_password_can_not_be_registered(client: FlaskClient) -> None:
    form = {"email": "new@example.com", "password": "short", "password_confirm": "short"}
    response = client.post("/register", data=form)
    assert response.status_code == 200
    assert "invalid-feedback" in response.text


def test_logging_out_takes_a_post(login: Login) -> None:
    client = login()
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 302
    assert client.get("/account").status_code == 302


def test_logging_in_leads_to_no_other_site(login: Login, app: Flask, password: str) -> None:
    login()
    data = {"email": "plain@example.com", "password": password}
    response = app.test_client().post("/login?next=//evil.example/", data=data)
    assert "evil" not in response.headers.get("Location", "")


def test_forms_without_a_csrf_token_are_refused(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    data = {"email": "plain@example.com", "password": "any"}
    assert client.post("/login", data=data).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/login",
        "/register",
        "/change",
        {% if cookiecutter.mail %}
        "/reset",
        "/confirm",
        {% endif %}
    ],
)
def test_every_page_of_the_accounts_is_in_the_site_s_frame(
    path: str, client: FlaskClient, login: Login
) -> None:
    page = (login() if path == "/change" else client).get(path).text
    assert "<nav" in page
    assert "form-control" in page


def test_the_first_administrator_comes_from_the_environment(
    app: Flask, runner: FlaskCliRunner, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ADMIN_EMAIL" in runner.invoke(args=["seed"]).output
    monkeypatch.setenv("ADMIN_EMAIL", "boss@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    assert "Created" in runner.invoke(args=["seed"]).output
    assert "is there" in runner.invoke(args=["seed"]).output
    client = app.test_client()
    client.post("/login", data={"email": "boss@example.com", "password": password})
    assert "admin" in client.get("/account").text
