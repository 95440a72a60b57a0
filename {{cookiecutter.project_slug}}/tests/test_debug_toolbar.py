"""The debug toolbar."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app, render_template_string, session
from sqlalchemy import literal, select

from app import create_app
from app.database import db

MARK = 'id="flDebug"'
SECRET = "a-secret-of-the-tests-" * 2


def test_the_toolbar_is_on_every_page_in_debug_mode(debug_app: Flask) -> None:
    response = debug_app.test_client().get("/")
    assert MARK in response.text
    assert "SQLAlchemy" in response.text
    assert "'unsafe-inline'" in response.headers["Content-Security-Policy"]


@pytest.fixture
def secret_app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return the application in debug mode, with this secret in every setting that takes one."""
    example = (Path(__file__).parent.parent / ".env.example").read_text("utf-8")
    for name in re.findall(r"^(\w*(?:SECRET|PASSWORD|TOKEN)\w*)=", example, re.MULTILINE):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", f"older-{SECRET}")
    app: Flask = request.getfixturevalue("debug_app")
    app.config["SERVICE_URL"] = f"https://user:{SECRET}@service.example.com"
    with app.app_context():
        db.create_all()
    return app


def test_no_page_shows_a_secret(secret_app: Flask) -> None:
    client = secret_app.test_client()
    shown = 0
    for rule in secret_app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            page = client.get(rule.rule).text
            assert SECRET not in page, rule
            shown += MARK in page
    assert shown


def test_no_secret_of_a_request_is_shown(secret_app: Flask) -> None:
    def view() -> str:
        session["secret"] = SECRET
        # A template gets what a view, or a context processor, hands to it.
        return render_template_string("<body></body>", config=current_app.config)

    secret_app.add_url_rule("/form", view_func=view, methods=["POST"])
    client = secret_app.test_client()
    client.set_cookie("secret", SECRET)
    page = client.post("/form", data={"secret": SECRET}, headers={"Authorization": SECRET}).text
    assert MARK in page
    assert SECRET not in page


def query() -> str:
    """Return a page that has sent a query, with a value."""
    return f"<body>{db.session.scalar(select(literal('asked')))}</body>"


@pytest.mark.parametrize("link", ["sql_select", "sql_explain"])
def test_a_query_of_the_page_is_run_again_or_explained(link: str, debug_app: Flask) -> None:
    debug_app.add_url_rule("/query", view_func=query)
    client = debug_app.test_client()
    page = client.get("/query").text
    path = re.search(rf'"(/_debug_toolbar/views/sqlalchemy/{link}[^"]+)"', page)
    assert path
    response = client.get(unescape(path[1]))
    assert response.status_code == 200
    assert "SELECT" in response.text


def test_only_a_query_that_is_signed_is_run(debug_app: Flask) -> None:
    path = "/_debug_toolbar/views/sqlalchemy/sql_select?duration=1&query=SELECT+1"
    assert debug_app.test_client().get(path).status_code == 406


def test_it_shows_pages_of_async_views(debug_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    async def view() -> str:
        return "<body>awaited</body>"

    def async_to_sync(view: Callable[..., Coroutine[Any, Any, str]]) -> Callable[..., str]:
        return lambda **values: asyncio.run(view(**values))

    # What Flask does when asgiref is installed.
    monkeypatch.setattr(debug_app, "async_to_sync", async_to_sync)
    debug_app.add_url_rule("/async", view_func=view)
    page = debug_app.test_client().get("/async").text
    assert "awaited" in page
    assert MARK in page


def test_a_fragment_of_a_page_stays_as_it_is(request: pytest.FixtureRequest) -> None:
    debug_app: Flask = request.getfixturevalue("debug_app")
    debug_app.add_url_rule("/fragment", "fragment", lambda: "<li>New</li>")
    assert debug_app.test_client().get("/fragment").text == "<li>New</li>"


def test_the_toolbar_is_folded_on_the_first_visit_only(debug_app: Flask) -> None:
    client = debug_app.test_client()
    assert "fldt=hide" in client.get("/").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/").headers


def test_no_setting_shows_it_outside_debug_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {
        f"DEBUG_TB_{name}": True
        for name in (
            "ENABLED",
            "INTERCEPT_REDIRECTS",
            "PANELS",
            "PROFILER_ENABLED",
            "TEMPLATE_EDITOR_ENABLED",
        )
    }
    settings["DEBUG_TB_HOSTS"] = ["127.0.0.1"]
    for name in settings:
        monkeypatch.setenv(name, "1")
        monkeypatch.setenv(f"FLASK_{name}", "1")
    client = create_app(settings).test_client()
    response = client.get("/")
    assert MARK not in response.text
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
    assert client.get("/_debug_toolbar/views/sqlalchemy/sql_select").status_code == 404


def test_debug_mode_that_comes_later_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app()
    monkeypatch.setattr(app, "debug", True)
    assert MARK not in app.test_client().get("/").text


@pytest.mark.parametrize(("variable", "settings"), [("1", {}), ("0", {"DEBUG": True})])
def test_an_application_in_production_does_not_start_in_debug_mode(
    variable: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", variable)
    with pytest.raises(SystemExit, match="FLASK_DEBUG: On in production"):
        create_app({"APP_ENV": "production"} | settings)
