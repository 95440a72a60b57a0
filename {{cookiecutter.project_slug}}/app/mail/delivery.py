"""Hands one message to the mail server."""

from flask_mailman import EmailMultiAlternatives


def deliver(subject: str, to: str, text: str, html: str) -> None:
    """Send the message as text and HTML.

    :raises OSError: the server can't be reached, or refuses the message
    """
    message = EmailMultiAlternatives(subject, text, to=[to])
    message.attach_alternative(html, "text/html")
    message.send()
