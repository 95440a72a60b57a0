"""The pages that are always there."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest
from flask import Blueprint, Flask, abort, g
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import InternalServerError

from app import create_app
from app.database import db
from app.layout import Link, add_head, add_link, add_menu
from app.pages.errors import answer_in_json
from app.pages.health import add_check, database_state


def test_home_welcomes_and_links_to_what_is_there(client: FlaskClient, app: Flask) -> None:
    page = unescape(client.get("/").text)
    assert f"Welcome to {app.config['APP_NAME']}" in page
    assert 'href="/readyz"' in page


def test_a_part_can_add_to_the_frame_of_every_page(tmp_path: Path) -> None:
    Path(tmp_path, "item.html").write_text("<li>An item</li>", "utf-8")
    Path(tmp_path, "tag.html").write_text('<link rel="help" href="/help">', "utf-8")
    app = create_app()
    app.register_blueprint(Blueprint("part", __name__, template_folder=tmp_path))
    add_link(app, Link("State of the site", "health.readyz"))
    add_menu(app, "item.html")
    add_head(app, "tag.html")
    head, _, body = app.test_client().get("/").text.partition("</head>")
    assert '<link rel="help" href="/help">' in head
    assert "<li>An item</li>" in body
    assert "State of the site" in body


def test_pages_load_nothing_from_another_host(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'src="/' in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_the_process_is_alive_whatever_the_database_does(
    client: FlaskClient, assert_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    with assert_queries(0):
        response = client.get("/healthz")
    assert response.json == {"status": "ok"}
    assert not {"Set-Cookie", "Vary"} & set(response.headers.keys())


@pytest.mark.parametrize(
    ("state", "status"), [("ok", 200), ("not migrated", 503), ("unreachable", 503)]
)
def test_readiness_names_the_state_of_the_database(
    state: str, status: int, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.health.database_state", lambda: state)
    response = client.get("/readyz")
    assert response.status_code == status
    assert response.json is not None
    assert response.json["database"] == state


def test_what_the_site_can_do_without_only_degrades_it(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.health.database_state", lambda: "ok")
    monkeypatch.setitem(app.extensions, "checks", {})
    for state, status in ("ok", "ok"), ("asleep", "degraded"):
        add_check(app, "coffee", Mock(return_value=state))
        response = client.get("/readyz")
        assert response.json == {"status": status, "database": "ok", "coffee": state}
        assert response.status_code == 200


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(("newest", "state"), [(set(), "ok"), ({"a1"}, "not migrated")])
def test_a_database_is_ready_at_the_newest_migration(
    newest: set[str], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.health.newest_migrations", lambda: newest)
    assert database_state() == state


@pytest.mark.usefixtures("context")
def test_a_project_without_migrations_is_not_ready(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["migrate"].migrate, "directory", str(tmp_path / "none"))
    assert database_state() == "not migrated"


@pytest.mark.usefixtures("context")
def test_a_database_that_is_down_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("connect", {}, Exception())

    monkeypatch.setattr("app.pages.health.db.session.connection", fail)
    assert database_state() == "unreachable"


def test_an_unknown_page_is_a_page_in_the_site_s_frame(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "<nav" in response.text
    assert "404" in response.text


@pytest.mark.parametrize(
    "headers", [{"Accept": "application/json"}, {"Content-Type": "application/json"}]
)
def test_an_error_is_json_for_a_client_that_speaks_json(
    headers: dict[str, str], client: FlaskClient
) -> None:
    response = client.get("/nowhere", headers=headers)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.get_json(force=True)["status"] == 404


def test_an_error_is_json_below_an_address_for_programs(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "json_paths", [])
    answer_in_json(app, "/programs/")
    assert client.get("/programs/none").content_type == "application/problem+json"
    assert client.get("/none").mimetype == "text/html"


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.post("/")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_a_value_that_the_database_refuses_is_a_bad_request(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        message = "Python int too large to convert to SQLite INTEGER"
        raise OverflowError(message)

    monkeypatch.setitem(app.view_functions, "pages.home", fail)
    assert client.get("/").status_code == 400


def test_an_error_page_that_can_t_be_drawn_is_a_bare_line(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_context: object) -> str:
        raise OperationalError("select", {}, Exception())

    monkeypatch.setattr("app.pages.errors.render_template", fail)
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "404 Not Found" in response.text


def test_an_error_in_json_that_can_t_be_described_has_its_status(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.errors.problem", Mock(side_effect=RecursionError))
    response = client.get("/nowhere", headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert response.get_json(force=True) == {"status": 404, "title": "Not Found"}
    assert response.headers["Content-Security-Policy"]


def test_a_request_that_is_refused_at_once_is_an_error_page(overrides: dict[str, Any]) -> None:
    app = create_app(overrides | {"APP_ENV": "production"})
    app.url_value_preprocessor(lambda *_route: abort(404))
    response = app.test_client().get("/")
    assert response.status_code == 404
    assert "<nav" in response.text
    assert "nonce-" in response.headers["Content-Security-Policy"]


def test_a_fault_in_a_view_is_an_error_page(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "pages.home", fail)
    response = client.get("/")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.text


def test_a_row_that_is_there_already_is_a_conflict(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = IntegrityError("insert", {}, Exception())
    # It may be refused in the view, or when the changes are committed after it.
    for error in (refused, InternalServerError(original_exception=refused)):
        monkeypatch.setitem(app.view_functions, "pages.home", Mock(side_effect=error))
        response = client.get("/")
        assert response.status_code == 409
        assert "Somebody else was quicker" in response.text


@pytest.mark.parametrize("kind", [InterfaceError, OperationalError])
def test_a_lost_database_is_a_moment_to_wait_for(
    kind: type[DBAPIError], app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = kind("select", {}, Exception("server closed the connection"))
    monkeypatch.setitem(app.view_functions, "pages.home", Mock(side_effect=lost))
    response = client.get("/")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "server closed" not in response.text


def test_nothing_else_is_said_while_the_database_is_lost(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget_who_asks() -> NoReturn:
        g.database_is_lost = True
        abort(401)

    monkeypatch.setitem(app.view_functions, "pages.home", forget_who_asks)
    response = client.get("/")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


def test_a_developer_is_shown_what_the_database_says(
    debug_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = OperationalError("select", {}, Exception("no such table"))
    monkeypatch.setitem(debug_app.view_functions, "pages.home", Mock(side_effect=missing))
    with pytest.raises(OperationalError, match="no such table"):
        debug_app.test_client().get("/")


def test_an_old_form_is_explained(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "pages.home", Mock(side_effect=CSRFError))
    for headers in ({}, {"Accept": "application/json"}):
        response = client.get("/", headers=headers)
        assert response.status_code == 400
        assert "This page was open for too long" in response.text


def test_a_fault_takes_back_what_was_not_finished(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollback = Mock()
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.view_functions, "pages.home", Mock(side_effect=ZeroDivisionError))
    monkeypatch.setattr(db.session, "rollback", rollback)
    assert client.get("/").status_code == 500
    rollback.assert_called_once_with()


def test_the_pages_of_a_package_are_found(
    overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Flask] = []
    package = SimpleNamespace(init_app=found.append)
    monkeypatch.setattr("app.pages.modules_named", lambda name: {"pages": [package]}[name])
    app = create_app(overrides)
    assert found == [app]
