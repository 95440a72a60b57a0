"""E-mail."""

from pathlib import Path

import pytest
from environs import EnvError
from flask import Flask
from flask.testing import FlaskCliRunner

from app import create_app
from app.mail import send
from app.mail.delivery import try_to_deliver


def test_a_message_has_a_text_and_an_html_part(app: Flask) -> None:
    with app.test_request_context():
        send("test", "Hello", "ada@example.com")
    message = app.extensions["mailman"].outbox[-1]
    assert message.to == ["ada@example.com"]
    assert app.config["APP_NAME"] in message.body
    assert message.alternatives[0][1] == "text/html"


def test_a_server_that_takes_no_message_is_named(
    app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runner.invoke(args=["send-test-mail", "ada@example.com"]).exit_code == 0
    monkeypatch.setattr(app.extensions["mailman"], "backend", "smtp")
    monkeypatch.setattr(app.extensions["mailman"], "port", 1)
    result = runner.invoke(args=["send-test-mail", "ada@example.com"])
    assert result.exit_code == 1
    assert "did not take the message" in result.output


def test_a_server_that_is_down_loses_nothing_else(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app.extensions["mailman"], "backend", "smtp")
    monkeypatch.setattr(app.extensions["mailman"], "port", 1)
    with app.test_request_context():
        try_to_deliver("Welcome", "ada@example.com", "secret", "secret")
    assert "“Welcome” was not sent" in caplog.text
    assert "ada@example.com" not in caplog.text
    assert "secret" not in caplog.text


def test_the_mailbox_shows_what_was_sent(
    debug_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = debug_app.test_client()
    monkeypatch.setitem(debug_app.config, "MAIL_FILE_PATH", str(tmp_path))
    assert "ada@example.com" not in client.get("/dev/mailbox").text
    mailer = debug_app.extensions["mailman"]
    monkeypatch.setattr(mailer, "backend", "file")
    monkeypatch.setattr(mailer, "file_path", str(tmp_path))
    debug_app.test_cli_runner().invoke(args=["send-test-mail", "ada@example.com"])
    page = client.get("/dev/mailbox").text
    assert "ada@example.com" in page
    assert "<iframe" in page


def test_a_message_without_html_is_shown_too(
    debug_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(debug_app.config, "MAIL_FILE_PATH", str(tmp_path))
    (tmp_path / "1.log").write_bytes(b"Subject: Plain\nTo: a@b\n\nHi\n" + b"-" * 79 + b"\n")
    page = debug_app.test_client().get("/dev/mailbox").text
    assert "Plain" in page
    assert "<iframe" not in page


def test_an_unknown_backend_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_BACKEND", "pigeon")
    with pytest.raises(EnvError, match="pigeon is none of smtp, file"):
        create_app()


def test_there_is_no_mailbox_outside_debug_mode(app: Flask) -> None:
    assert app.test_client().get("/dev/mailbox").status_code == 404
