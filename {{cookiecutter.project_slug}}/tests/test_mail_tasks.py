"""Mail that a worker sends."""

from flask import Flask
from flask.testing import FlaskCliRunner

from app.tasks.worker import celery


def test_a_worker_sends_the_mail(app: Flask, runner: FlaskCliRunner) -> None:
    assert "mail.deliver" in celery.tasks
    runner.invoke(args=["send-test-mail", "ada@example.com"])
    assert app.extensions["mailman"].outbox[-1].to == ["ada@example.com"]


def test_a_failed_delivery_is_tried_again() -> None:
    task = celery.tasks["mail.deliver"]
    assert OSError in task.autoretry_for
    assert task.max_retries > 1
