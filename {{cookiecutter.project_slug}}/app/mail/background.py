"""Delivery by a thread, so that nobody waits for the mail server.

Nor can anybody tell, by how long an answer takes, whether it made the application send mail.
"""

from concurrent.futures import ThreadPoolExecutor

from flask import current_app
from flask.ctx import AppContext

from .delivery import Message, try_to_deliver

# Its threads begin with the first message, so in each worker of the web server; a process that
# ends waits for them.
executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


def deliver_later(message: Message) -> None:
    """Leave the message to a thread; where MAIL_IN_BACKGROUND is off, as in tests, send it now."""
    if current_app.config["MAIL_IN_BACKGROUND"]:
        executor.submit(deliver_in, current_app.app_context(), message)
    else:
        try_to_deliver(message)


def deliver_in(context: AppContext, message: Message) -> None:
    """Send the message in the application's context."""
    with context:
        try_to_deliver(message)
