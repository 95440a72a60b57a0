"""Accounts: how people get one, log in and out, and manage what is theirs."""

import re
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import Mock

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_security import auth_required, naive_utcnow, permissions_required, roles_required
from passlib.context import CryptContext
from werkzeug.test import TestResponse

from app import create_app
from app.database import db
from app.security.models import LastAdministratorError, Role, User, administrators
from app.security.requests import render_json
from app.security.roles import EDIT, find_user, role, store
from app.security.views import account_deleted

Login = Callable[..., FlaskClient]


def test_the_account_page_asks_strangers_to_log_in(client: FlaskClient) -> None:
    response = client.get("/account")
    assert response.status_code == 302
    assert response.location == "/login?next=/account"


@pytest.mark.parametrize("path", ["/register", "/login"])
def test_expired_form_comes_back_without_its_password(
    path: str, client: FlaskClient, password: str, send_late: Callable[..., TestResponse]
) -> None:
    form = {"email": "ada@example.com", "password": password, "password_confirm": password}
    returned = send_late(client, path, form)
    assert returned.status_code == 400
    assert "This page was open for too long" in returned.text
    assert 'value="ada@example.com"' in returned.text
    assert password not in returned.text
    with client.application.app_context():
        assert find_user("ada@example.com") is None


@pytest.mark.parametrize(
    "headers", [{"X-Requested-With": "XMLHttpRequest"}, {"Sec-Fetch-Dest": "empty"}]
)
def test_script_is_not_led_to_the_log_in_page(headers: dict[str, str], client: FlaskClient) -> None:
    response = client.get("/account", headers=headers)
    assert (response.status_code, response.mimetype) == (401, "text/plain")
    assert response.text == "Please log in to see this page."


