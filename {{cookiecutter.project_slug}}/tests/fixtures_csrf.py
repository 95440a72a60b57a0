"""What the tests of expired forms share."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SendLate = Callable[..., TestResponse]


@pytest.fixture
def token() -> Callable[[TestResponse], str]:
    """Return a function that finds the CSRF token of a page."""

    def find(page: TestResponse) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    return find


@pytest.fixture
def send_late(token: Callable[[TestResponse], str], monkeypatch: pytest.MonkeyPatch) -> SendLate:
    """Return a function that opens the page of a form, and sends the form when its token has expired."""

    def send(client: FlaskClient, path: str, form: dict[str, str]) -> TestResponse:
        config = client.application.config
        monkeypatch.setitem(config, "WTF_CSRF_ENABLED", True)
        old = token(client.get(path))
        monkeypatch.setitem(config, "WTF_CSRF_TIME_LIMIT", -1)
        returned = client.post(path, data={**form, "csrf_token": old})
        monkeypatch.setitem(config, "WTF_CSRF_TIME_LIMIT", 3600)
        return returned

    return send


@pytest.fixture
def send_again(token: Callable[[TestResponse], str], send_late: SendLate) -> SendLate:
    """Return a function that sends a form late, and again as it comes back; both responses."""

    def send(client: FlaskClient, path: str, form: dict[str, str]) -> TestResponse:
        returned = send_late(client, path, form)
        assert returned.status_code == 400
        assert "This page was open for too long" in returned.text
        for value in form.values():
            assert value in returned.text, value
        return client.post(path, data={**form, "csrf_token": token(returned)})

    return send
