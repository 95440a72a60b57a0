"""The cache."""

import pytest
from flask import Flask

from app import create_app
from app.caching import cache


def test_what_is_kept_is_found_again(app: Flask) -> None:
    with app.app_context():
        cache.set("answer", 42)
        assert cache.get("answer") == 42


def test_redis_is_used_when_it_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app.config["CACHE_TYPE"] == "SimpleCache"
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    assert create_app().config["CACHE_TYPE"] == "RedisCache"
