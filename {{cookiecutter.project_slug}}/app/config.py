"""Settings: typed, read from the environment and from ``.env``.

The parts of the application add the defaults of their own settings. See
https://flask.palletsprojects.com/config/ and https://github.com/sloria/environs
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from environs import Env, ValidationError, validate
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from werkzeug.middleware.proxy_fix import ProxyFix

from . import hosts

ROOT = Path(__file__).parent.parent
# Sets this project apart from others on the same servers, and their cookies on localhost.
SLUG = "{{ cookiecutter.project_slug }}"
SESSION_COOKIE = f"{SLUG}_session"
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ENVIRONMENTS = ["development", "testing", "production"]
# Hosts hand out URLs that name no driver; SQLAlchemy wants one.
DRIVERS = {
    {% for scheme, driver in cookiecutter._databases[cookiecutter.database].drivers.items() %}
    "{{ scheme }}": "{{ driver }}",
    {% endfor %}
}


class Settings(Env):
    """Collects errors while the application starts, so that all of them are shown at once.

    Meanwhile, a missing or invalid setting reads as None, because the program ends anyway.
    Afterwards, reading one raises its error.
    """

    @contextmanager
    def collected(self) -> Iterator[None]:
        """End the program if settings are wrong, with a line for each of them.

        :raises SystemExit: some are; servers and commands end without a traceback
        """
        self.eager = False
        self._errors = defaultdict(list)
        try:
            yield
        finally:
            self.eager = True
            if self._errors:
                sys.exit("\n".join(self.lines()))

    def lines(self) -> Iterator[str]:
        """Return a heading, and the first error of each setting."""
        yield "The application can't start with these settings:"
        for name, (message, *_others) in self._errors.items():
            yield f"{name}: {' '.join(message.split())}"

    def refuse(self, name: str, message: str) -> None:
        """Add an error that no validator of a single value finds."""
        self._errors[name].append(message)


env = Settings()


def init_app(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Read the settings that every part needs; production is what is assumed."""
    if os.environ.get("APP_ENV") != "testing":
        read_file(Path(ROOT, ".env"))
    environment = env.str(
        "APP_ENV",
        "production",
        validate=validate.OneOf(ENVIRONMENTS, error="{input} is none of {choices}"),
    )
    app.config.from_mapping(
        APP_ENV=environment,
        APP_NAME="{{ cookiecutter.project_name }}",
        MAX_CONTENT_LENGTH=env.int(
            "MAX_CONTENT_LENGTH", 16 * 1024 * 1024, validate=validate.Range(min=1)
        ),
        SECRET_KEY=secret("SECRET_KEY", 32),
        # What older keys have signed stays valid until they are taken away.
        SECRET_KEY_FALLBACKS=items("SECRET_KEY_FALLBACKS", *secret_checks(32)),
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=environment == "production",
        SITE_URL=env.str("SITE_URL", "", validate=hosts.check_site),
        SQLALCHEMY_DATABASE_URI=database_url(
            env.str("DATABASE_URL", validate=check_url) or "sqlite://"
        ),
        SQLALCHEMY_RECORD_QUERIES=app.debug,
        TESTING=environment == "testing",
        TRUSTED_HOSTS=items("TRUSTED_HOSTS", hosts.parse) or LOCAL_HOSTS,
    )
    app.config.update(overrides)
    if app.debug and app.config["APP_ENV"] == "production":
        env.refuse("FLASK_DEBUG", "On in production. Unset it, or set APP_ENV to development.")
    if not hosts.lists_site(app.config["TRUSTED_HOSTS"], app.config["SITE_URL"]):
        env.refuse("SITE_URL", "Its host is not in TRUSTED_HOSTS.")
    proxies = env.int("PROXIES", 0, validate=validate.Range(min=0))
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )


def read_file(path: Path) -> None:
    """Read a file of settings, if it is there; the environment wins over it.

    :raises SystemExit: it can't be read, without which nothing else can be said
    """
    try:
        content = path.read_text("utf-8")
        is_plain = not content.startswith("\ufeff") and "\0" not in content
    except FileNotFoundError:
        return
    except (OSError, UnicodeError):
        is_plain = False
    if not is_plain:
        sys.exit(f"{path} can't be read. Save it as text in UTF-8 without a byte order mark.")
    env.read_env(path, recurse=False)


def secret(name: str, length: int) -> str:
    """Return a secret of at least this many characters.

    While the application starts, an invalid one gives a stand-in.

    :raises environs.EnvError: it is missing, the example, or too short
    """
    return env.str(name, validate=secret_checks(length)) or "-" * length


def secret_checks(length: int) -> list[Callable[[str], object]]:
    """Return what refuses secrets that can be guessed; no message holds the secret itself."""
    hint = 'python -c "import secrets; print(secrets.token_urlsafe(48))" prints a good one.'
    return [
        validate.Regexp("(?!.*change-me)", error=f"This is the example. {hint}"),
        validate.Length(min=length, error=f"Fewer than {length} characters. {hint}"),
    ]


def optional_secret(name: str, length: int) -> str:
    """Return a secret, or nothing when it is not set.

    :raises environs.EnvError: it is the example, or too short
    """
    return secret(name, length) if env.str(name, "") else ""


def items(name: str, *checks: Callable[[str], object]) -> list[str]:
    """Return the items of a comma-separated list, without the white space around them.

    :raises environs.EnvError: one of the checks refuses an item
    """

    def check_each(text: str) -> None:
        for item in split(text):
            for check in checks:
                check(item)

    return split(env.str(name, "", validate=check_each) or "")


def split(text: str) -> list[str]:
    """Return the items of a comma-separated text."""
    return [item.strip() for item in text.split(",") if item.strip()]


def make_private(folder: Path) -> None:
    """Create a folder, and those that it is in, for this account alone; existing ones stay."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def check_url(url: str) -> None:
    """Refuse what is not the URL of a database that this project can connect to.

    :raises environs.ValidationError: SQLAlchemy can't read it, or has no driver for it
    """
    try:
        create_engine(database_url(url))  # which does not connect yet
    except (NoSuchModuleError, ImportError) as error:
        message = f"No driver is installed for this database, only for {', '.join(DRIVERS)}."
        raise ValidationError(message) from error
    except (ArgumentError, TypeError, ValueError) as error:
        message = "Not a database URL, such as sqlite:///app.db."
        raise ValidationError(message) from error


def database_url(url: str) -> str:
    """Return the URL with the driver that this project installs."""
    scheme, separator, rest = url.strip().partition("://")
    return DRIVERS.get(scheme, scheme) + separator + rest
