"""Languages."""

{% if cookiecutter.security %}
from collections.abc import Callable

{% endif %}
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.text import language


@pytest.fixture(autouse=True)
def languages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the languages of the application, test with these."""
    monkeypatch.setitem(app.config, "LANGUAGES", ["en", "ar", "pt_BR"])


def test_the_browser_chooses_the_language(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Language": "pt-BR,pt;q=0.9"}).text
    assert '<html lang="pt-BR"' in page
    assert 'dir="ltr"' in page


def test_the_menu_offers_each_language_in_that_language(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'href="/language/pt_BR?next=' in page
    assert "Português" in page


def test_the_choice_outlasts_the_browser_s_wish(client: FlaskClient) -> None:
    response = client.get("/language/ar?next=/healthz")
    assert response.location == "/healthz"
    page = client.get("/", headers={"Accept-Language": "pt-BR"}).text
    assert '<html lang="ar"' in page
    assert 'dir="rtl"' in page


def test_an_unknown_language_is_not_found(client: FlaskClient) -> None:
    assert client.get("/language/tlh").status_code == 404


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("en-US,ar;q=0.9", "en"), ("ar-EG,en;q=0.5", "ar"), ("tlh,*", "en"), ("nonsense;q=x", "en")],
)
def test_a_language_of_the_region_is_preferred_to_a_lesser_wish(
    wanted: str, language: str, client: FlaskClient
) -> None:
    page = client.get("/", headers={"Accept-Language": wanted}).text
    assert f'<html lang="{language}"' in page


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n/evil"],
)
def test_choosing_a_language_leads_to_no_other_site(target: str, client: FlaskClient) -> None:
    assert client.get("/language/ar", query_string={"next": target}).location == "/"


@pytest.mark.usefixtures("context")
def test_outside_a_request_the_default_language_is_used(app: Flask) -> None:
    assert language() == app.config["BABEL_DEFAULT_LOCALE"].replace("_", "-")
{% if cookiecutter.security %}


def test_a_user_keeps_the_language_across_browsers(
    app: Flask, login: Callable[[], FlaskClient]
) -> None:
    client = login()
    client.get("/language/ar")
    with client.session_transaction() as session:
        del session["language"]
    assert '<html lang="ar"' in client.get("/").text


def test_who_registers_gets_mail_in_the_language_of_then(
    app: Flask, client: FlaskClient, password: str
) -> None:
    form = {"email": "new@example.com", "password": password, "password_confirm": password}
    client.post("/register", data=form, headers={"Accept-Language": "pt-BR"})
    with app.app_context():
        user = app.extensions["security"].datastore.find_user(email="new@example.com")
        assert user.language == "pt_BR"
{% endif %}
