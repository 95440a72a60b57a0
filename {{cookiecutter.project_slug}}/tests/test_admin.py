"""The admin panel as a whole; its tables are tested with the packages that they show."""

{% if cookiecutter.security %}
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from flask_admin import BaseView, expose

from app import create_app


def test_strangers_are_asked_to_log_in(client: FlaskClient) -> None:
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response.location.startswith("/login?next=")


def test_users_without_the_role_are_refused(login: Callable[..., FlaskClient]) -> None:
    client = login("editor")
    assert client.get("/admin/").status_code == 403
    assert 'href="/admin/"' not in client.get("/no-such-page").text


def test_administrators_see_the_panel(login: Callable[..., FlaskClient]) -> None:
    client = login("admin")
    page = client.get("/admin/").text
    assert "Back to the site" in page
    assert 'href="/admin/"' in client.get("/no-such-page").text


@pytest.mark.parametrize("page", ["-1", "99999999999999999999"])
def test_a_page_out_of_all_reason_is_empty(page: str, login: Callable[..., FlaskClient]) -> None:
    assert login("admin").get(f"/admin/user/?page={page}").status_code == 200
{% else %}
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_admin import BaseView, expose

from app import create_app
from app.database import db


def test_the_panel_is_closed_while_nothing_is_set(client: FlaskClient) -> None:
    response = client.get("/admin/", auth=("", ""))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("name", "password", "status"),
    [
        ("boss", "the right one", 200),
        ("boss", "wrong", 401),
        ("böss", "the right one", 401),
        ("", "", 401),
    ],
)
def test_the_name_and_the_password_open_it(
    name: str, password: str, status: int, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_USERNAME", "boss")
    monkeypatch.setenv("ADMIN_PASSWORD", "the right one")
    assert client.get("/admin/", auth=(name, password)).status_code == status
    assert 'href="/admin/"' in client.get("/no-such-page").text


def test_another_way_to_log_in_is_refused(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_USERNAME", "boss")
    monkeypatch.setenv("ADMIN_PASSWORD", "the right one")
    headers = {"Authorization": "Bearer the right one"}
    assert client.get("/admin/", headers=headers).status_code == 401


def test_a_password_that_is_too_short_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "short")
    with pytest.raises(SystemExit, match="ADMIN_PASSWORD: "):
        create_app()


@pytest.fixture
def limited(overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a client of an application that counts what it is sent."""
    monkeypatch.setenv("ADMIN_USERNAME", "boss")
    monkeypatch.setenv("ADMIN_PASSWORD", "the right one")
    app = create_app(overrides | {"RATELIMIT_ENABLED": True})
    with app.app_context():
        db.create_all()
    return app.test_client()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_password_can_not_be_guessed_without_limit(method: str, limited: FlaskClient) -> None:
    def answer(password: str) -> int:
        return limited.open("/admin/", method=method, auth=("boss", password)).status_code

    assert [answer(f"guess {number}") for number in range(20)] == [401] * 10 + [429] * 10
    # The right one is not told from the others by its answer.
    assert answer("the right one") == 429


def test_refused_guess_says_when_to_come_back(limited: FlaskClient) -> None:
    answers = [limited.get("/admin/", auth=("boss", "wrong")) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600


def test_guesses_lock_no_other_network_out(limited: FlaskClient) -> None:
    guesser = {"REMOTE_ADDR": "192.0.2.7"}
    for _ in range(20):
        limited.get("/admin/", auth=("boss", "wrong"), environ_overrides=guesser)
    assert limited.get("/admin/", auth=("boss", "the right one")).status_code == 200


def test_only_wrong_passwords_count(limited: FlaskClient) -> None:
    for _ in range(30):
        assert limited.get("/admin/", auth=("boss", "the right one")).status_code == 200
        assert limited.get("/admin/").status_code == 401
        assert limited.get("/", auth=("boss", "wrong")).status_code == 200
        assert limited.get("/admin/", headers={"Authorization": "Bearer x"}).status_code == 401
    assert limited.get("/admin/", auth=("boss", "wrong")).status_code == 401
{% endif %}


class Report(BaseView):
    """A page that shows no table."""

    @expose()
    def index(self) -> str:
        """Show it."""
        return "Nothing to report."


def test_a_package_adds_its_views(monkeypatch: pytest.MonkeyPatch) -> None:
    package = SimpleNamespace(views=lambda: [Report(endpoint="report")])
    monkeypatch.setattr("app.admin.modules_named", lambda _name: [package])
    assert create_app().test_client().get("/admin/report/").text == "Nothing to report."


def test_files_of_the_extension_are_kept_by_caches(client: FlaskClient) -> None:
    with client.get("/admin/static/admin/js/form.js") as response:
        assert response.status_code == 200
        assert response.headers["Cache-Control"] != "no-store"
