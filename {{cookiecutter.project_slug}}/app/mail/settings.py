"""The settings of the mail server, checked when the application starts."""

from email.utils import parseaddr

from environs import ValidationError, validate
from flask import Flask
from flask_mailman import Mail
from flask_mailman.message import sanitize_address

from ..config import env
from ..hosts import is_local
from .file import FileBackend
from .smtp import EmailBackend

BACKENDS = ["smtp", "file", "console", "locmem", "dummy"]
OWN_BACKENDS = {"file": FileBackend, "smtp": EmailBackend}

mail = Mail()


def init_app(app: Flask) -> None:
    """Read the settings, and connect the extension."""
    known = validate.OneOf(BACKENDS, error="{input} is none of {choices}")
    port = validate.Range(1, 65535, error="{input} is not between {min} and {max}")
    positive = validate.Range(min=1, error="{input} is less than {min}")
    for name, value in {
        "MAIL_BACKEND": env.str(
            "MAIL_BACKEND", "locmem" if app.testing else "smtp", validate=known
        ),
        "MAIL_DEFAULT_SENDER": env.str(
            "MAIL_DEFAULT_SENDER", "noreply@example.com", validate=check_sender
        ),
        "MAIL_FILE_PATH": f"{app.instance_path}/mail",
        "MAIL_IN_BACKGROUND": not app.testing,
        "MAIL_PASSWORD": env.str("MAIL_PASSWORD", None),
        "MAIL_PORT": env.int("MAIL_PORT", 25, validate=port),
        {% if cookiecutter.tasks %}
        "MAIL_RETRY_DELAY": env.int("MAIL_RETRY_DELAY", 60, validate=positive),
        {% endif %}
        "MAIL_SERVER": env.str("MAIL_SERVER", "localhost"),
        "MAIL_TIMEOUT": env.int("MAIL_TIMEOUT", 10, validate=positive),
        "MAIL_USERNAME": env.str("MAIL_USERNAME", None),
        "MAIL_USE_SSL": env.bool("MAIL_USE_SSL", False),
        "MAIL_USE_TLS": env.bool("MAIL_USE_TLS", False),
    }.items():
        app.config.setdefault(name, value)
    check_encryption(app)
    state = mail.init_app(app)
    backend = app.config["MAIL_BACKEND"]
    state.backend = OWN_BACKENDS.get(backend, state.backend)
    if backend != "smtp" and app.config["APP_ENV"] == "production":
        app.logger.warning("No mail is sent: MAIL_BACKEND is %s.", backend)


def check_sender(sender: str) -> None:
    """Refuse what mail can't come from.

    :raises environs.ValidationError: it holds no address
    """
    if not is_address(sender):
        message = f"{sender!r} is no address, such as noreply@example.com or App <app@example.com>"
        raise ValidationError(message)


def is_address(text: str) -> bool:
    """Whether mail could come from there, or go there."""
    try:
        _name, address = parseaddr(sanitize_address(text, "utf-8"))
    except ValueError:
        return False
    user, _at, host = address.rpartition("@")
    return bool(user and host)


def check_encryption(app: Flask) -> None:
    """Refuse settings that contradict each other, or would give the password away."""
    use_ssl, use_tls = app.config["MAIL_USE_SSL"], app.config["MAIL_USE_TLS"]
    if use_ssl and use_tls:
        message = (
            "On, and MAIL_USE_SSL too: unset one."
            " MAIL_USE_TLS is for port 587, MAIL_USE_SSL for port 465."
        )
        env.refuse("MAIL_USE_TLS", message)
    # In development, the server is often a container that takes any password.
    if (
        app.config["APP_ENV"] == "production"
        and app.config["MAIL_BACKEND"] == "smtp"
        and app.config["MAIL_USERNAME"]
        and not (use_ssl or use_tls or is_local(app.config["MAIL_SERVER"]))
    ):
        message = (
            "Its password would be sent in clear text:"
            " set MAIL_USE_TLS (port 587) or MAIL_USE_SSL (port 465)."
        )
        env.refuse("MAIL_USERNAME", message)
