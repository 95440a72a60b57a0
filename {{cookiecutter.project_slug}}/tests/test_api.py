"""The API as a whole; what it offers is tested with the packages that offer it."""

import json
from pathlib import Path
{% if not cookiecutter.security %}
from typing import Any
{% endif %}

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from app import create_app
from app.api.access import writers_only


def test_the_api_tells_what_it_is(app: Flask, client: FlaskClient) -> None:
    assert client.get("/api/v1/status").json == {"name": app.config["APP_NAME"], "version": "v1"}


def test_the_document_is_openapi_3_1(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/status" in document["paths"]


def test_the_document_can_be_written_to_a_file(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    assert runner.invoke(args=["openapi", "write", str(file)]).exit_code == 0
    assert json.loads(file.read_text("utf-8"))["info"]["version"] == "v1"


def test_the_documentation_is_served_from_here(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text
    assert 'data-url="/api/v1/openapi.json"' in page
    with client.get("/api/v1/static/swagger-ui/swagger-ui-bundle.js") as response:
        assert response.status_code == 200


def test_only_answers_for_everybody_are_kept_by_caches(
    client: FlaskClient, writer: FlaskClient
) -> None:
    assert "Cache-Control" not in client.get("/api/v1/status").headers
    assert writer.get("/api/v1/status").headers["Cache-Control"] == "no-store"


def test_errors_are_problem_details(client: FlaskClient) -> None:
    response = client.get("/api/v1/nothing")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


@pytest.fixture
def guarded() -> FlaskClient:
    """Return a client of an application with a view for writers."""
    app = create_app({"WTF_CSRF_ENABLED": False})
    app.add_url_rule("/api/v1/write", "write", writers_only(lambda: "written"), methods=["POST"])
    return app.test_client()


def test_strangers_may_not_write(guarded: FlaskClient) -> None:
    assert guarded.post("/api/v1/write").status_code == 401
{% if not cookiecutter.security %}


def test_the_token_opens_it_once_it_is_set(
    guarded: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a token of at least 32 characters"
    headers = {"Authorization": f"Bearer {token}"}
    assert guarded.post("/api/v1/write", headers=headers).status_code == 401
    monkeypatch.setenv("API_TOKEN", token)
    assert guarded.post("/api/v1/write", headers=headers).text == "written"


def test_a_token_that_is_too_short_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "short")
    with pytest.raises(SystemExit, match="API_TOKEN: "):
        create_app()


@pytest.mark.parametrize("limit", ["60 per minute", "60 per 600 seconds"])
@pytest.mark.parametrize("spent", [False, True])
def test_token_can_not_be_guessed_without_limit(
    spent: bool, limit: str, overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a token of at least 32 characters"
    monkeypatch.setenv("API_TOKEN", token)
    app = create_app(overrides | {"RATELIMIT_ENABLED": True, "API_LIMIT": limit})
    client = app.test_client()
    if spent:
        assert {client.get("/api/v1/status").status_code for _ in range(70)} == {200, 429}

    def answer(secret: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return client.get("/api/v1/status", headers=headers).status_code

    assert answer(token) == 200
    guesses = [answer(f"guess {number}") for number in range(20)]
    assert guesses[10:] == [429] * 10
    # The right one is not told from the others by its answer.
    assert answer(token) == 429
    assert client.get("/api/v1/status").status_code == (429 if spent else 200)
{% endif %}
