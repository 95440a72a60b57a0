"""Tokens for the API."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient, FlaskCliRunner
from flask_security import current_user, naive_utcnow
from sqlalchemy import select

from app.api.access import client as client_key
from app.database import db
from app.security.roles import EDIT, find_user
from app.security.tokens import MOST, Token

Login = Callable[..., FlaskClient]


def new_token(client: FlaskClient, name: str = "Backup", days: str = "30") -> str:
    """Create a token on the page of the account, and return what is shown."""
    page = client.post("/account/tokens", data={"name": name, "days": days}).text
    shown = re.search(r'value="([^"]+)"\s+aria-label="Your new token"', page)
    assert shown
    return shown[1]


def me(app: Flask, token: str) -> int:
    """Ask the API who the token is from, and return the status."""
    headers = {"Authentication-Token": token}
    return app.test_client().get("/api/v1/me", headers=headers).status_code


@pytest.fixture
def token_row(app: Flask) -> Callable[..., None]:
    """Return a function that changes the only token."""

    def change(**values: object) -> None:
        with app.app_context():
            token = db.session.scalars(select(Token)).one()
            for name, value in values.items():
                setattr(token, name, value)
            db.session.commit()

    return change


def test_a_token_is_shown_once_and_opens_the_api(app: Flask, login: Login) -> None:
    client = login("editor")
    token = new_token(client)
    assert me(app, token) == 200
    page = client.get("/account/tokens").text
    assert "Backup" in page
    assert token not in page
    assert me(app, token + "x") == 401
    assert me(app, "") == 401


def test_the_list_of_tokens_asks_as_often_for_thirty_as_for_one(
    login: Login, assert_same_queries: Callable[..., None]
) -> None:
    client = login("editor")
    new_token(client)
    assert_same_queries(
        lambda: client.get("/account/tokens"), lambda: [new_token(client) for _ in range(29)]
    )


def test_a_token_is_revoked(app: Flask, login: Login) -> None:
    client = login("editor")
    kept, lost = new_token(client), new_token(client, name="Lost")
    with app.app_context():
        row = db.session.scalars(select(Token).filter_by(name="Lost")).one().id
    assert login("user").post(f"/account/tokens/{row}/revoke").status_code == 404
    assert me(app, lost) == 200
    assert client.post(f"/account/tokens/{row}/revoke").location == "/account/tokens"
    assert me(app, lost) == 401
    assert me(app, kept) == 200


def test_a_token_ends(app: Flask, login: Login, token_row: Callable[..., None]) -> None:
    token = new_token(login("editor"), days="7")
    token_row(expires_at=naive_utcnow() - timedelta(seconds=1))
    assert me(app, token) == 401


def test_the_last_use_of_a_token_is_noted(
    app: Flask, login: Login, token_row: Callable[..., None]
) -> None:
    token = new_token(login("editor"))
    token_row(last_used_at=naive_utcnow() - timedelta(days=1))
    assert me(app, token) == 200
    with app.app_context():
        used = db.session.scalars(select(Token)).one().last_used_at
        assert used
        assert naive_utcnow() - used < timedelta(hours=1)


def test_a_token_opens_the_api_while_its_use_cannot_be_noted(
    tmp_path: Path, register: Callable[..., str], make_app: Callable[..., Flask]
) -> None:
    """A fresh token writes when it is first used, and somebody else has the lock of SQLite."""
    app = make_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/tokens.db")
    email = register(app, "editor")
    token = app.test_cli_runner().invoke(args=["create-token", email]).output.strip()
    with closing(sqlite3.connect(f"{tmp_path}/tokens.db", isolation_level=None)) as other:
        last_used = "SELECT last_used_at FROM tokens"
        other.execute("BEGIN IMMEDIATE")
        assert me(app, token) == 200
        assert other.execute(last_used).fetchone() == (None,)
        other.execute("COMMIT")
        assert me(app, token) == 200
        assert other.execute(last_used).fetchone() != (None,)


@pytest.mark.parametrize("path", ["/change", "/account/log-out-everywhere", "/account/delete"])
def test_no_token_outlives_its_password_or_account(
    path: str, app: Flask, login: Login, password: str
) -> None:
    client = login("editor")
    token = new_token(client)
    new = "an even longer password"
    form = {"password": password, "new_password": new, "new_password_confirm": new}
    assert client.post(path, data=form | {"email": "editor@example.com"}).status_code == 302
    assert me(app, token) == 401
    with app.app_context():
        assert db.session.scalars(select(Token)).all() == []


def test_token_of_a_deactivated_user_stays_void_when_the_user_is_active_again(
    app: Flask, login: Login, runner: FlaskCliRunner
) -> None:
    token = new_token(login("editor"))
    assert me(app, token) == 200
    for command in ("deactivate", "activate"):
        assert runner.invoke(args=["users", command, "editor@example.com"]).exit_code == 0
        assert me(app, token) == 401


def test_a_token_opens_the_api_and_nothing_else(app: Flask, login: Login) -> None:
    token = new_token(login("editor"))
    headers = {"Authentication-Token": token, "Accept": "application/json"}
    for path in ("/account", "/account/tokens", "/change", "/tf-setup", "/wan-register", "/verify"):
        answer = app.test_client().get(path, headers=headers)
        assert answer.status_code in {302, 400, 401}, path
    home = app.test_client().get("/", headers={"Authentication-Token": token}).text
    assert "editor@example.com" not in home
    client = app.test_client()
    for key in ("auth_token", "", "None"):
        assert client.get("/api/v1/me", query_string={key: token}).status_code == 401


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": "x" * 81}, {"name": "a\0b"}, {"days": "0"}, {"days": "x"}]
)
def test_a_token_needs_a_name_and_an_end(form: dict[str, str], app: Flask, login: Login) -> None:
    page = login("editor").post("/account/tokens", data={"name": "A", "days": "7"} | form).text
    assert "invalid-feedback" in page
    with app.app_context():
        assert db.session.scalars(select(Token)).all() == []


def test_spaces_around_the_name_of_a_token_do_not_count(app: Flask, login: Login) -> None:
    login("editor").post("/account/tokens", data={"name": f" {'x' * 80} ", "days": "7"})
    with app.app_context():
        assert db.session.scalars(select(Token.name)).all() == ["x" * 80]


def test_the_command_line_makes_tokens(app: Flask, login: Login, runner: FlaskCliRunner) -> None:
    login("editor")
    result = runner.invoke(args=["create-token", "editor@example.com", "--name", "Cron"])
    assert result.exit_code == 0
    assert me(app, result.output.strip()) == 200
    with app.app_context():
        user = find_user("editor@example.com")
        assert user
        assert [token.name for token in user.tokens] == ["Cron"]
    assert runner.invoke(args=["create-token", "nobody@example.com"]).exit_code == 1


def test_a_log_in_by_json_gives_a_token(app: Flask, login: Login, password: str) -> None:
    login("editor")
    form = {"email": "editor@example.com", "password": password}
    answer = app.test_client().post("/login?include_auth_token", json=form).get_json()
    assert me(app, answer["response"]["user"]["authentication_token"]) == 200


def test_a_token_needs_a_user(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["create-token", "nobody@example.com"])
    assert result.exit_code == 1
    assert "There is no user nobody@example.com" in result.output


def test_the_document_names_the_cookie_of_the_session(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document
    scheme = document["components"]["securitySchemes"]["session"]
    assert scheme["name"] == app.config["SESSION_COOKIE_NAME"]


def test_the_client_learns_who_it_is(client: FlaskClient, writer: FlaskClient) -> None:
    assert client.get("/api/v1/me").status_code == 401
    assert writer.get("/api/v1/me").json == {"email": "editor@example.com", "roles": ["editor"]}


def test_api_counts_a_token_however_it_is_written(
    make_app: Callable[..., Flask], register: Callable[..., str]
) -> None:
    app = make_app(RATELIMIT_ENABLED=True, API_LIMIT="3 per minute")
    command = ["create-token", register(app, "editor")]
    token = app.test_cli_runner().invoke(args=command).output.strip()
    assert [me(app, token + "!!!!" * n) for n in range(4)] == [200, 200, 200, 429]
    other = app.test_cli_runner().invoke(args=command).output.strip()
    assert me(app, other) == 200


def test_token_decides_where_there_is_a_session_too(app: Flask, login: Login) -> None:
    token = new_token(login("user"))
    client = login("editor")
    with client:
        answer = client.get("/api/v1/me", headers={"Authentication-Token": token})
        assert answer.json == {"email": "user@example.com", "roles": ["user"]}
        assert g.fs_authn_via == "token"
        assert not current_user.has_permission(EDIT)
        assert g.identity.id == current_user.fs_uniquifier
        assert client_key() == f"token {g.token_id}"
    for wrong in (f"x{token}", "x"):
        answer = client.get("/api/v1/me", headers={"Authentication-Token": wrong})
        assert answer.status_code == 401
    assert client.get("/api/v1/me", headers={"Authentication-Token": ""}).status_code == 200
    assert client.get("/account", headers={"Authentication-Token": token}).status_code == 200


def test_what_the_api_shows_a_user_is_not_stored(app: Flask, login: Login) -> None:
    client = login("editor")
    headers = {"Authentication-Token": new_token(client)}
    for answer in (client.get("/api/v1/me"), app.test_client().get("/api/v1/me", headers=headers)):
        assert answer.headers["Cache-Control"] == "no-store"


def test_tokens_that_are_made_at_once_are_counted_together(app: Flask, login: Login) -> None:
    login("editor")
    with app.app_context():
        user = find_user("editor@example.com")
        assert user
        assert user.tokens == []
        with app.app_context():
            same = find_user("editor@example.com")
            assert same
            for _ in range(MOST):
                same.get_auth_token()
            db.session.commit()
        user.get_auth_token()
        db.session.commit()
        assert len(db.session.scalars(select(Token)).all()) == MOST
