"""A site below a path of its host, such as ``https://example.com/shop/``."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import create_app

ADDRESS = re.compile(r'(?:href|src|action|data-[\w-]+)="((?:http://localhost)?/[^"]*)"')


def below_a_path(app: Flask) -> FlaskClient:
    """Return a browser for an application that the server has put below a path."""
    app.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]
        NotFound(), {"/shop": app.wsgi_app}
    )
    return app.test_client()


@pytest.fixture
def site(overrides: dict[str, object]) -> FlaskClient:
    """Return a browser for a site below a path."""
    return below_a_path(create_app(overrides))


@pytest.fixture(params=["server", "proxy"])
def get(
    request: pytest.FixtureRequest, overrides: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """Return a function that opens a page: the server has the path, or a proxy has removed it."""
    if request.param == "server":
        client = below_a_path(create_app(overrides))
        return lambda path: client.get(f"/shop{path}").text
    monkeypatch.setenv("PROXIES", "1")
    client = create_app(overrides).test_client()
    return lambda path: client.get(path, headers={"X-Forwarded-Prefix": "/shop"}).text


@pytest.mark.parametrize("path", ["/", "/?lang=en", "/no-such-page"])
def test_addresses_keep_the_path_of_the_site(path: str, get: Callable[[str], str]) -> None:
    addresses = [unescape(address) for address in ADDRESS.findall(get(path))]
    assert addresses
    for address in addresses:
        assert re.match(r"(http://localhost)?/shop/", address), address
        assert "=/" not in address or "=/shop/" in address, address


def test_cookies_are_for_the_site_only(site: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    app = site.application
    monkeypatch.setitem(app.view_functions, "pages.home", lambda: session.update(name="Ada") or "")
    cookies = site.get("/shop/").headers.getlist("Set-Cookie")
    assert cookies
    assert all(cookie.endswith("; Path=/shop") or "; Path=/shop;" in cookie for cookie in cookies)


def test_path_is_believed_of_known_proxies_only(client: FlaskClient) -> None:
    assert "/shop/" not in client.get("/", headers={"X-Forwarded-Prefix": "/shop"}).text


@pytest.mark.parametrize("prefix", ["//evil.example", "/\\evil.example", "evil", "/<p>", "/.."])
def test_path_that_would_lead_elsewhere_is_refused(
    prefix: str, overrides: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXIES", "1")
    response = create_app(overrides).test_client().get("/", headers={"X-Forwarded-Prefix": prefix})
    assert response.status_code == 400
    assert "evil" not in response.text
