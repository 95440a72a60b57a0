"""What is counted, and where."""

from unittest.mock import Mock

import pytest
from flask import Flask

from app import create_app
from app.config import SLUG
from app.limits import address, limiter, or_address


@pytest.mark.parametrize(
    ("visitor", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5000", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:5000", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_who_has_a_network_counts_once(visitor: str | None, counted: str, app: Flask) -> None:
    environ = {} if visitor is None else {"REMOTE_ADDR": visitor}
    with app.test_request_context(environ_overrides=environ):
        assert address() == counted


def test_all_processes_count_together_where_there_is_a_redis(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.config["RATELIMIT_STORAGE_URI"] == "memory://"
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    shared = create_app()
    assert shared.config["RATELIMIT_STORAGE_URI"] == "redis://127.0.0.1:1/0"
    assert shared.config["RATELIMIT_STORAGE_OPTIONS"]["socket_timeout"] == 1
    assert shared.config["RATELIMIT_KEY_PREFIX"] == SLUG
    assert limiter(shared) is limiter(shared)


@pytest.mark.parametrize("uri", ["localhost:6379", "redis://host:port", "memcached://host"])
def test_an_unknown_storage_is_refused(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATELIMIT_STORAGE_URI", uri)
    with pytest.raises(SystemExit, match="RATELIMIT_STORAGE_URI: "):
        create_app()


def test_a_request_whose_key_cannot_be_read_counts_for_its_network(app: Flask) -> None:
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": "192.0.2.7"}):
        assert or_address(lambda: "user 1")() == "user 1"
        assert or_address(Mock(side_effect=ValueError))() == "192.0.2.7"
