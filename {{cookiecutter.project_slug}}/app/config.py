"""Settings: typed, read from the environment and from ``.env``.

The parts of the application add the defaults of their own settings. See
https://flask.palletsprojects.com/config/ and https://github.com/sloria/environs
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from environs import Env, validate
from flask import Flask

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = ["development", "testing", "production"]
# Hosts hand out URLs that name no driver; SQLAlchemy wants one.
DRIVERS = {
    {% for scheme, driver in cookiecutter._databases[cookiecutter.database].drivers.items() %}
    "{{ scheme }}": "{{ driver }}",
    {% endfor %}
}

env = Env()


def init_app(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Read the settings that every part needs; production is what is assumed.

    :raises environs.EnvError: a variable is missing or has a value that can't be used
    """
    if os.environ.get("APP_ENV") != "testing":
        env.read_env(Path(ROOT, ".env"), recurse=False)
    environment = env.str(
        "APP_ENV",
        "production",
        validate=validate.OneOf(ENVIRONMENTS, error="{input} is none of {choices}"),
    )
    if app.debug and environment == "production":
        message = "FLASK_DEBUG is on: unset it, or set APP_ENV to development."
        raise RuntimeError(message)

    app.config.from_mapping(
        APP_ENV=environment,
        APP_NAME="{{ cookiecutter.project_name }}",
        MAX_CONTENT_LENGTH=env.int("MAX_CONTENT_LENGTH", 16 * 1024 * 1024),
        SECRET_KEY=secret_key(),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=environment == "production",
        SQLALCHEMY_DATABASE_URI=database_url(env.str("DATABASE_URL")),
        SQLALCHEMY_RECORD_QUERIES=app.debug,
        TESTING=environment == "testing",
    )
    app.config.update(overrides)


def secret_key() -> str:
    """Return the key that signs sessions.

    :raises environs.EnvError: it is missing, the example, or too short to be random
    """
    hint = 'python -c "import secrets; print(secrets.token_urlsafe(48))" prints a good one.'
    return env.str(
        "SECRET_KEY",
        validate=validate.Length(min=32, error=f"Fewer than 32 characters. {hint}"),
    )


def database_url(url: str) -> str:
    """Return the URL with the driver that this project installs."""
    scheme, separator, rest = url.partition("://")
    return DRIVERS.get(scheme, scheme) + separator + rest
