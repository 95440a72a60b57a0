"""The mails of the accounts."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from blinker import Signal
from flask import Flask
from flask.testing import FlaskClient
from flask_mailman import EmailMultiAlternatives
from flask_security import change_email_confirmed, tf_disabled, tf_profile_changed
from flask_security.signals import wan_deleted, wan_registered

from app.security.mail import SETTINGS, announce_new_address, duration, welcome
from app.security.models import User
from app.security.roles import find_user
from app.security.views import account_deleted

Login = Callable[..., FlaskClient]
ADDRESS = "plain@example.com"


@pytest.fixture(autouse=True)
def name(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of the application: one that HTML has to escape."""
    monkeypatch.setitem(app.config, "APP_NAME", "Fish & <Chips>")
    return "Fish & <Chips>"


@pytest.fixture
def outbox(app: Flask) -> list[EmailMultiAlternatives]:
    """Return the messages that are sent in the test."""
    outbox: list[EmailMultiAlternatives] = []
    app.extensions["mailman"].outbox = outbox
    return outbox


@pytest.fixture
def notice(app: Flask, outbox: list[EmailMultiAlternatives]) -> Iterator[Callable[..., str]]:
    """Return a function that sends a signal about a user, and returns the message's text."""

    def send(change: Signal, details: dict[str, Any]) -> str:
        change.send(app, user=User(email=ADDRESS), **details)
        return check(outbox[-1])

    with app.test_request_context():
        yield send


def check(message: EmailMultiAlternatives) -> str:
    """Return the text of a message, of which both parts are as they should be."""
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert html.count("<h1") == 1
    assert "Fish &amp; &lt;Chips&gt;" in html
    assert "Fish & <Chips>" in message.subject
    assert message.body.endswith("\n\nFish & <Chips>\n")
    assert "&amp;" not in message.body
    assert "\n\n\n" not in message.body
    for link in links(message):
        assert html.count(f'href="{link}"') == 2
    return str(message.body)


def links(message: EmailMultiAlternatives) -> list[str]:
    """Return the addresses in the text of a message, each on a line of its own."""
    return re.findall(r"^http\S+$", message.body, re.MULTILINE)


def register(client: FlaskClient, password: str, email: str = "new@example.com") -> None:
    """Register with this address."""
    form = {"email": email, "password": password, "password_confirm": password}
    assert client.post("/register", data=form).status_code == 302


def test_the_settings_are_in_force(app: Flask) -> None:
    assert {name: app.config[f"SECURITY_{name}"] for name in SETTINGS} == SETTINGS


def test_who_registers_is_welcomed_and_confirms_the_address(
    client: FlaskClient, password: str, outbox: list[EmailMultiAlternatives]
) -> None:
    register(client, password)
    [message] = outbox
    assert message.to == ["new@example.com"]
    assert message.subject == "Welcome to Fish & <Chips>"
    assert "2 days" in check(message)
    [link] = links(message)
    assert client.post(link).status_code == 302
    client.post("/login", data={"email": "new@example.com", "password": password})
    assert client.get("/account").status_code == 200


