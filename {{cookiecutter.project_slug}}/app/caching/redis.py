"""A cache in Redis that the application can do without."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask_caching.backends.rediscache import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Method = Callable[..., Any]


def optional(method: Method, otherwise: Callable[[tuple[Any, ...]], object]) -> Method:
    """Make the method give an answer of its own when Redis can't be reached."""

    @wraps(method)
    def guarded(self: RedisCache, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as the method
        try:
            return method(self, *args, **kwargs)
        except RedisError as error:
            logger.warning("The cache can't be reached: %s", error)
            return otherwise(args)

    return guarded


class OptionalRedisCache(RedisCache):
    """Finds nothing and keeps nothing while Redis is down, so that pages are slower but there."""

    get = optional(RedisCache.get, lambda _keys: None)
    get_many = optional(RedisCache.get_many, lambda keys: [None] * len(keys))
    set = optional(RedisCache.set, lambda _args: False)
    set_many = optional(RedisCache.set_many, lambda _args: [])
    add = optional(RedisCache.add, lambda _args: False)
    delete = optional(RedisCache.delete, lambda _args: False)
    delete_many = optional(RedisCache.delete_many, lambda _args: [])
    clear = optional(RedisCache.clear, lambda _args: False)
