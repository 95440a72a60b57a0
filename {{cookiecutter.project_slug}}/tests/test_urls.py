"""URLs that a request names."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

BROKEN = [
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
]
VALID = [
    "",
    "/",
    "/products/?page=2&sort=[name]",
    "http://localhost/products/",
    "http://localhost:5000/",
    "http://[::1]:5000/admin/",
    "/caf\u00e9?q=a b",
    "http://other.example/",
]


@pytest.mark.parametrize("url", BROKEN)
@pytest.mark.parametrize("name", ["next", "url"])
def test_broken_url_in_a_parameter_is_refused(name: str, url: str, client: FlaskClient) -> None:
    assert client.get("/", query_string={name: url}).status_code == 400
    assert client.get("/", query_string={name: ["/", url]}).status_code == 400
    assert client.post("/", data={name: url}).status_code == 400


@pytest.mark.parametrize("url", ["/a\nb", "/a\r\nSet-Cookie: x=1"])
def test_url_that_would_break_a_header_is_refused(url: str, client: FlaskClient) -> None:
    assert client.get("/", query_string={"url": url}).status_code == 400


@pytest.mark.parametrize("url", VALID)
def test_valid_url_is_accepted(url: str, client: FlaskClient) -> None:
    for name in ("next", "url"):
        assert client.get("/", query_string={name: url}).status_code == 200
    assert client.get("/", headers={"Referer": url}).status_code == 200


@pytest.mark.parametrize("url", ["http://[", "//[::1", "http://]/", "https://localhost:99999/"])
def test_broken_referer_is_refused(
    url: str, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    sent = {"base_url": "https://localhost", "headers": {"Referer": url}}
    assert client.get("/", **sent).status_code == 400
    assert client.post("/", **sent).status_code == 400