def test_a_client_that_asks_for_json_is_not_redirected(client: FlaskClient) -> None:
    response = client.get("/account", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"


def test_rows_are_called_by_what_they_are_known_by() -> None:
    assert str(Role(name="editor")) == "editor"
    assert str(User(email="ada@example.com")) == "ada@example.com"


def test_no_answer_says_anything_of_a_user_of_whom_nothing_is_to_be_said(app: Flask) -> None:
    with app.test_request_context():
        for user, shown in (({}, {}), ({"id": 1}, {"user": {"id": 1}})):
            payload: dict[str, object] = {"user": user}
            answer = app.make_response(render_json(payload, 200, None, None))
            assert answer.get_json()["response"] == shown


def test_the_account_page_shows_the_user(login: Login) -> None:
    page = login("editor").get("/account").text
    assert "editor@example.com" in page
    assert "editor" in page


def test_the_account_page_shows_this_log_in_and_the_one_before(
    app: Flask, login: Login, password: str
) -> None:
    login()
    client = app.test_client()
    data = {"email": "plain@example.com", "password": password}
    client.post("/login", data=data, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    page = client.get("/account").text
    assert "192.0.2.7" in page
    assert "127.0.0.1" in page


def test_everybody_who_registers_is_a_user(app: Flask, client: FlaskClient, password: str) -> None:
    form = {"email": "new@example.com", "password": password, "password_confirm": password}
    assert client.post("/register", data=form).status_code == 302
    with app.app_context():
        user = find_user("NEW@example.com")
        assert user
        assert [role.name for role in user.roles] == ["user"]


def test_who_registers_twice_at_once_is_refused_once(
    app: Flask, client: FlaskClient, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    datastore = app.extensions["security"].datastore
    find, raced = datastore.find_user, list[object]()

    def find_before_the_other(**query: object) -> object:
        found = find(**query)
        if not found and not raced:
            raced.append(datastore.create_user(email="new@example.com", password=password))
            db.session.commit()
        return found

    form = {"email": "new@example.com", "password": password, "password_confirm": password}
    monkeypatch.setattr(datastore, "find_user", find_before_the_other)
    assert client.post("/register", data=form).status_code == 409
    assert raced


@pytest.mark.parametrize("wrong", ["short", "a long enough passwore", ""])
def test_a_wrong_password_is_refused_in_the_site_s_frame(
    wrong: str, login: Login, client: FlaskClient
) -> None:
    login()
    page = client.post("/login", data={"email": "plain@example.com", "password": wrong})
    assert page.status_code == 200
    assert "<nav" in page.text
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "password1234",
        "qwertyuiopas",
        "aaaaaaaaaaaaaaaa",
        "new@example.com",
        "New.Example.Com",
        "newexamplecom",
        "{app}{app}2026!",
    ],
)
def test_a_weak_password_is_refused_at_its_field(
    weak: str, app: Flask, client: FlaskClient
) -> None:
    weak = weak.format(app=app.config["APP_NAME"].replace(" ", ""))
    form = {"email": "new@example.com", "password": weak, "password_confirm": weak}
    response = client.post("/register", data=form)
    assert response.status_code == 200
    assert "invalid-feedback" in response.text
    assert weak not in response.text or weak == form["email"]


def test_a_password_has_a_longest_length(client: FlaskClient) -> None:
    form = {"email": "new@example.com", "password": "x" * 129, "password_confirm": "x" * 129}
    assert "Use at most 128 characters" in client.post("/register", data=form).text


def test_a_new_password_ends_the_other_sessions(app: Flask, login: Login, password: str) -> None:
    client, other = login(), app.test_client()
    data = {"email": "plain@example.com", "password": password}
    other.post("/login", data=data | {"remember": "y"})
    assert other.get("/account").status_code == 200
    new = "an even longer password"
    form = {"password": password, "new_password": new, "new_password_confirm": new}
    assert client.post("/change", data=form).status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert other.post("/login", data=data).status_code == 200
    assert other.post("/login", data=data | {"password": new}).status_code == 302


def test_a_new_password_can_not_be_about_its_owner(login: Login, password: str) -> None:
    new = "plain@example.com"
    form = {"password": password, "new_password": new, "new_password_confirm": new}
    assert "invalid-feedback" in login().post("/change", data=form).text


def test_logging_out_everywhere_ends_all_sessions(app: Flask, login: Login, password: str) -> None:
    client, other = login(), app.test_client()
    data = {"email": "plain@example.com", "password": password, "remember": "y"}
    other.post("/login", data=data)
    assert client.post("/account/log-out-everywhere").location == "/login"
    assert client.get("/account").status_code == 302
    assert other.get("/account").status_code == 302


def test_no_link_of_the_accounts_leads_nowhere(
    app: Flask, login: Login, client: FlaskClient
) -> None:
    for browser, start in ((client, "/login"), (login(), "/account")):
        waiting, seen = [start], set()
        while waiting:
            path = waiting.pop()
            response = browser.get(path)
            assert response.status_code < 400, path
            assert response.status_code == 302 or "<nav" in response.text, path
            seen.add(path)
            content = response.text.partition("<main")[2]
            found = set(re.findall(r'href="(/[^"?#]*)', content))
            waiting += sorted(found - seen - set(waiting))
            for action in re.findall(r'action="(/[^"?]*)', content):
                app.url_map.bind("localhost").match(action, method="POST")
        assert len(seen) > 1


def test_logging_out_takes_a_post(login: Login) -> None:
    client = login()
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 302
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize(
    "path", ["/account/delete", "/tf-setup", "/wan-register", "/mf-recovery-codes"]
)
def test_what_can_not_be_taken_back_asks_for_the_password_again(
    path: str, login: Login, password: str
) -> None:
    client = login()
    with client.session_transaction() as session:
        session["fs_paa"] -= timedelta(hours=1).total_seconds()
    response = client.get(path)
    assert response.location == f"/verify?next={path}"
    assert client.get(path, headers={"Accept": "application/json"}).status_code == 401
    assert "invalid-feedback" in client.post(response.location, data={"password": "x"}).text
    assert client.post(response.location, data={"password": password}).location == path
    assert client.get(path).status_code == 200


def test_an_account_is_deleted_by_its_owner(app: Flask, login: Login) -> None:
    client = login("editor")
    wrong = client.post("/account/delete", data={"email": "admin@example.com"})
    assert "invalid-feedback" in wrong.text
    assert client.post("/account/delete", data={"email": "Editor@example.com "}).location == "/"
    assert client.get("/account").status_code == 302
    with app.app_context():
        assert find_user("editor@example.com") is None


def test_the_last_administrator_can_not_go(app: Flask, login: Login) -> None:
    client = login("admin")
    form = {"email": "admin@example.com"}
    assert "only administrator" in client.post("/account/delete", data=form).text
    login("admin", "editor")
    assert client.post("/account/delete", data=form).location == "/"


def test_an_inactive_administrator_does_not_count(app: Flask, login: Login) -> None:
    client = login("admin")
    login("admin", "editor")
    with app.app_context():
        other = find_user("admin-editor@example.com")
        assert other
        other.active = False
        db.session.commit()
    form = {"email": "admin@example.com"}
    assert "only administrator" in client.post("/account/delete", data=form).text


def test_nobody_hears_of_an_account_that_stays(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def hear(_app: Flask, user: User) -> None:
        heard.append(user.email)

    client, commit = login(), db.session.commit
    with account_deleted.connected_to(hear, app):
        monkeypatch.setattr(db.session, "commit", Mock(side_effect=ZeroDivisionError))
        with pytest.raises(ZeroDivisionError):
            client.post("/account/delete", data={"email": "plain@example.com"})
        assert not heard
        monkeypatch.setattr(db.session, "commit", commit)
        client.post("/account/delete", data={"email": "plain@example.com"})
    assert heard == ["plain@example.com"]


@pytest.mark.parametrize("scheme", ["bcrypt", "pbkdf2_sha512", "pbkdf2_sha256"])
def test_an_old_hash_is_replaced_at_the_log_in(scheme: str, app: Flask, password: str) -> None:
    old = CryptContext([scheme]).hash(password)
    with app.app_context():
        store().create_user(email="old@example.com", password=old, confirmed_at=naive_utcnow())
        db.session.commit()
    data = {"email": "old@example.com", "password": password}
    assert app.test_client().post("/login", data=data).status_code == 302
    with app.app_context():
        user = find_user("old@example.com")
        assert user
        assert str(user.password).startswith("$argon2id$")
    assert app.test_client().post("/login", data=data).status_code == 302


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        (None, (302, 302, 302)),
        ("user", (200, 403, 403)),
        ("editor", (200, 200, 403)),
        ("admin", (200, 200, 200)),
    ],
)
def test_each_level_opens_its_pages(
    who: str | None,
    statuses: tuple[int, int, int],
    make_app: Callable[..., Flask],
    register: Callable[..., str],
    password: str,
) -> None:
    app = make_app()
    guards = {
        "/for-users": auth_required("session"),
        "/for-editors": permissions_required(EDIT),
        "/for-administrators": roles_required("admin"),
    }
    for path, guard in guards.items():
        app.add_url_rule(path, path[1:], auth_required("session")(guard(lambda: "Welcome")))
    client = app.test_client()
    if who:
        client.post("/login", data={"email": register(app, who), "password": password})
    responses = [client.get(path) for path in guards]
    assert tuple(response.status_code for response in responses) == statuses
    for path, response in zip(guards, responses, strict=True):
        assert response.status_code != 302 or response.location == f"/login?next={path}"


