"""Settings."""

import pytest
from environs import EnvError

from app import create_app


def test_production_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APP_ENV")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    app = create_app()
    assert app.config["APP_ENV"] == "production"
    assert app.config["SESSION_COOKIE_SECURE"]
    assert not app.debug


def test_settings_given_to_the_factory_win() -> None:
    assert create_app({"APP_NAME": "Other"}).config["APP_NAME"] == "Other"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("MAX_CONTENT_LENGTH", "lots"),
        ("SECRET_KEY", "change-me"),
        ("SECRET_KEY", ""),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    with pytest.raises(EnvError, match=name):
        create_app()


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_a_missing_value_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(EnvError, match=name):
        create_app()


def test_debug_mode_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    with pytest.raises(RuntimeError, match="FLASK_DEBUG"):
        create_app()
