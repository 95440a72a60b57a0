"""Users and roles in the admin panel."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect
from werkzeug.test import TestResponse

from app.admin.views import ProtectedView
from app.database import db
from app.security.admin import UserView
from app.security.models import Role, User
from app.security.roles import find_user, role, store

EDITOR = "editor@example.com"
# What administrators may read of a user; whatever else there is, is a secret.
SHOWN = {
    "id",
    "email",
    "active",
    "roles",
    "confirmed_at",
    "create_datetime",
    "current_login_at",
    "last_login_at",
    "login_count",
}


def row(administrator: FlaskClient, email: str) -> str:
    """Return the number of a user."""
    listed = administrator.get(f"/admin/user/?search={email}").text
    [number] = re.findall(r'href="/admin/user/edit/\?id=(\d+)', listed)
    return str(number)


def has_account(app: Flask, email: str) -> bool:
    """Tell whether somebody has an account with this address."""
    with app.app_context():
        return find_user(email) is not None


def user_view(app: Flask) -> ProtectedView:
    """Return the view of the users."""
    [admin] = app.extensions["admin"]
    [view] = [view for view in admin._views if isinstance(view, UserView)]
    return view


def change(app: Flask, email: str, **values: object) -> None:
    """Write into the row of a user."""
    with app.app_context():
        user = find_user(email)
        for name, value in values.items():
            setattr(user, name, value)
        db.session.commit()


def is_active(app: Flask, email: str) -> bool:
    """Tell whether a user may log in."""
    with app.app_context():
        user = find_user(email)
        return user is not None and user.active


def plain_text(response: TestResponse) -> str:
    """Return what is in a page or a file, also in one that is packed."""
    if not is_zipfile(BytesIO(response.data)):
        return response.text
    with ZipFile(BytesIO(response.data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def act(administrator: FlaskClient, action: str, *addresses: str) -> str:
    """Do something with several users; return the page that follows."""
    form = {"action": action, "rowid": [row(administrator, email) for email in addresses]}
    return administrator.post("/admin/user/action/", data=form, follow_redirects=True).text


SECRETS = sorted({column.key for column in inspect(User).column_attrs} - SHOWN)


def test_what_is_secret_of_a_user_is_known() -> None:
    known = {"password", "fs_uniquifier", "tf_totp_secret", "us_totp_secrets", "mf_recovery_codes"}
    assert known | {"fs_webauthn_user_handle", "totp_counter"} <= set(SECRETS)


@pytest.mark.parametrize("name", SECRETS)
def test_no_page_and_no_export_shows_a_secret(
    name: str, app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    login("editor")
    kind = inspect(User).columns[name].type.python_type
    planted = {str: "planted", int: 7077077, datetime: datetime(2007, 7, 7)}  # noqa: DTZ001
    change(app, EDITOR, **{name: planted.get(kind, ["planted"])})
    view = user_view(app)
    number = row(administrator, EDITOR)
    pages = ["", "new/", f"edit/?id={number}", f"details/?id={number}"]
    pages += [f"export/{kind}/" for kind in view.export_types]
    for page in pages:
        response = administrator.get(f"/admin/user/{page}")
        assert response.status_code == 200, page
        text = plain_text(response)
        assert page == "new/" or EDITOR in text, page
        shown = rf'planted|7077077|2007-07-07|Jul 7, 2007|(name|id)="{name}"'
        assert not re.search(shown, text), page


@pytest.mark.parametrize("name", [*SECRETS, "webauthn"])
def test_no_secret_can_be_searched_filtered_sorted_or_edited(name: str, app: Flask) -> None:
    view = user_view(app)
    shown = {*view.column_list, *view.column_details_list, *view.column_export_list}
    filters = {getattr(known.column, "key", "") for known in view._filters}
    fields = {*view.form_columns, *view.column_searchable_list, *view._sortable_columns}
    assert name not in shown | filters | fields | set(view.column_editable_list or ())


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


def test_an_administrator_can_be_edited(administrator: FlaskClient, app: Flask) -> None:
    edit = f"/admin/user/edit/?id={row(administrator, 'admin@example.com')}"
    with app.app_context():
        roles = [role("admin").id]
    form = {"email": "admin@example.com", "active": "y", "new_password": "", "roles": roles}
    assert administrator.post(edit, data=form).status_code == 302
    assert administrator.get("/admin/").status_code == 200


@pytest.mark.parametrize("action", ["activate", "deactivate"])
def test_users_who_are_gone_are_not_counted(action: str, administrator: FlaskClient) -> None:
    data = {"action": action, "rowid": "987654"}
    page = administrator.post("/admin/user/action/", data=data, follow_redirects=True).text
    assert "active." not in page


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
    assert "Another row has the same" in response.text
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
    assert re.search(r"only administrator|your own", administrator.post(edit, data=form).text)
    assert administrator.get("/admin/user/").status_code == 200
    other = login("admin", "editor")
    assert other.post(edit, data=form).status_code == 302
    assert administrator.get("/admin/user/").status_code != 200
    assert "This is the only administrator" in act(other, "deactivate", "admin-editor@example.com")


@pytest.mark.parametrize("way", ["delete", "action"])
def test_the_last_administrator_can_not_be_deleted(
    way: str, app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    def delete(email: str) -> str:
        field = "id" if way == "delete" else "rowid"
        form = {"action": "delete", field: row(administrator, email)}
        response = administrator.post(f"/admin/user/{way}/", data=form)
        assert response.status_code == 302
        return administrator.get("/admin/user/").text

    assert "This is the only administrator" in delete("admin@example.com")
    login("admin", "editor")
    assert "You can&#39;t deactivate or delete your own account" in delete("admin@example.com")
    assert has_account(app, "admin@example.com")
    login("user")
    delete("user@example.com")
    assert not has_account(app, "user@example.com")
    delete("admin-editor@example.com")
    assert not has_account(app, "admin-editor@example.com")


@pytest.mark.parametrize("action", ["delete", "deactivate"])
def test_administrators_do_not_go_all_at_once(
    action: str, app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    login("admin", "editor")
    act(administrator, action, "admin@example.com", "admin-editor@example.com")
    assert is_active(app, "admin@example.com")
    assert not is_active(app, "admin-editor@example.com")


def test_who_is_deactivated_is_logged_out_at_once_and_for_good(
    app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    client = login("editor")
    assert client.get("/account").status_code == 200
    assert "1 user is inactive." in act(administrator, "deactivate", EDITOR)
    assert client.get("/account").status_code == 302
    assert "1 user" not in act(administrator, "deactivate", EDITOR)
    assert "1 user is active." in act(administrator, "activate", EDITOR)
    assert is_active(app, EDITOR)
    assert client.get("/account").status_code == 302


def test_user_deactivated_in_the_form_stays_logged_out_when_active_again(
    administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    client = login("editor")
    assert client.get("/account").status_code == 200
    edit = f"/admin/user/edit/?id={row(administrator, EDITOR)}"
    for active in ({}, {"active": "y"}):
        form = {"email": EDITOR, "new_password": ""} | active
        assert administrator.post(edit, data=form).status_code == 302
    assert client.get("/account").status_code == 302


def test_user_edited_in_the_form_stays_logged_in(
    administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    client = login("editor")
    form = {"email": EDITOR, "new_password": "", "active": "y", "confirmed_at": ""}
    edit = f"/admin/user/edit/?id={row(administrator, EDITOR)}"
    assert administrator.post(edit, data=form).status_code == 302
    assert client.get("/account").status_code == 200


def test_the_panel_asks_before_it_changes_several_users(administrator: FlaskClient) -> None:
    page = administrator.get("/admin/user/").text
    [questions] = re.findall(r'id="actions-confirmation-data"[^>]*>(.*?)</div>', page)
    assert all(f'"{action}"' in questions for action in ("activate", "deactivate", "delete"))


def test_an_administrator_may_confirm_an_address(
    app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    login("editor")
    edit = f"/admin/user/edit/?id={row(administrator, EDITOR)}"
    assert 'data-role="datetimepicker"' in administrator.get(edit).text
    for text, moment in (("", None), ("2026-03-01 14:05:00", datetime(2026, 3, 1, 14, 5))):  # noqa: DTZ001
        form = {"email": EDITOR, "active": "y", "confirmed_at": text}
        assert administrator.post(edit, data=form).status_code == 302
        with app.app_context():
            user = find_user(EDITOR)
            assert user
            assert user.confirmed_at == moment


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=edit", {EDITOR}),
        ("flt0_active_equals=0", {EDITOR}),
        ("flt0_active_equals=1", {"admin@example.com"}),
        ("flt0_role_equals=editor", {EDITOR}),
        ("flt0_role_equals=nobody", set()),
        ("flt0_created_between=2007-01-01 00:00:00 to 2007-12-31 00:00:00", {EDITOR}),
        ("flt0_last_log_in_greater_than=2020-01-01 00:00:00", {"admin@example.com"}),
        ("flt0_active_equals=maybe", {EDITOR, "admin@example.com"}),
        ("sort=0", {EDITOR, "admin@example.com"}),
    ],
)
def test_users_are_found(
    query: str,
    found: set[str],
    app: Flask,
    administrator: FlaskClient,
    register: Callable[..., str],
) -> None:
    register(app, "editor")
    change(app, EDITOR, active=False, create_datetime=datetime(2007, 7, 7))  # noqa: DTZ001
    for number, known in enumerate(user_view(app)._filters):
        name = re.sub(r"\W+", "_", f"{known.name} {known.operation()}".lower())
        query = query.replace(f"_{name}=", f"_{number}=")
    table = administrator.get(f"/admin/user/?{query}").text.partition("model-list")[2]
    assert set(re.findall(r"[\w-]+@example\.com", table)) == found


@pytest.mark.parametrize("path", ["/admin/user/", "/admin/role/"])
def test_the_number_of_queries_does_not_grow_with_the_users(
    path: str,
    app: Flask,
    administrator: FlaskClient,
    register: Callable[..., str],
    assert_same_queries: Callable[..., None],
) -> None:
    def add_users() -> None:
        for roles in (["editor"], ["user"], ["editor", "user"], ["admin", "user"]):
            register(app, *roles)

    assert_same_queries(lambda: administrator.get(path), add_users)


def test_who_manages_users_proves_that_it_is_still_them(
    app: Flask, administrator: FlaskClient, password: str
) -> None:
    with administrator.session_transaction() as session:
        session["fs_paa"] -= timedelta(hours=1).total_seconds()
    assert "admin@example.com</a>" not in administrator.get("/admin/").text
    paths = ["", "new/", *(f"export/{kind}/" for kind in user_view(app).export_types)]
    for path in (f"/admin/user/{path}" for path in paths):
        assert administrator.get(path).location == f"/verify?next={path}"
    assert administrator.get("/admin/user/details/?id=1").location.startswith("/verify?")
    form = {"email": "new@example.com", "active": "y"}
    assert administrator.post("/admin/user/new/", data=form).location.startswith("/verify?")
    assert not has_account(app, "new@example.com")
    for path in ("/admin/user/delete/", "/admin/user/action/"):
        assert administrator.post(path).location == "/admin/user/"
    administrator.post("/verify", data={"password": password})
    assert administrator.get("/admin/user/new/").status_code == 200
    assert "admin@example.com</a>" in administrator.get("/admin/").text
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


def test_new_address_is_told_to_the_old_one_and_voids_what_was_sent_there(
    app: Flask, administrator: FlaskClient, login: Callable[..., FlaskClient]
) -> None:
    login("editor")
    client = app.test_client()
    app.extensions["mailman"].outbox = []
    client.post("/reset", data={"email": EDITOR})
    [message] = app.extensions["mailman"].outbox
    [path] = re.findall(r"^http://[^/]+(/reset/\S+)$", message.body, re.MULTILINE)
    edit = f"/admin/user/edit/?id={row(administrator, EDITOR)}"
    form = {"email": "moved@example.com", "active": "y", "new_password": ""}
    assert administrator.post(edit, data=form).status_code == 302
    [_link, notice] = app.extensions["mailman"].outbox
    assert notice.to == [EDITOR]
    assert "has another e-mail address now" in notice.body
    new = "another long enough password"
    client.post(path, data={"password": new, "password_confirm": new})
    data = {"email": "moved@example.com", "password": new}
    assert client.post("/login", data=data).status_code == 200


def test_administrator_who_changes_their_own_address_stays_logged_in(
    administrator: FlaskClient, app: Flask
) -> None:
    with app.app_context():
        roles = [role("admin").id]
    edit = f"/admin/user/edit/?id={row(administrator, 'admin@example.com')}"
    form = {"email": "boss@example.com", "active": "y", "new_password": "", "roles": roles}
    assert administrator.post(edit, data=form).status_code == 302
    assert "boss@example.com" in administrator.get("/admin/").text


@pytest.mark.parametrize("chosen", ["", "ein längeres Paßwort"])
def test_users_are_told_of_their_account_and_choose_a_password_if_they_have_none(
    chosen: str, app: Flask, administrator: FlaskClient
) -> None:
    app.extensions["mailman"].outbox = []
    form = {"email": "new@example.com", "active": "y", "new_password": chosen}
    assert administrator.post("/admin/user/new/", data=form).status_code == 302
    [message] = app.extensions["mailman"].outbox
    assert message.to == ["new@example.com"]
    assert "has created an account" in message.body
    client = app.test_client()
    [path] = re.findall(r"^http://[^/]+(/\S+)$", message.body, re.MULTILINE)
    if not chosen:
        chosen = "correct horse battery"
        new = {"password": chosen, "password_confirm": chosen}
        assert client.post(path, data=new).status_code == 302
    data = {"email": "new@example.com", "password": chosen}
    assert client.post("/login", data=data).status_code == 302


def test_users_are_told_that_their_account_is_deleted(
    app: Flask, administrator: FlaskClient, register: Callable[..., str]
) -> None:
    register(app, "editor")
    app.extensions["mailman"].outbox = []
    act(administrator, "delete", EDITOR)
    [message] = app.extensions["mailman"].outbox
    assert message.to == [EDITOR]
    assert "Your account was deleted" in message.body
{% endif %}


@pytest.mark.parametrize("path", ["/admin/user/ajax/update/", "/admin/role/ajax/update/"])
@pytest.mark.parametrize(("roles", "status"), [(["admin"], 401), (["editor"], 403)])
def test_script_of_the_panel_is_told_when_its_session_has_ended(
    path: str, roles: list[str], status: int, app: Flask, login: Callable[..., FlaskClient]
) -> None:
    client = login(*roles)
    if status == 401:
        with app.app_context():
            user = find_user("admin@example.com")
            assert user
            store().set_uniquifier(user)
            db.session.commit()
    answer = client.post(path, data={"list_form_pk": "1", "email": "x@example.com"})
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
