"""Delivery in the background: a worker sends the mail, and tries again when that fails."""

from celery import shared_task
from celery.exceptions import OperationalError
from flask import current_app

from .delivery import deliver, try_to_deliver

NAME = "mail.deliver"

shared_task(
    deliver,
    name=NAME,
    autoretry_for=(OSError,),
    ignore_result=True,
    max_retries=8,
    retry_backoff=True,
)


def deliver_later(subject: str, to: str, text: str, html: str) -> None:
    """Leave the message to a worker, or send it at once when the broker can't be reached."""
    try:
        current_app.extensions["celery"].tasks[NAME].delay(subject, to, text, html)
    except OperationalError:
        current_app.logger.exception("A message is sent without the worker.")
        try_to_deliver(subject, to, text, html)
