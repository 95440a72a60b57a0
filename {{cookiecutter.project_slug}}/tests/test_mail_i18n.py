"""Mail in the recipient's language."""

import pytest
from flask import Flask

from app.mail import send
from app.text import language

ADDRESS = "ada@example.com"


@pytest.fixture(autouse=True)
def languages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the languages of the application, test with these."""
    monkeypatch.setitem(app.config, "LANGUAGES", ["en", "ar", "pt_BR"])


@pytest.mark.parametrize(
    ("recipient", "start"),
    [
        ("ar", '<html lang="ar" dir="rtl">'),
        ("en", '<html lang="en" dir="ltr">'),
        (None, '<html lang="pt-BR" dir="ltr">'),
        ("tlh", '<html lang="pt-BR" dir="ltr">'),
    ],
)
def test_a_message_is_in_the_language_of_who_reads_it(
    recipient: str | None, start: str, app: Flask
) -> None:
    with app.test_request_context(headers={"Accept-Language": "pt-BR"}):
        assert language() == "pt-BR"
        send("test", ADDRESS, language=recipient)
        assert language() == "pt-BR"
    html, _kind = app.extensions["mailman"].outbox[-1].alternatives[0]
    assert start in html
