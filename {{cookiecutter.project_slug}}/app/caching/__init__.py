"""The cache: in Redis when ``REDIS_URL`` is set, else in each process's memory.

Cache data and fragments rather than pages: a page holds a nonce and a CSRF token. ``remember``
keeps what a query answers, and the tag ``cache`` a part of a template; there, name the part, the
language, ``cache_version("table", …)``, and whatever else decides what is in it. See
https://flask-caching.readthedocs.io
"""

import click
from flask import Flask
from flask.cli import AppGroup
from redis.backoff import NoBackoff
from redis.retry import Retry

from ..config import SLUG
from ..pages import health
from ..redis import redis_url
from .answers import cache, remember, version
from .redis import OptionalRedisCache

__all__ = ["cache", "remember", "version"]

# Another form of the values gets another prefix: a release never reads those of an older one.
PREFIX = f"{SLUG}:cache:json:"

commands = AppGroup("cache", help="Manage the cache.")


def init_app(app: Flask) -> None:
    """Choose where the cache is kept."""
    url = redis_url()
    if url:
        app.config.setdefault("CACHE_TYPE", f"{__name__}.redis.OptionalRedisCache")
        app.config.setdefault("CACHE_REDIS_URL", url)
        # A server that does not answer is not waited for; seconds. One that has been started
        # again has closed its connections, so that a second attempt is worth it.
        options = {"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)}
        app.config.setdefault("CACHE_OPTIONS", options)
        health.add_check(app, "cache", state)
    app.config.setdefault("CACHE_TYPE", f"{__name__}.local.LocalCache")
    app.config.setdefault("CACHE_KEY_PREFIX", PREFIX)
    app.config.setdefault("CACHE_DEFAULT_TIMEOUT", 300)
    cache.init_app(app)
    app.jinja_env.globals["cache_version"] = version
    app.cli.add_command(commands)


def state() -> str:
    """Return ``ok`` or ``unreachable``."""
    backend = cache.cache
    there = backend.ping() if isinstance(backend, OptionalRedisCache) else True
    return "ok" if there else "unreachable"


@commands.command()
def clear() -> None:
    """Empty the cache in Redis; that of a process ends with the process."""
    if state() != "ok":
        message = "The cache can't be reached."
        raise click.ClickException(message)
    cache.clear()
    click.echo("The cache is empty.")
