"""The Redis that the project uses."""

import pytest

from app import create_app
from app.redis import redis_url


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", ""),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:p%40ss@host", "redis://:p%40ss@host"),
        ("rediss://host/0", "rediss://host/0?ssl_cert_reqs=required"),
        (
            "rediss://host/0?ssl_ca_certs=ca.pem",
            "rediss://host/0?ssl_ca_certs=ca.pem&ssl_cert_reqs=required",
        ),
        ("rediss://host?ssl_cert_reqs=none", "rediss://host?ssl_cert_reqs=none"),
    ],
)
def test_a_server_with_tls_has_to_show_a_certificate(
    given: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", given)
    create_app()
    assert redis_url() == used


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://localhost:6379",
        "redis://",
        "redis://localhost:port/0",
        "redis://localhost/cache",
        "redis://:pa#ss@localhost/0",
        "redis://localhost/0?colour=red",
        "rediss://localhost/0?ssl_cert_reqs=perhaps",
    ],
)
def test_another_url_is_refused_by_name(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(SystemExit, match="REDIS_URL: Not a Redis URL") as caught:
        create_app()
    assert "pa#ss" not in str(caught.value)
