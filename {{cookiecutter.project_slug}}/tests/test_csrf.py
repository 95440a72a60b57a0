"""Forms that are sent too late, or without the cookie of their page."""

from collections.abc import Callable

import pytest
from flask import Flask, redirect, render_template, request
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from werkzeug.test import TestResponse
from wtforms import PasswordField, StringField

from app import create_app

Token = Callable[[TestResponse], str]

SENT = {"name": "Ada Lovelace", "secret": "difference engine"}
SCRIPTS = [{"X-Requested-With": "XMLHttpRequest"}, {"Sec-Fetch-Dest": "empty"}]


class NameForm(FlaskForm):
    """A form with a password."""

    name = StringField()
    secret = PasswordField()


@pytest.fixture
def saved() -> list[str]:
    """Return the names that were saved."""
    return []


@pytest.fixture
def site(overrides: dict[str, object], saved: list[str]) -> Flask:
    """Return an application with the page of a form, and a button that any page can have."""

    def edit() -> str:
        form = NameForm()
        if form.validate_on_submit():
            saved.append(form.name.data or "")
        return render_template("form.html", form=form, title="Names")

    def push() -> str:
        saved.append(request.form["name"])
        return "pushed"

    app = create_app({**overrides, "WTF_CSRF_ENABLED": True})
    app.add_url_rule("/edit", view_func=edit, methods=["GET", "POST"])
    app.add_url_rule("/old", "old", lambda: redirect("/edit"), methods=["GET", "POST"])
    app.add_url_rule("/push", view_func=push, methods=["POST"])
    return app


def test_form_is_saved_in_time(site: Flask, token: Token, saved: list[str]) -> None:
    client = site.test_client()
    sent = client.post("/edit", data={**SENT, "csrf_token": token(client.get("/edit"))})
    assert sent.status_code == 200
    assert saved == ["Ada Lovelace"]


def test_expired_form_comes_back_and_is_saved_when_sent_again(
    site: Flask, token: Token, saved: list[str], send_late: Callable[..., TestResponse]
) -> None:
    client = site.test_client()
    returned = send_late(client, "/edit", SENT)
    assert returned.status_code == 400
    assert 'value="Ada Lovelace"' in returned.text
    assert "difference engine" not in returned.text
    assert "This page was open for too long" in returned.text
    assert not saved
    sent = client.post("/edit", data={**SENT, "csrf_token": token(returned)})
    assert (sent.status_code, saved) == (200, ["Ada Lovelace"])


def test_expired_form_of_a_page_that_is_gone_leads_to_the_next(site: Flask, token: Token) -> None:
    client = site.test_client()
    old = token(client.get("/edit"))
    site.config["WTF_CSRF_TIME_LIMIT"] = -1
    answer = client.post("/old", data={**SENT, "csrf_token": old})
    assert (answer.status_code, answer.location) == (302, "/edit")
    assert "This page was open for too long" in client.get("/edit").text


def test_expired_button_changes_nothing(site: Flask, token: Token, saved: list[str]) -> None:
    client = site.test_client()
    old = token(client.get("/edit"))
    site.config["WTF_CSRF_TIME_LIMIT"] = -1
    answer = client.post("/push", data={"name": "Ada", "csrf_token": old})
    assert answer.status_code == 400
    assert "This page was open for too long" in answer.text
    assert not saved


@pytest.mark.parametrize("sent", ["", "invented", "of another session"])
def test_form_of_another_site_is_not_filled(
    sent: str, site: Flask, token: Token, saved: list[str]
) -> None:
    if sent == "of another session":
        sent = token(site.test_client().get("/edit"))
    client = site.test_client()
    client.get("/edit")
    answer = client.post("/edit", data={**SENT, "csrf_token": sent})
    assert answer.status_code == 400
    assert "Ada Lovelace" not in answer.text
    assert not saved


@pytest.mark.parametrize("headers", [*SCRIPTS, {"Accept": "application/json"}])
def test_script_with_an_expired_token_gets_one_sentence(
    headers: dict[str, str], site: Flask, token: Token, saved: list[str]
) -> None:
    client = site.test_client()
    old = token(client.get("/edit"))
    site.config["WTF_CSRF_TIME_LIMIT"] = -1
    answer = client.post("/edit", data={**SENT, "csrf_token": old}, headers=headers)
    assert answer.status_code == 400
    said = (answer.json or {})["detail"] if answer.is_json else answer.text
    assert said == "This page was open for too long. Please load it again."
    assert not saved


@pytest.mark.parametrize("headers", SCRIPTS)
def test_script_gets_no_error_page(headers: dict[str, str], client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers=headers)
    assert (answer.status_code, answer.text) == (404, "There is no such page.")
    assert client.get("/ajax/lookup").mimetype == "text/plain"


@pytest.mark.parametrize(
    ("secure", "scheme", "said", "logged"),
    [
        (True, "http", "Please open it by https.", True),
        (True, "https", "Please allow cookies", False),
        (False, "http", "Please allow cookies", False),
    ],
)
def test_visitor_without_the_cookie_is_told_the_way_out(  # noqa: PLR0913, PLR0917
    secure: bool,
    scheme: str,
    said: str,
    logged: bool,
    site: Flask,
    token: Token,
    caplog: pytest.LogCaptureFixture,
) -> None:
    site.config["SESSION_COOKIE_SECURE"] = secure
    page = site.test_client().get("/edit", base_url=f"{scheme}://localhost")
    data = {**SENT, "csrf_token": token(page)}
    answer = site.test_client().post("/edit", data=data, base_url=f"{scheme}://localhost")
    assert answer.status_code == 400
    assert said in answer.text
    assert ("set PROXIES" in caplog.text) is logged
