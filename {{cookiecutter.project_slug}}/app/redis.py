"""The Redis that REDIS_URL names, for whatever part of the application uses it."""

import re

from environs import ValidationError
from redis import ConnectionPool, RedisError

from .config import env

FORM = re.compile(r"rediss?://[^/?#]+(/\d*)?(\?[^#]*)?")


def redis_url() -> str:
    """Return the URL, or an empty string if none is set.

    A server with TLS has to show a valid certificate; not every client asks for one by itself.
    """
    url = env.str("REDIS_URL", "", validate=check_redis) or ""
    if not url.startswith("rediss://") or "ssl_cert_reqs=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=required"


def check_redis(url: str) -> None:
    """Refuse what is not the URL of a Redis server.

    :raises environs.ValidationError: it is another URL, or has an unknown option
    """
    try:
        is_valid = FORM.fullmatch(url) and ConnectionPool.from_url(url).make_connection()
    except (RedisError, TypeError, ValueError):
        is_valid = None
    if url and not is_valid:
        message = "Not a Redis URL, such as redis://127.0.0.1:6379/0."
        raise ValidationError(message)
