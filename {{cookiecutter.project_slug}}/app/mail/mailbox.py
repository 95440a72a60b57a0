"""The mailbox of the debug mode: shows the mail that was kept in files."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Flask, current_app, render_template

from ..headers import relax
from ..layout import Link, add_link
from ..text import lazy_gettext as _l

PATH = "/dev/mailbox"
SEPARATOR = b"\n" + b"-" * 79 + b"\n"
SHOWN = 50

blueprint = Blueprint("mail", __name__, template_folder="templates")


@dataclass(frozen=True)
class Mail:
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
        app.add_url_rule(PATH, "mail.mailbox", mailbox)
        add_link(app, Link(_l("Mailbox"), "mail.mailbox"))
        # A message brings its styles along, and its frame obeys the policy of the page.
        relax(app, PATH, {"style-src": "'self' 'unsafe-inline'"})


def mailbox() -> str:
    """Show the latest messages, the newest first."""
    return render_template("mail/mailbox.html", messages=read_messages()[:SHOWN])


def read_messages() -> list[Mail]:
    """Read the files that Flask-Mailman's file backend wrote, the newest first."""
    paths = Path(current_app.config["MAIL_FILE_PATH"]).glob("*.log")
    newest = sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [
        read_message(content)
        for path in newest[:SHOWN]
        for content in reversed(path.read_bytes().split(SEPARATOR))
        if content
    ]


def read_message(content: bytes) -> Mail:
    """Take from a message what the page shows, or all of it where that can't be read."""
    try:
        message = message_from_bytes(content, EmailMessage, policy=policy.default)
        return Mail(
            subject=str(message["Subject"] or ""),
            to=str(message["To"] or ""),
            date=str(message["Date"] or ""),
            text=part(message, "plain"),
            html=part(message, "html"),
        )
    except Exception:  # noqa: BLE001 the parser raises many kinds
        return Mail("", "", "", content.decode(errors="replace"), "")


def part(message: EmailMessage, kind: str) -> str:
    """Return one form of the message's text, empty where it has none."""
    body = message.get_body([kind])
    return body.get_content() if body else ""
