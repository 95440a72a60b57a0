"""The cache: in Redis when ``REDIS_URL`` is set, else in each process's memory.

Cache data and fragments rather than pages: a page holds a nonce and a CSRF token.
See https://flask-caching.readthedocs.io
"""

from flask import Flask
from flask_caching import Cache

from ..config import env

cache = Cache()


def init_app(app: Flask) -> None:
    """Choose where the cache is kept."""
    redis_url = env.str("REDIS_URL", "")
    redis = f"{__name__}.redis.OptionalRedisCache"
    app.config.setdefault("CACHE_TYPE", redis if redis_url else "SimpleCache")
    app.config.setdefault("CACHE_REDIS_URL", redis_url)
    # A server that does not answer is not waited for; seconds.
    timeouts = {"socket_connect_timeout": 1, "socket_timeout": 1}
    app.config.setdefault("CACHE_OPTIONS", timeouts if redis_url else {})
    app.config.setdefault("CACHE_KEY_PREFIX", "{{ cookiecutter.project_slug }}:")
    app.config.setdefault("CACHE_DEFAULT_TIMEOUT", 300)
    cache.init_app(app)
