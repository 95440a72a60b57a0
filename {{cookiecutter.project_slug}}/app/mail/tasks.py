"""Delivery in the background: a worker sends the mail, and tries again when that fails."""

from celery import shared_task

from .delivery import deliver

deliver_later = shared_task(
    deliver,
    name="mail.deliver",
    autoretry_for=(OSError,),
    retry_backoff=True,
    max_retries=8,
).delay
