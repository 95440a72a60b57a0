"""The headers of every response; https://developer.mozilla.org/observatory rates them."""

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from app.headers import relax


def test_every_response_has_a_strict_policy_with_its_own_nonce(client: FlaskClient) -> None:
    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(2)}
    assert len(policies) == 2
    assert not any("unsafe" in policy for policy in policies)


def test_a_policy_is_relaxed_for_its_own_pages_only(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "relaxed_policies", [])
    relax(app, "/healthz", {"style-src": "'unsafe-inline'"})
    assert "unsafe" in client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in client.get("/").headers["Content-Security-Policy"]


def test_https_is_asked_for_in_production_only(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    assert "Strict-Transport-Security" in client.get("/").headers


def test_an_anonymous_reader_gets_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/").headers


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/static/theme.js"])
def test_each_answer_of_production_is_closed(
    path: str, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    expected = {
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Strict-Transport-Security", "max-age=31536000"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    }
    with client.get(path) as response:
        assert expected <= set(response.headers)
        names = [name for name, _value in response.headers]
        assert len(names) == len(set(names))


def test_the_policy_leaves_no_way_in(client: FlaskClient) -> None:
    header = client.get("/").headers["Content-Security-Policy"]
    policy = dict(directive.split(" ", 1) for directive in header.split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert not any(word in header for word in ("unsafe", "http:", "https:", "*"))


def test_a_view_may_send_another_header(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        response = app.make_response("framed")
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        app.preprocess_request()
        assert app.process_response(response).headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    assert client.get("/").headers["X-Frame-Options"] == "DENY"


def test_only_what_was_made_with_a_session_is_kept_out_of_caches(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "pages.home", lambda: str(session.get("name")))
    response = app.test_client().get("/")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.headers["Vary"]
    monkeypatch.setitem(app.view_functions, "pages.home", lambda: "the same for all")
    response = app.test_client().get("/")
    assert "Cache-Control" not in response.headers
    assert "Vary" not in response.headers
