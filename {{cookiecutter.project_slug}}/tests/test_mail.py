"""E-mail."""

import os
import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Event
from unittest.mock import Mock

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_mailman import EmailMultiAlternatives

from app import create_app
from app.mail import background, render, send
from app.mail.delivery import Message, deliver, is_final, try_to_deliver
from app.mail.file import FileBackend
from app.mail.smtp import EmailBackend

ADDRESS = "ada@example.com"


class Server:
    """Stands in for ``smtplib.SMTP``: takes everything, but for one command."""

    def __init__(self, *_address: object, **options: object) -> None:
        self.options: dict[str, object] = dict(options)
        self.calls: list[str] = []
        servers.append(self)

    def __getattr__(self, command: str) -> Callable[..., None]:
        def answer(*_arguments: object, **options: object) -> None:
            self.calls.append(command)
            self.options |= options
            if error := refusals.get(command):
                raise error

        return answer


servers: list[Server] = []
refusals: dict[str, Exception] = {}


@pytest.fixture
def outbox(app: Flask) -> list[EmailMultiAlternatives]:
    """Return the messages that are sent in the test."""
    outbox: list[EmailMultiAlternatives] = []
    app.extensions["mailman"].outbox = outbox
    return outbox


@pytest.fixture
def smtp_app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return an application whose mail goes to a server."""
    servers.clear()
    refusals.clear()
    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setenv("MAIL_BACKEND", "smtp")
    return create_app({"MAIL_USE_TLS": True, "MAIL_USERNAME": "user", "MAIL_PASSWORD": "secret"})


@pytest.mark.usefixtures("context")
def test_a_message_has_a_subject_a_text_and_an_html_part(
    app: Flask, outbox: list[EmailMultiAlternatives], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_NAME", "Ada & <Co>")
    send("test", ADDRESS)
    [message] = outbox
    assert message.to == [ADDRESS]
    assert message.subject == "It works"
    assert message.body.startswith("This message was sent by Ada & <Co>:")
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert "sent by Ada &amp; &lt;Co&gt;:" in html


@pytest.mark.parametrize("line_end", ["\r", "\x0b", "\u2028"])
@pytest.mark.usefixtures("context")
def test_a_subject_does_not_begin_another_header(
    line_end: str, outbox: list[EmailMultiAlternatives], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"Hello{line_end}Bcc: eve@example.com\n\nText"
    monkeypatch.setattr("app.mail.render_template", lambda *_names, **_context: text)
    send("note", ADDRESS)
    assert outbox[0].subject == "Hello Bcc: eve@example.com"


@pytest.mark.parametrize("text", ["", "Only text.", "Hello\nBcc: eve@example.com\n", "\n\nText"])
@pytest.mark.usefixtures("context")
def test_a_text_without_a_subject_is_the_developer_s_mistake(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.mail.render_template", lambda *_names, **_context: text)
    with pytest.raises(ValueError, match=r"mail/note\.txt has to begin with its subject"):
        send("note", ADDRESS)


def test_a_message_is_the_same_at_each_attempt(
    app: Flask, outbox: list[EmailMultiAlternatives]
) -> None:
    with app.test_request_context():
        send("test", ADDRESS)
        first, second = outbox[0].message(), outbox[0].message()
    for name in ("Message-ID", "Date", "Auto-Submitted"):
        assert first[name] == second[name]
        assert first[name]
    assert first["Message-ID"].endswith("@example.com>")


def test_nobody_waits_for_the_mail_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    returned, delivered = Event(), Event()

    def deliver(message: EmailMultiAlternatives) -> None:
        assert returned.wait(timeout=30)
        assert message.to == [ADDRESS]
        delivered.set()

    monkeypatch.setitem(app.config, "MAIL_IN_BACKGROUND", True)
    monkeypatch.setattr(EmailMultiAlternatives, "send", deliver)
    with app.test_request_context():
        message = Message("test", ADDRESS, "Subject", "Text", "HTML")
        background.deliver_later(message)
    returned.set()
    assert delivered.wait(timeout=30)


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no " + ADDRESS.encode())}),
        smtplib.SMTPServerDisconnected("secret"),
        TimeoutError("secret"),
        ValueError(ADDRESS),
        UnicodeEncodeError("ascii", ADDRESS, 0, 1, "secret"),
        IndexError("secret"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_is_logged_without_what_is_private(
    error: Exception, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_message: EmailMultiAlternatives) -> None:
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", fail)
    with app.test_request_context():
        send("test", ADDRESS)
    assert f"“test” was not sent: {type(error).__name__}" in caplog.text
    assert ADDRESS not in caplog.text
    assert "secret" not in caplog.text
    assert "It works" not in caplog.text


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no"), "b@c": (451, b"wait")}), False),
        (smtplib.SMTPSenderRefused(553, b"no", ADDRESS), True),
        (smtplib.SMTPDataError(451, b"wait"), False),
        (smtplib.SMTPAuthenticationError(535, b"no"), True),
        (smtplib.SMTPNotSupportedError("no STARTTLS"), True),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
        (ValueError("no address"), True),
    ],
    ids=repr,
)
def test_only_what_may_change_is_worth_another_attempt(error: Exception, final: bool) -> None:
    assert is_final(error) is final


def test_the_certificate_of_the_server_is_checked(smtp_app: Flask) -> None:
    smtp_app.test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    [server] = servers
    assert server.calls == ["starttls", "login", "sendmail", "quit", "close"]
    assert server.options["timeout"] == smtp_app.config["MAIL_TIMEOUT"]
    context = server.options["context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.usefixtures("smtp_app")
def test_a_server_of_this_machine_is_told_no_password() -> None:
    create_app().test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    assert servers[0].calls == ["sendmail", "quit", "close"]


def test_a_message_that_is_refused_stops_nothing(
    smtp_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    refusals["sendmail"] = smtplib.SMTPResponseException(500, b"no")
    with smtp_app.app_context():
        try_to_deliver(Message("test", ADDRESS, "Subject", "Text", "HTML"))
    assert "“test” was not sent: SMTPResponseException" in caplog.text
    assert ADDRESS not in caplog.text


def test_a_package_can_bring_mails_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Mock()
    monkeypatch.setattr("app.mail.modules_named", lambda _name: [package])
    app = create_app()
    package.init_app.assert_called_once_with(app)


@pytest.mark.parametrize("command", ["starttls", "login", "sendmail"])
def test_the_connection_is_closed_when_the_server_refuses(command: str, smtp_app: Flask) -> None:
    refusals[command] = smtplib.SMTPResponseException(500, b"no")
    result = smtp_app.test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    assert result.exit_code == 1
    assert servers[0].calls[-3:] == [command, "quit", "close"]


def test_what_the_server_has_taken_is_sent_even_if_it_hangs_up(smtp_app: Flask) -> None:
    refusals["quit"] = smtplib.SMTPServerDisconnected("gone")
    result = smtp_app.test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    assert result.exit_code == 0


def test_several_messages_share_a_connection(smtp_app: Flask) -> None:
    with smtp_app.app_context(), EmailBackend() as connection:
        messages = [EmailMultiAlternatives("Hello", "Text", to=[ADDRESS]) for _ in range(2)]
        assert connection.send_messages(messages) == 2
        assert servers[0].calls.count("sendmail") == 2
    assert len(servers) == 1


def test_a_message_that_stays_here_is_not_called_sent(
    runner: FlaskCliRunner, smtp_app: Flask
) -> None:
    for test_runner, answer in (
        (runner, f"MAIL_BACKEND is locmem: nothing leaves for {ADDRESS}.\n"),
        (smtp_app.test_cli_runner(), f"Sent to {ADDRESS}.\n"),
    ):
        result = test_runner.invoke(args=["send-test-mail", ADDRESS])
        assert result.exit_code == 0
        assert result.output == answer


@pytest.mark.parametrize("wrong", ["not an address", "@example.com", "a@b.cc, c@d.ee", ""])
def test_a_message_goes_to_an_address(wrong: str, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["send-test-mail", wrong])
    assert result.exit_code == 1
    assert result.output == f"Error: '{wrong}' is no address.\n"


@pytest.mark.parametrize(("environment", "warned"), [("production", True), ("testing", False)])
def test_production_says_that_it_sends_no_mail(
    environment: str,
    warned: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("APP_ENV", environment)
    monkeypatch.setenv("MAIL_BACKEND", "file")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    create_app()
    assert ("No mail is sent: MAIL_BACKEND is file." in caplog.text) == warned


def test_a_server_that_takes_no_message_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_BACKEND", "smtp")
    monkeypatch.setenv("MAIL_SERVER", "127.0.0.1")
    monkeypatch.setenv("MAIL_PORT", "1")
    result = create_app().test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    assert result.exit_code == 1
    assert "127.0.0.1:1 did not take the message" in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("MAIL_BACKEND", "pigeon", "pigeon is none of smtp, file"),
        ("MAIL_PORT", "0", "0 is not between 1 and 65535"),
        ("MAIL_PORT", "65536", "65536 is not between 1 and 65535"),
        ("MAIL_TIMEOUT", "0", "0 is less than 1"),
        ("MAIL_DEFAULT_SENDER", "nobody", "'nobody' is no address"),
        ("MAIL_DEFAULT_SENDER", "@example.com", "'@example.com' is no address"),
        ("MAIL_DEFAULT_SENDER", "App <nobody", "'App <nobody' is no address"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"{name}: {complaint}"):
        create_app()


def test_the_sender_may_have_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_DEFAULT_SENDER", "Müller & co. <app@example.com>")
    app = create_app()
    with app.test_request_context():
        deliver(render("test", ADDRESS))
        message = app.extensions["mailman"].outbox[0].message()
    assert "<app@example.com>" in message["From"]


def test_there_is_one_kind_of_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_USE_TLS", "1")
    monkeypatch.setenv("MAIL_USE_SSL", "1")
    with pytest.raises(SystemExit, match="MAIL_USE_TLS: On, and MAIL_USE_SSL too"):
        create_app()


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"MAIL_SERVER": "smtp.example.com"}, True),
        ({"MAIL_SERVER": "192.0.2.1"}, True),
        ({"MAIL_SERVER": "smtp.example.com", "MAIL_USE_TLS": "1"}, False),
        ({"MAIL_SERVER": "smtp.example.com", "MAIL_USE_SSL": "1"}, False),
        ({"MAIL_SERVER": "localhost"}, False),
        ({"MAIL_SERVER": "127.0.0.1"}, False),
        ({"MAIL_SERVER": "smtp.example.com", "APP_ENV": "testing"}, False),
    ],
    ids=str,
)
def test_in_production_no_password_goes_over_the_network_in_clear_text(
    settings: dict[str, str], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {"APP_ENV": "production", "MAIL_BACKEND": "smtp", "MAIL_USERNAME": "user"}
    for name, value in (variables | settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    if refused:
        with pytest.raises(SystemExit, match=r"MAIL_USERNAME: .* in clear text"):
            create_app()
    else:
        create_app()


@pytest.fixture
def kept(debug_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which the application in debug mode keeps its mail."""
    monkeypatch.setitem(debug_app.config, "MAIL_BACKEND", "file")
    monkeypatch.setitem(debug_app.config, "MAIL_FILE_PATH", str(tmp_path))
    mailman = debug_app.extensions["mailman"]
    monkeypatch.setattr(mailman, "backend", FileBackend)
    monkeypatch.setattr(mailman, "file_path", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_kept_messages_are_for_this_account_alone(
    umask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_BACKEND", "file")
    folder = tmp_path / "new" / "mail"
    app = create_app({"MAIL_FILE_PATH": str(folder)})
    before = os.umask(umask)
    try:
        for _ in range(2):
            app.test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert len(modes) == 4
    assert modes == {path: 0o700 if path.is_dir() else 0o600 for path in modes}


@pytest.mark.usefixtures("kept")
def test_the_mailbox_shows_what_was_sent(debug_app: Flask) -> None:
    client = debug_app.test_client()
    assert ADDRESS not in client.get("/dev/mailbox").text
    debug_app.test_cli_runner().invoke(args=["send-test-mail", ADDRESS])
    response = client.get("/dev/mailbox")
    assert ADDRESS in response.text
    assert "<iframe" in response.text
    assert "It works" in response.text
    # The styles of a message are inline, those of other pages are not.
    assert "style-src 'self' 'unsafe-inline'" in response.headers["Content-Security-Policy"]


def test_the_newest_message_is_on_top(debug_app: Flask, kept: Path) -> None:
    for age, name in ((0, "newest"), (20, "oldest"), (10, "middle")):
        (kept / f"{name}.log").write_bytes(b"Subject: " + name.encode() + b"\n\nHi\n")
        os.utime(kept / f"{name}.log", (1_000_000 - age, 1_000_000 - age))
    page = debug_app.test_client().get("/dev/mailbox").text
    assert page.index("newest") < page.index("middle") < page.index("oldest")


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: Plain\nTo: a@b\n\nHi\n" + b"-" * 79 + b"\n",
        b"\xff\xfe\x00 nothing that is known",
        b"Content-Type: text/plain; charset=martian\nSubject: Odd\n\nHi\n",
        b"Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: image/png\n\n",
        b"To: <<>>@@,;\nSubject: =?utf-8?q?=ff?=\nDate: never\n\nHi",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n=====",
        b"",
    ],
)
def test_every_file_can_be_shown(content: bytes, debug_app: Flask, kept: Path) -> None:
    (kept / "1.log").write_bytes(content)
    response = debug_app.test_client().get("/dev/mailbox")
    assert response.status_code == 200
    assert "<iframe" not in response.text


def test_the_mailbox_says_why_it_is_empty(debug_app: Flask) -> None:
    page = debug_app.test_client().get("/dev/mailbox").text
    assert "MAIL_BACKEND is locmem" in page


def test_there_is_no_mailbox_outside_debug_mode(app: Flask) -> None:
    assert app.test_client().get("/dev/mailbox").status_code == 404
