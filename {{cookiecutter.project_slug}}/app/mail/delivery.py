"""Hands one message to the mail server."""

from flask import current_app
from flask_mailman import EmailMultiAlternatives


def deliver(subject: str, to: str, text: str, html: str) -> None:
    """Send the message as text and HTML.

    :raises OSError: the server can't be reached, or refuses the message
    """
    message = EmailMultiAlternatives(subject, text, to=[to])
    message.attach_alternative(html, "text/html")
    message.send()


def try_to_deliver(subject: str, to: str, text: str, html: str) -> None:
    """Send the message, or note that this failed: what the user did stays done.

    The log names neither the address nor the text, which may hold a secret link.
    """
    try:
        deliver(subject, to, text, html)
    except OSError as error:
        current_app.logger.error("“%s” was not sent: %s", subject, type(error).__name__)