def test_mail_sent_outside_a_request_leads_to_the_site(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTED_HOSTS", "example.com")
    monkeypatch.setenv("SITE_URL", "https://example.com/shop")
    app = make_app(MAIL_BACKEND="locmem", MAIL_IN_BACKGROUND=False)
    with app.app_context():
        welcome(User(email=ADDRESS, fs_uniquifier="unique"))
    [message] = app.extensions["mailman"].outbox
    assert links(message)
    assert all(link.startswith("https://example.com/shop/") for link in links(message))


@pytest.mark.parametrize(("password", "count"), [("hashed", 0), (None, 1)])
def test_who_is_given_an_account_chooses_a_password_if_there_is_none(
    password: str | None, count: int, app: Flask, outbox: list[EmailMultiAlternatives]
) -> None:
    with app.test_request_context():
        welcome(User(email=ADDRESS, password=password, fs_uniquifier="unique"))
    [message] = outbox
    check(message)
    assert sum("/reset/" in link for link in links(message)) == count


def test_who_registers_again_hears_of_the_account(
    client: FlaskClient, password: str, outbox: list[EmailMultiAlternatives]
) -> None:
    register(client, password)
    register(client, password)
    message = outbox[-1]
    assert message.subject == "You have an account at Fish & <Chips>"
    check(message)
    # The first password may be somebody else's, so that the address is confirmed with a new one.
    [reset] = links(message)
    new = "another quite long phrase"
    form = {"password": new, "password_confirm": new}
    assert client.post(reset, data=form).status_code == 302
    client.post("/login", data={"email": "new@example.com", "password": new})
    assert client.get("/account").status_code == 200


def test_old_address_is_told_and_its_session_ends_when_an_address_is_changed(
    app: Flask, login: Login, outbox: list[EmailMultiAlternatives]
) -> None:
    client = login()
    with app.test_request_context():
        user = find_user(ADDRESS)
        assert user
        announce_new_address(user, "old@example.com")
    assert outbox[-1].to == ["old@example.com"]
    assert "has another e-mail address now" in check(outbox[-1])
    assert client.get("/account").status_code == 302


def test_the_link_to_confirm_can_be_asked_for_again(
    client: FlaskClient, password: str, outbox: list[EmailMultiAlternatives]
) -> None:
    register(client, password)
    client.post("/confirm", data={"email": "new@example.com"})
    message = outbox[-1]
    assert message.subject == "Confirm your address for Fish & <Chips>"
    check(message)
    assert client.post(links(message)[0]).status_code == 302


def test_a_forgotten_password_is_replaced(
    app: Flask, login: Login, outbox: list[EmailMultiAlternatives]
) -> None:
    login()
    client = app.test_client()
    client.post("/reset", data={"email": ADDRESS})
    asked = outbox[-1]
    assert asked.subject == "Choose a new password for Fish & <Chips>"
    check(asked)
    new = "another quite long phrase"
    form = {"password": new, "password_confirm": new}
    assert client.post(links(asked)[0], data=form).status_code == 302
    told = outbox[-1]
    assert told.subject == "Your password for Fish & <Chips> was reset"
    check(told)
    assert app.test_client().get(links(told)[0]).status_code == 200


def test_a_changed_password_is_told(
    login: Login, app: Flask, password: str, outbox: list[EmailMultiAlternatives]
) -> None:
    new = "another quite long phrase"
    form = {"password": password, "new_password": new, "new_password_confirm": new}
    assert login().post("/change", data=form).status_code == 302
    message = outbox[-1]
    assert message.to == [ADDRESS]
    assert message.subject == "Your password for Fish & <Chips> was changed"
    check(message)
    assert app.test_client().get(links(message)[0]).status_code == 200


def test_a_new_address_is_confirmed_and_the_old_one_is_told(
    login: Login, outbox: list[EmailMultiAlternatives]
) -> None:
    client = login()
    client.post("/change-email", data={"email": "new@example.com"})
    asked = outbox[-1]
    assert asked.to == ["new@example.com"]
    assert asked.subject == "Confirm your new address for Fish & <Chips>"
    assert ADDRESS in check(asked)
    assert client.post(links(asked)[0]).status_code == 302
    told = outbox[-1]
    assert told.to == [ADDRESS]
    assert "another e-mail address" in check(told)
    assert not links(told)


@pytest.mark.parametrize(
    ("change", "details", "told"),
    [
        (tf_profile_changed, {"method": "authenticator"}, "was set up"),
        (tf_disabled, {}, "was turned off"),
        (wan_registered, {"name": "My <key> & phone"}, "“My <key> & phone” was added"),
        (wan_deleted, {"name": "My <key>"}, "“My <key>” was removed"),
    ],
)
def test_a_change_of_the_account_is_told(
    change: Signal,
    details: dict[str, str],
    told: str,
    notice: Callable[..., str],
    outbox: list[EmailMultiAlternatives],
) -> None:
    assert told in notice(change, details)
    assert outbox[-1].to == [ADDRESS]
    assert "<key>" not in outbox[-1].alternatives[0][0]
    assert len(links(outbox[-1])) == 1


@pytest.mark.parametrize(
    ("change", "details", "told"),
    [
        (change_email_confirmed, {"old_email": "old@example.com"}, "another e-mail address"),
        (account_deleted, {}, "was deleted"),
    ],
)
def test_who_can_not_log_in_any_more_is_told_too(
    change: Signal,
    details: dict[str, str],
    told: str,
    notice: Callable[..., str],
    outbox: list[EmailMultiAlternatives],
) -> None:
    assert told in notice(change, details)
    assert outbox[-1].to == [details.get("old_email", ADDRESS)]
    assert not links(outbox[-1])


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(days=5), "5 days"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=1), "1 minute"),
    ],
)
@pytest.mark.usefixtures("context")
def test_a_mail_says_how_long_its_link_is_valid(span: timedelta, text: str) -> None:
    assert duration(span) == text
{% if cookiecutter.i18n %}


def test_a_user_gets_mail_in_their_own_language(
    app: Flask,
    login: Login,
    outbox: list[EmailMultiAlternatives],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "LANGUAGES", ["en", "ar"])
    login().get("/language/ar")
    app.test_client().post("/reset", data={"email": ADDRESS})
    assert '<html lang="ar" dir="rtl">' in outbox[-1].alternatives[0][0]
{% endif %}
