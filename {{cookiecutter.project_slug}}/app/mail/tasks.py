"""Delivery in the background: a worker sends the mail, and tries again when that fails."""

from celery import shared_task
from flask import current_app

from .delivery import deliver

NAME = "mail.deliver"

shared_task(deliver, name=NAME, autoretry_for=(OSError,), retry_backoff=True, max_retries=8)


def deliver_later(subject: str, to: str, text: str, html: str) -> None:
    """Leave the message to a worker."""
    current_app.extensions["celery"].tasks[NAME].delay(subject, to, text, html)