def test_seeding_twice_changes_nothing(
    app: Flask, runner: FlaskCliRunner, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ADMIN_EMAIL" in runner.invoke(args=["seed"]).output
    monkeypatch.setenv("ADMIN_EMAIL", "Boss@Example.com")
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    assert "Created" in runner.invoke(args=["seed"]).output
    with app.app_context():
        role("editor").permissions = []
        db.session.commit()
    assert "is there" in runner.invoke(args=["seed"]).output
    with app.app_context():
        assert role("editor").permissions == []
    client = app.test_client()
    client.post("/login", data={"email": "boss@example.com", "password": password})
    assert "admin" in client.get("/account").text


def test_an_administrator_without_an_address_is_refused_by_name(
    runner: FlaskCliRunner, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_EMAIL", "boss")
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    result = runner.invoke(args=["seed"])
    assert result.exit_code == 1
    assert result.output == "Error: ADMIN_EMAIL: boss is not an e-mail address.\n"


@pytest.mark.parametrize("weak", ["password1234", "boss@example.com", "x" * 129, "short"])
def test_a_weak_password_of_an_administrator_is_refused_by_name(
    weak: str, app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_EMAIL", "boss@example.com")
    monkeypatch.setenv("ADMIN_PASSWORD", weak)
    result = runner.invoke(args=["seed"])
    assert result.exit_code == 1
    assert re.match(r"Error: .*ADMIN_PASSWORD.*\n$", result.output)
    with app.app_context():
        assert find_user("boss@example.com") is None


def test_seeding_makes_nobody_an_administrator_who_has_registered_the_address(
    app: Flask,
    runner: FlaskCliRunner,
    register: Callable[..., str],
    password: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    email = register(app, "user")
    monkeypatch.setenv("ADMIN_EMAIL", email)
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    output = runner.invoke(args=["seed"]).output
    assert f'{email} is no administrator; "flask roles add {email} admin"' in output
    runner.invoke(args=["roles", "add", email, "admin"])
    assert f"The administrator {email} is there" in runner.invoke(args=["seed"]).output


def test_users_and_roles_are_managed_from_the_command_line(
    app: Flask, runner: FlaskCliRunner, password: str
) -> None:
    for arguments in (
        ["users", "create", "--password", password, "cli@example.com"],
        ["users", "create", "--password", password, "--role", "admin", "other@example.com"],
        ["seed"],
        ["roles", "add", "cli@example.com", "admin"],
        ["users", "deactivate", "cli@example.com"],
    ):
        result = runner.invoke(args=arguments)
        assert result.exit_code == 0, result.output
        assert password not in result.output
    with app.app_context():
        user = find_user("cli@example.com")
        assert user
        assert user.has_role("admin")
        assert not user.active


def test_who_is_created_from_the_command_line_can_log_in(
    app: Flask, runner: FlaskCliRunner
) -> None:
    password = "ein längeres Paßwort"
    result = runner.invoke(
        args=["users", "create", "--active", "CLI@Example.com"], input=f"{password}\n" * 2
    )
    assert result.exit_code == 0, result.output
    assert password not in result.output
    client = app.test_client()
    data = {"email": "cli@example.com", "password": password}
    assert client.post("/login", data=data).status_code == 302
    assert client.get("/account").status_code == 200
    with app.app_context():
        user = find_user("cli@example.com")
        assert user
        assert [role.name for role in user.roles] == ["user"]


def test_roles_are_given_with_the_account(
    app: Flask, runner: FlaskCliRunner, password: str
) -> None:
    arguments = ["--role", "admin", "--role", "editor", "--inactive", "--password", password]
    runner.invoke(args=["users", "create", *arguments, "cli@example.com"])
    with app.app_context():
        user = find_user("cli@example.com")
        assert user
        assert {role.name for role in user.roles} == {"admin", "editor"}
        assert not user.active


@pytest.mark.parametrize(
    ("email", "password", "complaint"),
    [
        ("cli", "a long enough password", "EMAIL: cli is not an e-mail address"),
        ("PLAIN@example.com", "a long enough password", "has an account already"),
        ("cli@example.com", "password1234", "Password: This password is easy to guess"),
        ("cli@example.com", "short", "Password: "),
    ],
)
def test_the_command_line_asks_for_what_the_site_asks_for(
    email: str, password: str, complaint: str, app: Flask, register: Callable[..., str]
) -> None:
    register(app)
    arguments = ["users", "create", "--password", password, email]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert complaint in result.output


@pytest.mark.parametrize(
    "command",
    [
        ["users", "deactivate", "admin@example.com"],
        ["roles", "remove", "admin@example.com", "admin"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_commands_keep_the_last_administrator(
    command: list[str], app: Flask, runner: FlaskCliRunner, register: Callable[..., str]
) -> None:
    register(app, "admin")
    register(app, "user")
    refused = runner.invoke(args=command)
    assert refused.exit_code == 1
    assert (
        refused.output == "Error: This is the only administrator. Make somebody else one before.\n"
    )
    with app.app_context():
        assert len(administrators()) == 1
    register(app, "admin", "user")
    assert runner.invoke(args=command).exit_code == 0
    assert runner.invoke(args=["users", "deactivate", "user@example.com"]).exit_code == 0


@pytest.mark.parametrize("way", ["deactivate", "demote", "delete"])
def test_administrators_do_not_leave_together(
    way: str, app: Flask, context: None, register: Callable[..., str]
) -> None:
    register(app, "user")
    users = [find_user(register(app, *roles)) for roles in (["admin"], ["admin", "editor"])]
    for user in users:
        assert user
        if way == "deactivate":
            user.active = False
        elif way == "demote":
            user.roles = []
        else:
            db.session.delete(user)
    with pytest.raises(LastAdministratorError):
        db.session.commit()


def test_users_change_while_there_is_no_administrator(
    app: Flask, runner: FlaskCliRunner, register: Callable[..., str]
) -> None:
    email = register(app, "user")
    assert runner.invoke(args=["users", "deactivate", email]).exit_code == 0


def test_deactivated_user_stays_logged_out_when_active_again(
    app: Flask, runner: FlaskCliRunner, login: Login
) -> None:
    client = login("user")
    assert client.get("/account").status_code == 200
    for command in ("deactivate", "activate"):
        assert runner.invoke(args=["users", command, "user@example.com"]).exit_code == 0
    assert client.get("/account").status_code == 302


def test_command_that_sets_a_password_ends_sessions_and_refuses_a_weak_one(
    runner: FlaskCliRunner, login: Login
) -> None:
    client = login("user")
    command = ["users", "change_password", "user@example.com", "--password"]
    assert runner.invoke(args=[*command, "password1234"]).exit_code != 0
    assert client.get("/account").status_code == 200
    assert runner.invoke(args=[*command, "another long enough one"]).exit_code == 0
    assert client.get("/account").status_code == 302


def test_the_secret_of_the_second_step_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("", "change-me", "short"):
        monkeypatch.setenv("TOTP_SECRET", wrong)
        with pytest.raises(SystemExit, match="TOTP_SECRET"):
            create_app()
