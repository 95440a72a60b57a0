"""How often something may be asked for; the parts of the application say what.

See https://flask-limiter.readthedocs.io
"""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

from environs import ValidationError
from flask import Flask, request
from flask_limiter import Limiter
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from redis import RedisError

from .config import SLUG, env
from .redis import redis_url

# A household with IPv6 has a network of this size for itself.
IPV6_NETWORK = 64


def limiter(app: Flask) -> Limiter:
    """Return what counts the requests, one for the whole application.

    The counters are in Redis when REDIS_URL or RATELIMIT_STORAGE_URI names one, so that all
    processes share them, and otherwise in the memory of each.
    """
    if "limits" not in app.extensions:
        chosen = env.str("RATELIMIT_STORAGE_URI", "", validate=check_storage)
        storage = chosen or redis_url() or "memory://"
        app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
        app.config.setdefault("RATELIMIT_STORAGE_URI", storage)
        app.config.setdefault("RATELIMIT_KEY_PREFIX", SLUG)
        app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
        if storage.startswith("redis"):
            time_outs = {"socket_connect_timeout": 1, "socket_timeout": 1}
            app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", time_outs)
        # Without its Redis the site goes on, and each process counts for itself; what is being
        # counted when it goes fails no request.
        app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
        app.config.setdefault("RATELIMIT_SWALLOW_ERRORS", True)
        app.extensions["limits"] = Limiter(address, app=app)
    return cast("Limiter", app.extensions["limits"])


def check_storage(uri: str) -> None:
    """Refuse a place that nothing can be counted in.

    :raises environs.ValidationError: it is unknown, or needs a package that is not installed
    """
    try:
        storage_from_string(uri or "memory://")
    except (ConfigurationError, RedisError, TypeError, ValueError) as error:
        message = "Not a storage of Flask-Limiter, such as redis://127.0.0.1:6379/0."
        raise ValidationError(message) from error


def or_address(key: Callable[[], str]) -> Callable[[], str]:
    """Return a key function that falls back on the network, such as for a body that can't be read.

    Flask-Limiter takes any error for a storage that is down: it would forget what all processes
    have counted, and count anew in the memory of each.
    """

    def safe_key() -> str:
        try:
            return key()
        except Exception:  # noqa: BLE001 whatever it is, the view will meet it, and answer
            return address()

    return safe_key


def address() -> str:
    """Return the network that the request comes from.

    Some proxies name a port as well, or no address at all; all such requests count together.
    """
    visitor = request.remote_addr or ""
    with suppress(ValueError):
        return network(visitor)
    with suppress(ValueError):
        return network(urlsplit(f"//{visitor}").hostname or "")
    return visitor or "unknown"


def network(text: str) -> str:
    """Return the network of an address, which is all that somebody may have to themselves.

    :raises ValueError: the text is no address
    """
    visitor = ip_address(text)
    if not isinstance(visitor, IPv6Address):
        return str(visitor)
    if visitor.ipv4_mapped:
        return str(visitor.ipv4_mapped)
    return str(ip_network((visitor, IPV6_NETWORK), strict=False))
