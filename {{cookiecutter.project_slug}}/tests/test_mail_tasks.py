"""Mail that a worker sends."""

import pytest
from flask import Flask

from app import create_app
from app.mail import send
from app.tasks.worker import celery


def test_a_worker_sends_the_mail(app: Flask) -> None:
    assert "mail.deliver" in celery.tasks
    with app.test_request_context():
        send("test", "Hello", "ada@example.com")
    assert app.extensions["mailman"].outbox[-1].to == ["ada@example.com"]


def test_without_its_broker_mail_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    app = create_app()
    app.extensions["celery"].conf.task_always_eager = False
    with app.test_request_context():
        send("test", "Hello", "ada@example.com")
    assert app.extensions["mailman"].outbox[-1].to == ["ada@example.com"]


def test_a_failed_delivery_is_tried_again() -> None:
    task = celery.tasks["mail.deliver"]
    assert OSError in task.autoretry_for
    assert task.max_retries > 1
