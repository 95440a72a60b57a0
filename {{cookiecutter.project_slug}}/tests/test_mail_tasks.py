"""Mail that a worker sends."""

import smtplib
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_mailman import EmailMultiAlternatives

from app import create_app
from app.mail import send
from app.mail.tasks import NAME
from app.tasks.worker import celery

ADDRESS = "ada@example.com"
LATER = smtplib.SMTPRecipientsRefused({ADDRESS: (451, b"later, " + ADDRESS.encode())})
NEVER = smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no " + ADDRESS.encode())})


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[EmailMultiAlternatives]:
    """Return the messages that were given to the server, which takes none."""
    return attempts_at(LATER, monkeypatch)


def attempts_at(error: Exception, monkeypatch: pytest.MonkeyPatch) -> list[EmailMultiAlternatives]:
    """Let the server answer so, and return what it is given."""
    found: list[EmailMultiAlternatives] = []

    def refuse(message: EmailMultiAlternatives) -> None:
        found.append(message)
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    return found


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    """Send from a page."""
    with app.test_request_context():
        yield


def test_a_worker_sends_the_mail(app: Flask) -> None:
    assert NAME in celery.tasks
    send("test", ADDRESS)
    assert app.extensions["mailman"].outbox[-1].to == [ADDRESS]


def test_without_its_broker_mail_is_sent_by_the_application(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    app = create_app()
    app.extensions["celery"].conf.task_always_eager = False
    with app.test_request_context():
        send("test", ADDRESS)
    assert app.extensions["mailman"].outbox[-1].to == [ADDRESS]
    assert "Mail is sent without the worker: OperationalError" in caplog.text
    assert ADDRESS not in caplog.text


def test_the_same_message_is_tried_again(attempts: list[EmailMultiAlternatives]) -> None:
    send("test", ADDRESS)
    assert len(attempts) == celery.tasks[NAME].max_retries + 1
    assert len({message.extra_headers["Message-ID"] for message in attempts}) == 1


@pytest.mark.parametrize("error", [LATER, NEVER], ids=["later", "never"])
def test_a_failure_is_logged_without_what_is_private(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    attempts_at(error, monkeypatch)
    send("test", ADDRESS)
    assert "“test” was not sent: SMTPRecipientsRefused" in caplog.text
    assert ADDRESS not in caplog.text
    assert "It works" not in caplog.text


def test_what_is_refused_for_good_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = attempts_at(NEVER, monkeypatch)
    send("test", ADDRESS)
    assert len(attempts) == 1
