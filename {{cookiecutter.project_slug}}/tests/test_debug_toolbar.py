"""The debug toolbar."""

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.database import db

MARK = 'id="flDebug"'


def test_the_toolbar_is_on_every_page_in_debug_mode(debug_app: Flask) -> None:
    response = debug_app.test_client().get("/")
    assert MARK in response.text
    assert "SQLAlchemy" in response.text
    assert "'unsafe-inline'" in response.headers["Content-Security-Policy"]


def test_the_panel_of_queries_offers_nothing_that_fails(debug_app: Flask) -> None:
    def query() -> str:
        return f"<body>{db.session.scalar(text('SELECT 1'))}</body>"

    debug_app.add_url_rule("/query", "query", query)
    page = debug_app.test_client().get("/query").text
    assert "SELECT 1" in page
    assert "sql_select" not in page


def test_the_toolbar_is_folded_on_the_first_visit_only(debug_app: Flask) -> None:
    client = debug_app.test_client()
    assert "fldt=hide" in client.get("/").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/").headers


@pytest.mark.parametrize("setting", ["DEBUG_TB_ENABLED", "DEBUG_TB_PANELS"])
def test_no_setting_shows_it_outside_debug_mode(setting: str) -> None:
    response = create_app({setting: True}).test_client().get("/")
    assert MARK not in response.text
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
