"""URLs that a request names."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.urls import can_be_parsed


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:99999/",
        "http://localhost:abc/",
        "http://localhost:-1/",
        "//localhost:65536",
        "//[",
        "http://[::1",
        "http://]/",
        "////[",
        "http:////[",
        r"/\[",
        r"\\localhost:abc",
        "/ /[",
        "http://\u2100.com/",
        "/a\nb",
        "/a\r\nSet-Cookie: x=1",
        "/\0",
    ],
)
def test_broken_url_is_recognized(url: str) -> None:
    assert not can_be_parsed(url)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/books/?page=2&sort=[name]",
        "http://localhost/books/",
        "http://localhost:5000/",
        "http://[::1]:5000/books/",
        "/caf\u00e9?q=a b",
        "http://other.example/",
        r"C:\temp",
    ],
)
def test_valid_url_is_accepted(url: str, client: FlaskClient) -> None:
    assert can_be_parsed(url)
    assert client.get("/", headers={"Referer": url}).status_code == 200


@pytest.mark.parametrize("url", ["http://[", "//[::1", "http://]/", "https://localhost:99999/"])
def test_broken_referrer_is_refused(
    url: str, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    headers = {"Referer": url}
    for ask in (client.get, client.post):
        assert ask("/", base_url="https://localhost", headers=headers).status_code == 400
