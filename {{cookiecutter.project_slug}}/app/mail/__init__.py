"""E-mail: sends a message made from templates.

A package takes part with a module ``mail.py``, whose ``init_app`` is called.
See https://waynerv.github.io/flask-mailman/
"""

import click
from flask import Flask, current_app, render_template
from flask.cli import with_appcontext

from ..discovery import modules_named
from ..text import in_language
from . import delivery, mailbox, settings
{% if cookiecutter.tasks %}
from .tasks import deliver_later
{% else %}
from .background import deliver_later
{% endif %}

__all__ = ["init_app", "send"]


def init_app(app: Flask) -> None:
    """Read the settings of the mail server, and add the mailbox of the debug mode."""
    settings.init_app(app)
    mailbox.init_app(app)
    for module in modules_named("mail"):
        module.init_app(app)
    app.cli.add_command(send_test_mail)


def send(template: str, to: str, *, language: str | None = None, **context: object) -> None:
    """Send ``mail/<template>.txt`` and ``.html``, rendered with the context.

    The caller does not wait for the mail server, and does not hear of its failures.

    :param language: the recipient's; without it, the language of the page
    :raises ValueError: the text does not begin with its subject
    """
    deliver_later(render(template, to, language=language, **context))


def render(
    template: str, to: str, *, language: str | None = None, **context: object
) -> delivery.Message:
    """Make the message: the first line of its text is the subject, then a line is empty.

    :raises ValueError: the text does not begin with its subject
    """
    with in_language(language):
        subject, _, text = render_template(f"mail/{template}.txt", **context).partition("\n")
        if not subject.strip() or not text.startswith("\n"):
            reason = f"mail/{template}.txt has to begin with its subject and an empty line."
            raise ValueError(reason)
        # Whatever else ends a line must not begin another header.
        subject = " ".join(subject.split())
        html = render_template(f"mail/{template}.html", subject=subject, **context)
    return delivery.Message(template, to, subject, text.strip() + "\n", html)


@click.command()
@click.argument("address")
@with_appcontext
def send_test_mail(address: str) -> None:
    """Send a message to ADDRESS at once, to see that the server takes it."""
    if not settings.is_address(address):
        message = f"{address!r} is no address."
        raise click.ClickException(message)
    config = current_app.config
    try:
        delivery.deliver(render("test", address))
    except (OSError, ValueError) as error:
        message = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']} did not take the message: {error}"
        raise click.ClickException(message) from error
    if config["MAIL_BACKEND"] == "smtp":
        click.echo(f"Sent to {address}.")
    else:
        click.echo(f"MAIL_BACKEND is {config['MAIL_BACKEND']}: nothing leaves for {address}.")
