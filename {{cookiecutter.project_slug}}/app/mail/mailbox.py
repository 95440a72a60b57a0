"""The mailbox of the debug mode: shows the mail that was kept in files."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Flask, current_app, render_template

from ..layout import Link, add_link
from ..text import lazy_gettext as _l

SEPARATOR = b"\n" + b"-" * 79 + b"\n"

blueprint = Blueprint("mail", __name__, template_folder="templates")


@dataclass(frozen=True)
class Message:
    """What the page shows of one message."""

    subject: str
    to: str
    date: str
    text: str
    html: str


def init_app(app: Flask) -> None:
    """Add the templates, and in debug mode the page."""
    app.register_blueprint(blueprint)
    if app.debug:
        app.add_url_rule("/dev/mailbox", "mail.mailbox", mailbox)
        add_link(app, Link(_l("Mailbox"), "mail.mailbox"))


def mailbox() -> str:
    """Show the messages, the newest first."""
    return render_template("mail/mailbox.html", messages=read_messages())


def read_messages() -> list[Message]:
    """Read the files that Flask-Mailman's file backend wrote, the newest first."""
    paths = sorted(Path(current_app.config["MAIL_FILE_PATH"]).glob("*.log"), reverse=True)
    return [
        read_message(content)
        for path in paths
        for content in path.read_bytes().split(SEPARATOR)
        if content
    ]


def read_message(content: bytes) -> Message:
    """Take from a message what the page shows."""
    message = message_from_bytes(content, EmailMessage, policy=policy.default)
    return Message(
        subject=str(message["Subject"]),
        to=str(message["To"]),
        date=str(message["Date"]),
        text=part(message, "plain"),
        html=part(message, "html"),
    )


def part(message: EmailMessage, kind: str) -> str:
    """Return one form of the message's text, empty where it has none."""
    body = message.get_body([kind])
    return body.get_content() if body else ""
