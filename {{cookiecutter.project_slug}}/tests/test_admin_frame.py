"""What all pages of the admin panel share."""

{% if cookiecutter.security %}
import re

from flask import Flask
from flask.testing import FlaskClient

NAME = "admin@example.com"


def test_administrators_log_out_by_a_form(administrator: FlaskClient) -> None:
    page = administrator.get("/admin/").text
    assert re.search(r'<form action="/logout" method="post">\s*<input[^>]* name="csrf_token"', page)
    administrator.post("/logout")
    assert administrator.get("/admin/").status_code == 302
{% else %}
from flask import Flask
from flask.testing import FlaskClient

NAME = "boss"


def test_nobody_can_log_out_whose_browser_keeps_the_password(administrator: FlaskClient) -> None:
    assert "Log out" not in administrator.get("/admin/").text
{% endif %}


def test_each_page_has_the_name_of_the_site_and_a_link_back(
    app: Flask, administrator: FlaskClient
) -> None:
    page = administrator.get("/admin/").text
    assert f'<a class="navbar-brand" href="/admin/">{app.config["APP_NAME"]}</a>' in page
    assert '<a class="nav-link" href="/">Back to the site</a>' in page


def test_each_page_says_who_is_logged_in(administrator: FlaskClient) -> None:
    assert NAME in administrator.get("/admin/").text


def test_each_page_says_how_it_is_read(administrator: FlaskClient) -> None:
    assert '<html lang="en" dir="ltr">' in administrator.get("/admin/").text


def test_there_is_no_menu_for_one_language(administrator: FlaskClient) -> None:
    assert "<details" not in administrator.get("/admin/").text


def test_only_the_panel_may_have_inline_handlers(app: Flask, administrator: FlaskClient) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = {rule.rule for rule in rules if not rule.arguments} | {"/no-such-page"}
    relaxed = {
        path
        for path in paths
        if "script-src-attr" in administrator.get(path).headers["Content-Security-Policy"]
    }
    assert relaxed == {path for path in paths if path.startswith("/admin/")}


def test_the_dashboard_links_to_each_table(app: Flask, administrator: FlaskClient) -> None:
    page = administrator.get("/admin/").text
    [admin] = app.extensions["admin"]
    tables = [view.url for view in admin._views if view.endpoint != "admin"]
    assert page.count("<section ") == len(tables)
    assert all(f'<a href="{url}/">' in page for url in tables)
