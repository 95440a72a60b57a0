"""Delivery by a worker, which tries again when that fails."""

from dataclasses import asdict
from typing import Any

from celery import Task, shared_task
from celery.exceptions import OperationalError
from celery.utils.time import get_exponential_backoff_interval
from flask import current_app

from . import background
from .delivery import Message, deliver, is_final

NAME = "mail.deliver"
# In seconds; after an hour, Redis would give a task that still waits to a second worker.
LONGEST_DELAY = 30 * 60


class NotSentError(Exception):
    """A message was not sent; says so without the server's words, which hold the address."""


@shared_task(bind=True, name=NAME, ignore_result=True, max_retries=20)
def deliver_message(task: Task, message: dict[str, Any]) -> None:
    """Send the message, or try again later if that may help.

    :raises NotSentError: the server refused the message for good
    """
    failure = attempt(Message(**message))
    if not failure:
        return
    reason, final = failure
    if final:
        raise reason
    delay = get_exponential_backoff_interval(
        current_app.config["MAIL_RETRY_DELAY"],
        task.request.retries,
        LONGEST_DELAY,
        full_jitter=True,
    )
    raise task.retry(exc=reason, countdown=delay, argsrepr=message["template"])


def attempt(message: Message) -> tuple[NotSentError, bool] | None:
    """Send the message; else return the reason, and whether it is final.

    Celery logs what a task raises with all that led to it, so nothing is raised here.
    """
    try:
        deliver(message)
    except Exception as error:  # noqa: BLE001 Celery would log what it says
        return NotSentError(message.failure(error)), is_final(error)
    return None


def deliver_later(message: Message) -> None:
    """Leave the message to a worker, or to a thread when the broker can't be reached."""
    try:
        current_app.extensions["celery"].tasks[NAME].apply_async(
            [asdict(message)], argsrepr=message.template, retry=False
        )
    except OperationalError as error:
        current_app.logger.error("Mail is sent without the worker: %s", type(error).__name__)
        background.deliver_later(message)
