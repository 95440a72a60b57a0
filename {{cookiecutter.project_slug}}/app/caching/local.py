"""A cache in the memory of the process."""

from flask_caching.backends.simplecache import SimpleCache

from .serializer import Serializer


class LocalCache(SimpleCache):
    """Refuses the same values as Redis, so that development and tests show them."""

    serializer = Serializer()  # type: ignore[assignment]
