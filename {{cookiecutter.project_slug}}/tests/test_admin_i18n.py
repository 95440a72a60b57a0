"""The admin panel in other languages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture(autouse=True)
def languages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offer more languages than the tests have otherwise."""
    monkeypatch.setitem(app.config, "LANGUAGES", ["en", "es", "ar", "ja", "zh_Hans"])


@pytest.mark.parametrize(
    ("code", "tag", "direction", "word"),
    [
        ("en", "en", "ltr", "Apply"),
        ("es", "es", "ltr", "Aplicar"),
        ("ar", "ar", "rtl", "تطبيق"),
        ("ja", "ja", "ltr", "適用"),
        ("zh_Hans", "zh-Hans", "ltr", "应用"),
    ],
)
def test_the_panel_is_read_in_the_language_of_the_page(
    code: str, tag: str, direction: str, word: str, administrator: FlaskClient
) -> None:
    page = administrator.get(f"/admin/?lang={code}").text
    assert f'<html lang="{tag}" dir="{direction}">' in page
    assert f'data-apply-label="{word}"' in page


def test_the_menu_of_languages_leads_back_to_the_page(administrator: FlaskClient) -> None:
    assert 'href="/language/ar?next=/admin/">العربية</a>' in administrator.get("/admin/").text
    page = administrator.get("/language/ar?next=/admin/", follow_redirects=True)
    assert page.request.path == "/admin/"
    assert 'dir="rtl"' in page.text
