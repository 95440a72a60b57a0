"""What the tests of the API share."""

{% if cookiecutter.security %}
from collections.abc import Callable

{% endif %}
import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
{% if cookiecutter.security %}
def writer(
    app: Flask, login: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """Return a client that sends the token of an editor, and no CSRF token."""
    login("editor")
    command = ["create-token", "editor@example.com"]
    token = app.test_cli_runner().invoke(args=command).output.strip()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = app.test_client()
    client.environ_base["HTTP_AUTHENTICATION_TOKEN"] = token
    return client
{% else %}
def writer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a client that sends the token."""
    token = "a token of at least 32 characters"
    monkeypatch.setenv("API_TOKEN", token)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client
{% endif %}
