"""Projects send mail to a real server, by every way that the settings name, and survive its failures."""

import secrets
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from foundry.manifest import combine
from foundry.project import Project
from foundry.server import PATIENCE, free_port, serve, submit, visitor, wait_for, worker
from foundry.services import need, redis
from test_end_to_end import generate

HOST = "127.0.0.1"
SEND = """
from app import create_app
from app.mail import send
with create_app().test_request_context():
    send("test", "{}")
"""


@dataclass
class Postbox:
    """Keeps the messages that it takes, and answers them and their recipients as it is told, else with a yes."""

    to_recipients: list[str] = field(default_factory=list)
    to_messages: list[str] = field(default_factory=list)
    offered: list[EmailMessage] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient."""
        if self.to_recipients:
            return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 as aiosmtpd calls it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Answer to a message."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, EmailMessage, policy=policy.default)
        self.offered.append(message)
        if self.to_messages:
            return self.to_messages.pop(0)
        self.taken.append(message)
        return "250 OK"


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, login: Any) -> AuthResult:
    """Let one user in."""
    right = isinstance(login, LoginPassword) and (login.login, login.password) == (b"user", b"right")
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(postbox: Postbox, **options: Any) -> Iterator[dict[str, str]]:
    """Listen, and yield the settings by which a project finds it."""
    port = free_port()
    controller = Controller(postbox, hostname=HOST, port=port, server_hostname="mail.example.com", **options)
    controller.start()
    try:
        yield settings(port)
    finally:
        controller.stop()


def settings(port: int) -> dict[str, str]:
    """The settings of a server on this port."""
    return {"MAIL_BACKEND": "smtp", "MAIL_SERVER": HOST, "MAIL_PORT": str(port), "MAIL_TIMEOUT": "20"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Accounts, and their mail."""
    return generate(combine(["mail", "security"]), tmp_path_factory.mktemp("mail"))


@pytest.fixture(scope="module")
def worker_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Mail that a worker sends."""
    need("redis")
    return generate(combine(["mail", "tasks"]), tmp_path_factory.mktemp("mail-tasks"))


@dataclass(frozen=True)
class Certificates:
    """A server's certificate, and where the one lies by which it is trusted."""

    context: ssl.SSLContext
    path: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Those of an authority that only this test knows."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("certificates") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    return Certificates(context, path)


def send(project: Project, **environ: str) -> str:
    """Send the test message; what the command says when it fails, in one line."""
    flask = str(project.path / ".venv/bin/flask")
    result = project.run(flask, "send-test-mail", "ada@example.com", **environ)
    assert result.returncode == (0 if result.stdout.startswith("Sent to") else 1), result.stderr
    assert len(result.stderr.splitlines()) == result.returncode, result.stderr
    return result.stderr


def test_a_message_arrives_whole(project: Project) -> None:
    postbox = Postbox()
    with mail_server(postbox) as found:
        assert not send(project, **found)
    [message] = postbox.taken
    assert message["To"] == "ada@example.com"
    assert message["From"] == "noreply@example.com"
    assert message["Subject"] == "It works"
    assert message["Message-ID"].endswith("@example.com>")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_starttls_wants_a_certificate_that_is_trusted(project: Project, certificates: Certificates) -> None:
    postbox = Postbox()
    with mail_server(postbox, tls_context=certificates.context, require_starttls=True) as found:
        found["MAIL_USE_TLS"] = "1"
        assert "CERTIFICATE_VERIFY_FAILED" in send(project, **found)
        assert not postbox.offered
        assert not send(project, SSL_CERT_FILE=str(certificates.path), **found)
    assert len(postbox.taken) == 1


def test_a_server_without_starttls_gets_nothing(project: Project) -> None:
    postbox = Postbox()
    with mail_server(postbox) as found:
        assert "STARTTLS" in send(project, MAIL_USE_TLS="1", **found)
    assert not postbox.offered


def test_ssl_wants_a_certificate_that_is_trusted(project: Project, certificates: Certificates) -> None:
    postbox = Postbox()
    with mail_server(postbox, ssl_context=certificates.context) as found:
        found["MAIL_USE_SSL"] = "1"
        assert "CERTIFICATE_VERIFY_FAILED" in send(project, **found)
        assert not postbox.offered
        assert not send(project, SSL_CERT_FILE=str(certificates.path), **found)
    assert len(postbox.taken) == 1


