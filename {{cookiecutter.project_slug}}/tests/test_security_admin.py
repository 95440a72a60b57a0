"""Users and roles in the admin panel."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import db
from app.security.admin import UserView
from app.security.models import Role
from app.security.roles import find_user


@pytest.fixture
def administrator(login: Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of an administrator."""
    return login("admin")


def row(administrator: FlaskClient, email: str) -> str:
    """Return the number of a user."""
    listed = administrator.get(f"/admin/user/?search={email}").text
    [number] = re.findall(r'href="/admin/user/edit/\?id=(\d+)', listed)
    return str(number)


def has_account(app: Flask, email: str) -> bool:
    """Tell whether somebody has an account with this address."""
    with app.app_context():
        return find_user(email) is not None


def test_no_page_shows_a_password(administrator: FlaskClient) -> None:
    listed = administrator.get("/admin/user/").text
    number = row(administrator, "admin@example.com")
    for page in (listed, administrator.get(f"/admin/user/edit/?id={number}").text):
        assert "admin@example.com" in page
        assert "argon2" not in page
        assert "uniquifier" not in page


def test_a_user_can_be_created_and_log_in(administrator: FlaskClient, app: Flask) -> None:
    password = "ein längeres Paßwort"
    form = {"email": "new@example.com", "active": "y", "new_password": password}
    response = administrator.post("/admin/user/new/", data=form)
    assert response.status_code == 302, response.text
    client = app.test_client()
    data = {"email": "new@example.com", "password": password}
    assert client.post("/login", data=data).status_code == 302


def test_a_new_password_ends_the_sessions_of_the_user(
    administrator: FlaskClient, login: Callable[..., FlaskClient], password: str
) -> None:
    client = login("editor")
    edit = f"/admin/user/edit/?id={row(administrator, 'editor@example.com')}"
    form = {"email": "editor@example.com", "active": "y", "new_password": ""}
    assert administrator.post(edit, data=form).status_code == 302
    assert client.get("/account").status_code == 200
    form["new_password"] = f"{password}, changed"
    assert administrator.post(edit, data=form).status_code == 302
    assert client.get("/account").status_code == 302


def test_a_wrong_address_is_explained_at_the_field(administrator: FlaskClient) -> None:
    form = {"email": "not an address", "active": "y"}
    assert "invalid-feedback" in administrator.post("/admin/user/new/", data=form).text


@pytest.mark.parametrize("weak", ["short", "password1234", "New@Example.com"])
def test_a_weak_password_is_explained_at_the_field(weak: str, administrator: FlaskClient) -> None:
    form = {"email": "new@example.com", "active": "y", "new_password": weak}
    response = administrator.post("/admin/user/new/", data=form)
    assert response.status_code == 200
    assert "invalid-feedback" in response.text


