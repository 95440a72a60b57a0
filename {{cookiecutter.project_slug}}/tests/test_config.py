"""Settings."""

import re
from contextlib import nullcontext
from pathlib import Path

import pytest
from environs import EnvError
from flask import Flask, request, session
from flask.testing import FlaskClient

from app import create_app
from app.config import SESSION_COOKIE, SLUG, env, optional_secret, read_file


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
        ("SECRET_KEY", "change-me" * 4),
        ("DATABASE_URL", "somewhere"),
        ("DATABASE_URL", "sqlite://app.db"),
        ("DATABASE_URL", "sqlite:///app.db?timeout=long"),
        ("DATABASE_URL", "informix://host/name"),
        ("DATABASE_URL", "sqlite+aiosqlite:///app.db"),
        ("PROXIES", "-1"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("SECRET_KEY_FALLBACKS", "an-older-key-of-the-tests-" * 2 + ", short"),
        ("SECRET_KEY_FALLBACKS", "change-me" * 4),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    with pytest.raises(SystemExit, match=f"{name}: "):
        create_app()


def test_message_about_a_secret_does_not_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "quite-a-secret")
    with pytest.raises(SystemExit) as refusal:
        create_app()
    assert "quite-a-secret" not in str(refusal.value)


def test_white_space_around_a_database_url_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", " sqlite:// ")
    assert not re.search(r"\s", create_app().config["SQLALCHEMY_DATABASE_URI"])


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL"])
def test_a_missing_value_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SystemExit, match=f"{name}: Environment variable not set"):
        create_app()


def test_all_wrong_settings_are_named_in_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"DATABASE_URL": "no\nURL", "LOG_LEVEL": "loud\nest", "PROXIES": "", "SECRET_KEY": "x"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        create_app()
    _heading, *lines = str(caught.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == sorted(wrong)
    monkeypatch.undo()
    assert create_app()


def test_what_comes_of_a_wrong_setting_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEP", "far")

    def read() -> list[int]:
        return list(range(0, 10, env.int("STEP")))

    with pytest.raises(SystemExit, match="STEP: Not a valid integer"), env.collected():
        read()
    with pytest.raises(EnvError, match="STEP"):
        read()


@pytest.mark.parametrize(
    ("content", "is_read"),
    [
        (b"", True),
        ("APP_NAME=Café".encode(), True),
        ("APP_NAME=Café".encode("latin-1"), False),
        ("APP_NAME=Cafe".encode("utf-16"), False),
        ("APP_NAME=Cafe".encode("utf-16-le"), False),
        (b"\xef\xbb\xbfAPP_NAME=Cafe", False),
        (None, False),
    ],
    ids=str,
)
def test_a_file_of_settings_that_cannot_be_read_is_named(
    content: bytes | None, is_read: bool, tmp_path: Path
) -> None:
    path = tmp_path / ".env"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with nullcontext() if is_read else pytest.raises(SystemExit, match=r"\.env can't be read"):
        read_file(path)


def test_cookies_are_those_of_this_project(app: Flask) -> None:
    names = [value for name, value in app.config.items() if name.endswith("COOKIE_NAME") and value]
    assert SESSION_COOKIE in names
    assert [name for name in names if not name.startswith(SLUG)] == []


def test_a_secret_that_may_be_missing_is_checked_when_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert optional_secret("DOOR_CODE", 8) == ""
    monkeypatch.setenv("DOOR_CODE", "long enough")
    assert optional_secret("DOOR_CODE", 8) == "long enough"
    monkeypatch.setenv("DOOR_CODE", "short")
    with pytest.raises(EnvError, match="DOOR_CODE"):
        optional_secret("DOOR_CODE", 8)


def test_what_an_older_key_has_signed_stays_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    def remember() -> str:
        return str(session.setdefault("name", request.args.get("name")))

    old, new = "an-older-key-of-the-tests-" * 2, "a-newer-key-of-the-tests-" * 2
    monkeypatch.setenv("SECRET_KEY", old)
    app = create_app()
    app.add_url_rule("/name", view_func=remember)
    cookie = app.test_client().get("/name?name=Ada").headers["Set-Cookie"].partition(";")[0]
    monkeypatch.setenv("SECRET_KEY", new)
    for fallbacks, name in ((old, "Ada"), (f"{new} , {old} ,", "Ada"), ("", "None")):
        monkeypatch.setenv("SECRET_KEY_FALLBACKS", fallbacks)
        app = create_app()
        app.add_url_rule("/name", view_func=remember)
        client = app.test_client(use_cookies=False)
        assert client.get("/name", headers={"Cookie": cookie}).text == name


@pytest.mark.parametrize(("size", "status"), [(10, 200), (11, 413)])
def test_more_than_the_limit_is_refused(
    size: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_CONTENT_LENGTH", "10")
    app = create_app({"WTF_CSRF_ENABLED": False})
    app.add_url_rule("/take", "take", lambda: request.get_data(as_text=True), methods=["POST"])
    assert app.test_client().post("/take", data="x" * size).status_code == status


def test_debug_mode_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    with pytest.raises(SystemExit, match="FLASK_DEBUG: "):
        create_app()


def test_only_trusted_hosts_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_HOSTS", "example.com,.example.org")
    client = create_app().test_client()
    assert client.get("/", headers={"Host": "www.example.org"}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil", ""])
def test_only_this_machine_is_answered_while_no_host_is_named(
    host: str, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.get("/", headers={"Host": "127.0.0.1:8000"}).status_code == 200
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 400
    assert "TRUSTED_HOSTS" in response.text
    assert f"{host!r} is not in TRUSTED_HOSTS" in caplog.text


def test_only_known_proxies_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.com"}
    for proxies, url in (("0", "http://localhost/"), ("1", "https://example.com/")):
        monkeypatch.setenv("PROXIES", proxies)
        monkeypatch.setenv("TRUSTED_HOSTS", "localhost,example.com")
        app = create_app()
        app.add_url_rule("/root", "root", lambda: request.url_root)
        assert app.test_client().get("/root", headers=headers).text == url
