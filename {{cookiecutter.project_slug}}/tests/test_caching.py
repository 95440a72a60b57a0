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
    assert "Redis" in create_app().config["CACHE_TYPE"]


def test_without_its_redis_the_cache_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    with create_app().app_context():
        assert not cache.set("answer", 42)
        assert not cache.add("answer", 42)
        cache.set_many({"answer": 42})
        assert cache.get("answer") is None
        assert cache.get_many("answer", "question") == [None, None]
        assert not cache.delete("answer")
        cache.delete_many("answer")
        assert not cache.clear()
        assert cache.memoize()(len)("four") == 4