def test_what_the_database_refuses_is_told_in_the_form(
    administrator: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clash(*_change: object) -> None:
        db.session.add(Role(name="admin"))
        db.session.flush()

    monkeypatch.setattr(UserView, "on_model_change", clash)
    form = {"email": "new@example.com", "active": "y"}
    response = administrator.post("/admin/user/new/", data=form)
    assert response.status_code == 200
    assert "Integrity error" in response.text
    assert not has_account(app, "new@example.com")


def test_roles_are_listed_and_can_not_be_added(administrator: FlaskClient) -> None:
    assert "admin" in administrator.get("/admin/role/").text
    assert administrator.get("/admin/role/new/").status_code == 302


@pytest.mark.parametrize("taken", ["admin@example.com", "ADMIN@Example.com "])
def test_an_address_belongs_to_one_user(taken: str, administrator: FlaskClient) -> None:
    form = {"email": taken, "active": "y"}
    assert "invalid-feedback" in administrator.post("/admin/user/new/", data=form).text


def test_an_address_is_kept_the_way_that_users_write_it(
    administrator: FlaskClient, app: Flask
) -> None:
    form = {"email": "New@EXAMPLE.com", "active": "y"}
    assert administrator.post("/admin/user/new/", data=form).status_code == 302
    with app.app_context():
        user = find_user("new@example.com")
        assert user
        assert user.email == "New@example.com"
    edit = f"/admin/user/edit/?id={row(administrator, 'New@example.com')}"
    assert administrator.post(edit, data=form).status_code == 302


@pytest.mark.parametrize("change", [{"active": "y"}, {"roles": "keep"}, {}], ids=str)
def test_the_last_administrator_stays_one(
    change: dict[str, str], administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    number = row(administrator, "admin@example.com")
    page = administrator.get(f"/admin/user/edit/?id={number}").text
    [admin] = re.findall(r'<option selected value="(\d+)">admin', page)
    form = {"email": "admin@example.com"} | change
    if "roles" in form:
        form["roles"] = admin
    edit = f"/admin/user/edit/?id={number}"
    assert "This is the only administrator" in administrator.post(edit, data=form).text
    assert administrator.get("/admin/user/").status_code == 200
    login("admin", "editor")
    assert administrator.post(edit, data=form).status_code == 302
    assert administrator.get("/admin/user/").status_code != 200


@pytest.mark.parametrize("way", ["delete", "action"])
def test_the_last_administrator_can_not_be_deleted(
    way: str, app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    def delete(*numbers: str) -> None:
        field = "id" if way == "delete" else "rowid"
        form = {"action": "delete", field: list(numbers)}
        response = administrator.post(f"/admin/user/{way}/", data=form)
        assert response.status_code == 302

    number = row(administrator, "admin@example.com")
    delete(number)
    assert "This is the only administrator" in administrator.get("/admin/user/").text
    login("admin", "editor")
    login("user")
    delete(row(administrator, "user@example.com"))
    assert not has_account(app, "user@example.com")
    delete(number)
    assert not has_account(app, "admin@example.com")
    assert has_account(app, "admin-editor@example.com")


def test_administrators_can_not_be_deleted_all_at_once(
    app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    login("admin", "editor")
    addresses = ["admin@example.com", "admin-editor@example.com"]
    numbers = [row(administrator, email) for email in addresses]
    administrator.post("/admin/user/action/", data={"action": "delete", "rowid": numbers})
    assert sum(has_account(app, email) for email in addresses) == 1


def test_who_manages_users_proves_that_it_is_still_them(
    app: Flask, administrator: FlaskClient, password: str
) -> None:
    with administrator.session_transaction() as session:
        session["fs_paa"] -= timedelta(hours=1).total_seconds()
    assert administrator.get("/admin/").status_code == 200
    for path in ("/admin/user/", "/admin/user/new/"):
        assert administrator.get(path).location == f"/verify?next={path}"
    form = {"email": "new@example.com", "active": "y"}
    assert administrator.post("/admin/user/new/", data=form).location.startswith("/verify?")
    assert not has_account(app, "new@example.com")
    for path in ("/admin/user/delete/", "/admin/user/action/"):
        assert administrator.post(path).location == "/admin/user/"
    administrator.post("/verify", data={"password": password})
    assert administrator.get("/admin/user/new/").status_code == 200
{% if cookiecutter.mail %}


def test_users_are_told_of_a_password_that_they_have_not_chosen(
    app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient], password: str
) -> None:
    login("editor")
    app.extensions["mailman"].outbox = []
    form = {"email": "editor@example.com", "active": "y", "new_password": ""}
    edit = f"/admin/user/edit/?id={row(administrator, 'editor@example.com')}"
    administrator.post(edit, data=form)
    assert not app.extensions["mailman"].outbox
    administrator.post(edit, data=form | {"new_password": f"{password}, changed"})
    [message] = app.extensions["mailman"].outbox
    assert message.to == ["editor@example.com"]
    assert "An administrator has set a new password" in message.body
{% endif %}
