"""A cache in Redis that the application can do without."""

import logging
from collections.abc import Callable
from functools import wraps
from threading import Lock
from time import monotonic
from typing import Any

from flask_caching.backends.rediscache import RedisCache
from redis.exceptions import RedisError

from .serializer import Serializer

PAUSE = 5  # seconds without a further attempt, so that pages don't wait for a server that is down
SILENCE = 60  # seconds without a further line in the log

logger = logging.getLogger(__name__)

Method = Callable[..., Any]


def optional(method: Method, otherwise: Callable[[tuple[Any, ...]], object]) -> Method:
    """Make the method give an answer of its own when Redis can't be reached."""

    @wraps(method)
    def guarded(self: "OptionalRedisCache", *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as the method
        if monotonic() >= self.retry_at:
            try:
                return method(self, *args, **kwargs)
            except RedisError as error:
                self.note_failure(error)
        return otherwise(args)

    return guarded


def add(self: RedisCache, key: str, value: object, timeout: int) -> bool:
    """Write what is not there yet, in one step, so that a lock ends whatever happens."""
    name, dump = self._get_prefix() + key, self.serializer.dumps(value)
    return bool(self._write_client.set(name, dump, ex=timeout, nx=True))


class OptionalRedisCache(RedisCache):
    """Finds nothing and keeps nothing while Redis is down, so that pages are slower but there."""

    serializer = Serializer()  # type: ignore[assignment]
    retry_at = 0.0
    log_at = 0.0
    lock = Lock()

    def note_failure(self, error: RedisError) -> None:
        """Leave Redis alone for a while, and say so, but not each time."""
        with self.lock:
            now = monotonic()
            self.retry_at = now + PAUSE
            if now >= self.log_at:
                self.log_at = now + SILENCE
                logger.warning("The cache can't be reached: %s", error)

    ping = optional(lambda self: bool(self._write_client.ping()), lambda _args: False)
    get = optional(RedisCache.get, lambda _keys: None)
    get_many = optional(RedisCache.get_many, lambda keys: [None] * len(keys))
    set = optional(RedisCache.set, lambda _args: False)
    set_many = optional(RedisCache.set_many, lambda _args: [])
    # What nobody else can see is not there yet.
    add = optional(add, lambda _args: True)
    delete = optional(RedisCache.delete, lambda _args: False)
    delete_many = optional(RedisCache.delete_many, lambda _args: [])
    clear = optional(RedisCache.clear, lambda _args: False)
