"""Users and roles in the admin panel."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def administrator(login: Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of an administrator."""
    return login("admin")


def test_no_page_shows_a_password(administrator: FlaskClient) -> None:
    listed = administrator.get("/admin/user/").text
    edit = listed.split('href="/admin/user/edit/?id=')[1].split("&")[0]
    for page in (listed, administrator.get(f"/admin/user/edit/?id={edit}").text):
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
    listed = administrator.get("/admin/user/?search=editor").text
    edit = "/admin/user/edit/?id=" + listed.split('href="/admin/user/edit/?id=')[1].split("&")[0]
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


def test_roles_are_listed_and_can_not_be_added(administrator: FlaskClient) -> None:
    assert "admin" in administrator.get("/admin/role/").text
    assert administrator.get("/admin/role/new/").status_code == 302
