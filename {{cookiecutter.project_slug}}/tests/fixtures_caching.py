"""What the tests share that use the cache."""

import pytest
from flask import Flask

from app.caching import cache


@pytest.fixture(autouse=True)
def empty_cache(app: Flask) -> None:
    """Begin each test with nothing in the cache, as with nothing in the database."""
    with app.app_context():
        cache.clear()
