"""E-mail: sends a message made from templates.

See https://waynerv.github.io/flask-mailman/
"""

import click
from environs import validate
from flask import Flask, current_app, render_template
from flask.cli import with_appcontext
from flask_mailman import Mail

from ..config import env
from ..text import gettext as _
from . import delivery, mailbox
{% if cookiecutter.tasks %}
from .tasks import deliver_later as deliver
{% else %}
from .delivery import try_to_deliver as deliver
{% endif %}

__all__ = ["deliver", "init_app", "send"]

BACKENDS = ["smtp", "file", "console", "locmem", "dummy"]

mail = Mail()


def init_app(app: Flask) -> None:
    """Read the settings of the mail server, and add the mailbox of the debug mode."""
    known = validate.OneOf(BACKENDS, error="{input} is none of {choices}")
    backend = env.str("MAIL_BACKEND", "locmem" if app.testing else "smtp", validate=known)
    app.config.setdefault("MAIL_BACKEND", backend)
    app.config.setdefault("MAIL_SERVER", env.str("MAIL_SERVER", "localhost"))
    app.config.setdefault("MAIL_PORT", env.int("MAIL_PORT", 25))
    app.config.setdefault("MAIL_USE_TLS", env.bool("MAIL_USE_TLS", False))
    app.config.setdefault("MAIL_USE_SSL", env.bool("MAIL_USE_SSL", False))
    app.config.setdefault("MAIL_USERNAME", env.str("MAIL_USERNAME", None))
    app.config.setdefault("MAIL_PASSWORD", env.str("MAIL_PASSWORD", None))
    app.config.setdefault("MAIL_TIMEOUT", env.int("MAIL_TIMEOUT", 10))
    app.config.setdefault("MAIL_FILE_PATH", f"{app.instance_path}/mail")
    app.config.setdefault(
        "MAIL_DEFAULT_SENDER", env.str("MAIL_DEFAULT_SENDER", "noreply@example.com")
    )
    mail.init_app(app)
    mailbox.init_app(app)
    app.cli.add_command(send_test_mail)


def send(template: str, subject: str, to: str, **context: object) -> None:
    """Send ``mail/<template>.txt`` and ``.html``, rendered with the context."""
    deliver(subject, to, *render(template, subject, **context))


def render(template: str, subject: str, **context: object) -> tuple[str, str]:
    """Return the text and the HTML of a message."""
    text = render_template(f"mail/{template}.txt", subject=subject, **context)
    html = render_template(f"mail/{template}.html", subject=subject, **context)
    return text, html


@click.command()
@click.argument("address")
@with_appcontext
def send_test_mail(address: str) -> None:
    """Send a message to ADDRESS at once, to see that the server takes it."""
    subject = _("It works")
    try:
        delivery.deliver(subject, address, *render("test", subject))
    except OSError as error:
        config = current_app.config
        message = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']} did not take the message: {error}"
        raise click.ClickException(message) from error
    click.echo(f"Sent to {address}.")
