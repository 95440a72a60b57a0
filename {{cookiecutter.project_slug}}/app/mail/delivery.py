"""Hands one message to the mail server."""

import smtplib
from dataclasses import dataclass, field
from email.utils import formatdate, make_msgid, parseaddr

from flask import current_app
from flask_mailman import EmailMultiAlternatives

PERMANENT = 500  # from here on, a server's code means that trying again is of no use


def make_headers() -> dict[str, str]:
    """Return what tells this message from others.

    It is the same at each attempt, so that a server knows the message that it already has.
    """
    sender = parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1]
    return {
        "Auto-Submitted": "auto-generated",
        "Date": formatdate(),
        "Message-ID": make_msgid(domain=sender.rpartition("@")[2]),
    }


@dataclass(frozen=True)
class Message:
    """One message, ready to be sent."""

    template: str
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=make_headers)

    def failure(self, error: Exception) -> str:
        """Say that it was not sent, without the address and the text, which may hold a secret."""
        return f"“{self.template}” was not sent: {type(error).__name__}"


def deliver(message: Message) -> None:
    """Send the message as text and HTML.

    :raises OSError: the server can't be reached, or refuses the message
    :raises ValueError: the address is none
    """
    mail = EmailMultiAlternatives(
        message.subject, message.text, to=[message.to], headers=message.headers
    )
    mail.attach_alternative(message.html, "text/html")
    mail.send()


def try_to_deliver(message: Message) -> None:
    """Send the message, or note that this failed: what the user did stays done."""
    try:
        deliver(message)
    except Exception as error:  # noqa: BLE001 nobody waits for it who could be told
        current_app.logger.error(message.failure(error))


def is_final(error: Exception) -> bool:
    """Whether the message would fail again at another time."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= PERMANENT
    return isinstance(error, smtplib.SMTPNotSupportedError) or not isinstance(error, OSError)
