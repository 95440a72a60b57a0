"""Languages and time zones."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Domain
from werkzeug.test import TestResponse

from app import create_app
from app.text import format_currency, format_date, format_datetime, format_number, language

ARABIC = {"Accept-Language": "ar"}
Reading = Callable[[str], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def languages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the languages of the application, test with these."""
    monkeypatch.setitem(app.config, "LANGUAGES", ["en", "ar", "pt_BR"])


def test_an_extension_that_is_asked_outside_the_application_says_it_in_english() -> None:
    translations = Domain(domain="wtforms").get_translations()
    assert translations.gettext("Not a valid choice.") == "Not a valid choice."


@pytest.fixture
def reading(app: Flask) -> Reading:
    """Return what lets the test read as a visitor with this language."""
    return lambda wanted: app.test_request_context(headers={"Accept-Language": wanted})


def choose(client: FlaskClient, **choices: str) -> None:
    """Choose on the page of the preferences."""
    form = {"language": "en", "timezone": "UTC"} | choices
    assert client.post("/preferences", data=form).status_code == 302


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
    ("wanted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-TW,en;q=0.8", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh", "zh-Hans"),
        ("pt-PT,en;q=0.8", "pt-BR"),
        ("pt", "pt-BR"),
        ("sr-Cyrl-RS,sr-Latn", "sr-Latn"),
        ("en-GB,pt", "en"),
    ],
)
def test_browsers_name_the_region_where_the_script_is_meant(
    wanted: str, language: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    languages = ["en", "zh_Hant", "zh_Hans", "pt_BR", "sr_Latn"]
    monkeypatch.setitem(client.application.config, "LANGUAGES", languages)
    page = client.get("/", headers={"Accept-Language": wanted}).text
    assert f'<html lang="{language}"' in page


def test_a_language_that_is_named_by_its_region_has_one_code(overrides: dict[str, Any]) -> None:
    client = create_app(overrides | {"LANGUAGES": ["en", "zh_TW"]}).test_client()
    client.get("/language/zh_Hant_TW")
    page = client.get("/preferences").text
    assert '<html lang="zh-Hant-TW"' in page
    assert 'selected value="zh_Hant_TW"' in page


def test_the_address_can_ask_for_a_language_once(client: FlaskClient) -> None:
    client.get("/language/ar")
    assert '<html lang="pt-BR"' in client.get("/?lang=pt_BR").text
    assert '<html lang="ar"' in client.get("/?lang=tlh").text


def test_choosing_a_language_leads_back_to_the_same_page(client: FlaskClient) -> None:
    page = client.get("/preferences?a=1%262&lang=ar&a=3").text
    [link] = re.findall(r'href="(/language/pt_BR\?[^"]*)"', page)
    response = client.get(link.replace("&amp;", "&"))
    assert response.location == "/preferences?a=1%262&a=3"
    assert '<html lang="pt-BR"' in client.get(response.location).text


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n/evil"],
)
def test_choosing_a_language_leads_to_no_other_site(target: str, client: FlaskClient) -> None:
    assert client.get("/language/ar", query_string={"next": target}).location == "/"


def test_caches_and_search_engines_are_told_of_the_language(client: FlaskClient) -> None:
    response = client.get("/?a=1", headers=ARABIC)
    assert response.headers["Content-Language"] == "ar"
    assert {"Accept-Language", "Cookie"} <= set(response.vary)
    alternates = re.findall(r'"alternate"\s+hreflang="(.*?)"\s+href="(.*?)"', response.text)
    assert ("pt-BR", "http://localhost/?a=1&amp;lang=pt_BR") in alternates
    assert ("x-default", "http://localhost/?a=1") in alternates


def test_what_has_no_language_does_not_vary(client: FlaskClient) -> None:
    with client.get("/static/app.css", headers=ARABIC) as response:
        assert "Content-Language" not in response.headers
        assert "Accept-Language" not in response.vary


def test_right_to_left_has_a_sheet_of_its_own(app: Flask, client: FlaskClient) -> None:
    [sheet] = re.findall(r'href="([^"]*bootstrap[^"]*css[^"]*)"', client.get("/?lang=ar").text)
    assert "/bootstrap.rtl.min.css" in sheet
    version = app.extensions["bootstrap"].bootstrap_version
    with client.get(sheet) as response:
        assert f"Bootstrap  v{version} " in response.get_data(as_text=True)
    assert "bootstrap.rtl" not in client.get("/?lang=en").text


def test_the_clock_is_that_of_the_visitor(app: Flask, client: FlaskClient) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    with client:
        client.get("/preferences")
        assert "12:00" in format_datetime(noon)
        choose(client, timezone="Asia/Tokyo")
        client.get("/preferences")
        assert format_datetime(noon).endswith("9:00\u202fPM JST")
        assert format_date(noon + timedelta(hours=3)) == format_date(date(2026, 7, 2))
        assert 'selected value="Asia/Tokyo"' in client.get("/preferences").text


@pytest.mark.parametrize("wrong", [{"timezone": "Mars/Base"}, {"language": "tlh"}], ids=str)
def test_a_choice_that_is_none_is_refused(wrong: dict[str, str], client: FlaskClient) -> None:
    form = {"language": "en", "timezone": "UTC"} | wrong
    response = client.post("/preferences", data=form)
    assert response.status_code == 200
    assert "Not a valid choice." in response.text


def test_a_time_zone_that_is_gone_is_not_used(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["timezone"] = "Mars/Base"
    assert 'selected value="UTC"' in client.get("/preferences").text


def test_a_default_time_zone_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BABEL_DEFAULT_TIMEZONE", "Mars/Base")
    with pytest.raises(SystemExit, match=r"BABEL_DEFAULT_TIMEZONE.*Mars/Base is none"):
        create_app()


@pytest.mark.parametrize(
    ("wanted", "number", "price", "day"),
    [
        ("en", "1,234.5", "€1,234.50", "Mar 1, 2026"),
        ("pt-BR", "1.234,5", "€\xa01.234,50", "1 de mar. de 2026"),
        ("ar", "1,234.5", "\u200f1,234.50\xa0€", "01\u200f/03\u200f/2026"),
    ],
)
def test_numbers_prices_and_dates_are_written_as_in_the_language(
    wanted: str, number: str, price: str, day: str, reading: Reading
) -> None:
    with reading(wanted):
        assert format_number(1234.5) == number
        assert format_currency(1234.5, "EUR") == price
        assert format_date(date(2026, 3, 1)) == day


def test_the_words_of_a_form_field_are_translated(client: FlaskClient) -> None:
    response = client.post("/preferences", data={"language": "tlh"}, headers=ARABIC)
    assert "Not a valid choice." not in response.text


@pytest.mark.usefixtures("context")
def test_outside_a_request_the_default_language_is_used(app: Flask) -> None:
    assert language() == app.config["BABEL_DEFAULT_LOCALE"].replace("_", "-")


def test_expired_preferences_come_back(
    client: FlaskClient, send_again: Callable[..., TestResponse]
) -> None:
    form = {"language": "pt_BR", "timezone": "Asia/Tokyo"}
    assert send_again(client, "/preferences", form).status_code == 302
    assert 'selected value="Asia/Tokyo"' in client.get("/preferences").text
