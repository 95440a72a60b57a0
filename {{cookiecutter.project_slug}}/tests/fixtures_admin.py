"""What the tests of the admin panel share."""

{% if cookiecutter.security %}
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def administrator(login: Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of an administrator."""
    return login("admin")
{% else %}
import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def administrator(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return the browser of an administrator."""
    monkeypatch.setenv("ADMIN_USERNAME", "boss")
    monkeypatch.setenv("ADMIN_PASSWORD", "the right one")
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Basic Ym9zczp0aGUgcmlnaHQgb25l"
    return client
{% endif %}