def test_the_server_asks_for_the_right_password(project: Project, certificates: Certificates) -> None:
    postbox = Postbox()
    options = {"tls_context": certificates.context, "auth_required": True, "authenticator": authenticate}
    with mail_server(postbox, **options) as found:
        found |= {"MAIL_USE_TLS": "1", "SSL_CERT_FILE": str(certificates.path), "MAIL_USERNAME": "user"}
        assert "535" in send(project, MAIL_PASSWORD="wrong", **found)
        assert not postbox.offered
        assert not send(project, MAIL_PASSWORD="right", **found)
    assert len(postbox.taken) == 1


def test_what_the_server_refuses_is_told(project: Project) -> None:
    postbox = Postbox(to_recipients=["550 Nobody of that name", "451 Come again later"])
    with mail_server(postbox) as found:
        assert "Nobody of that name" in send(project, **found)
        assert "Come again later" in send(project, **found)
    assert not postbox.offered


def test_a_server_that_never_answers_is_not_waited_for(project: Project) -> None:
    with socket.create_server((HOST, 0)) as silent:
        found = settings(silent.getsockname()[1]) | {"MAIL_TIMEOUT": "1"}
        assert "timed out" in send(project, **found)


def test_a_mail_server_that_fails_costs_nobody_their_account(project: Project, tmp_path: Path) -> None:
    address = f"{secrets.token_hex(4)}@example.com"
    password = secrets.token_urlsafe(16)
    log = tmp_path / "gunicorn.log"
    silent = socket.create_server((HOST, 0))
    # The mail server is asked, and has not answered when the page has.
    environ = settings(silent.getsockname()[1]) | {"MAIL_TIMEOUT": str(3 * PATIENCE)}
    command = ["--bind", "127.0.0.1:{port}", "--capture-output", "--error-logfile", str(log)]
    with closing(silent), serve(project, "gunicorn", *command, **environ) as site:
        opener = visitor()
        passwords = {"password": password, "password_confirm": password}
        assert submit(opener, f"{site}/register", email=address, **passwords)[0] == 200
        with closing(sqlite3.connect(project.path / "instance" / "app.db")) as database:
            found = database.execute("SELECT count(*) FROM users WHERE email = ?", [address]).fetchone()
        assert found == (1,)
        silent.close()
        wait_for(lambda: "“welcome” was not sent: " in log.read_text("utf-8"))
        assert submit(opener, f"{site}/confirm", email=address)[0] == 200
        wait_for(lambda: "“confirm” was not sent: ConnectionRefusedError" in log.read_text("utf-8"))
    said = log.read_text("utf-8")
    assert address not in said
    assert password not in said
    assert "/confirm/" not in said
    assert "Traceback" not in said


def leave(project: Project, **environ: str) -> str:
    """Send a message to an address of its own, as a page does; it is with the worker when this returns."""
    address = f"{secrets.token_hex(4)}@example.com"
    python = str(project.path / ".venv/bin/python")
    result = project.run(python, "-c", SEND.format(address), **environ)
    assert result.returncode == 0, result.stderr
    assert address not in result.stderr
    return address


def test_a_worker_tries_again_until_the_message_is_taken_once(worker_project: Project, tmp_path: Path) -> None:
    postbox = Postbox(to_messages=["451 Come again later", "451 Not yet"])
    log = tmp_path / "worker.log"
    with mail_server(postbox) as environ, redis() as url:
        environ |= {"REDIS_URL": url, "MAIL_RETRY_DELAY": "1"}
        with worker(worker_project, log, **environ):
            address = leave(worker_project, **environ)
            wait_for(lambda: " succeeded in " in log.read_text("utf-8"))
    assert [message["To"] for message in postbox.offered] == [address] * 3
    assert len({message["Message-ID"] for message in postbox.offered}) == 1
    assert len(postbox.taken) == 1
    said = log.read_text("utf-8")
    assert said.count("“test” was not sent: SMTPDataError") == 2
    assert address not in said
    assert "It works" not in said


def test_without_the_broker_the_message_is_sent_all_the_same(worker_project: Project) -> None:
    postbox = Postbox()
    with mail_server(postbox) as environ, socket.create_server((HOST, 0)) as silent:
        ports = free_port(), silent.getsockname()[1]
        addresses = [leave(worker_project, REDIS_URL=f"redis://{HOST}:{port}/0", **environ) for port in ports]
    assert [message["To"] for message in postbox.taken] == addresses
