"""Log lines, and the id by which those of one request are found."""

import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient

from app import create_app, logs
from app.logs import JSONFormatter, ReadableFormatter


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Return the lines that production writes."""
    written: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(JSONFormatter().format(record))

    handler, root = Handler(), logging.getLogger()
    root.addHandler(handler)
    logs.logger.setLevel(logging.INFO)
    yield written
    logs.logger.setLevel(logging.NOTSET)
    root.removeHandler(handler)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return the application as it is in production, with pages that fail."""
    monkeypatch.setenv("APP_ENV", "production")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    app = create_app()

    def fail(token: str = "") -> str:
        current_app.logger.warning("It goes wrong.")
        message = f"There is a row of ada@example.com, {len(token)}."
        raise ValueError(message)

    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/fail/<token>", view_func=fail)
    return app


def test_all_lines_of_a_request_and_its_answer_have_one_id(
    production: Flask, lines: list[str]
) -> None:
    headers = {"X-Request-ID": "from-the-proxy-1"}
    response = production.test_client().get("/fail", headers=headers)
    assert response.headers["X-Request-ID"] == "from-the-proxy-1"
    assert "from-the-proxy-1" in response.text
    entries = [json.loads(line) for line in lines]
    assert [entry["request_id"] for entry in entries] == ["from-the-proxy-1"] * 3
    warning, error, answer = entries
    assert warning["message"] == "It goes wrong."
    assert "ValueError" in error["exception"]
    assert answer["status"] == 500


def test_a_client_is_told_the_id_of_an_error(client: FlaskClient) -> None:
    response = client.get("/nowhere", headers={"Accept": "application/json"})
    assert response.get_json(force=True)["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize("sent", ["", "short", "x" * 65, "two words", 'a"quote"', "é" * 9])
def test_what_is_no_id_is_replaced(sent: str, client: FlaskClient) -> None:
    made = client.get("/", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert len(made) == 32
    assert made != client.get("/").headers["X-Request-ID"]


def test_each_request_is_a_line_in_production(
    production: Flask, client: FlaskClient, lines: list[str]
) -> None:
    client.get("/healthz")
    assert lines == []
    production.test_client().get("/healthz?for=whom")
    production.test_client().post("/nowhere/secret")
    found, missed = (json.loads(line) for line in lines)
    assert found["message"] == "GET /healthz 200"
    assert found["milliseconds"] >= 0
    assert missed["message"] == "POST (no such page) 404"
    assert "whom" not in "".join(lines)


def test_a_link_of_a_mail_and_an_address_are_in_no_line(
    production: Flask, lines: list[str]
) -> None:
    assert production.test_client().get("/fail/s3cret").status_code == 500
    text = "".join(lines)
    assert "/fail/<token>" in text
    assert "There is a row" in text
    assert "s3cret" not in text
    assert "ada@example.com" not in text


@pytest.mark.parametrize(
    ("environment", "formatter"),
    [("production", JSONFormatter), ("development", ReadableFormatter)],
)
def test_lines_are_json_in_production_and_readable_elsewhere(
    environment: str, formatter: type[logging.Formatter], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    # As it is outside of tests: nothing handles lines yet.
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setenv("APP_ENV", environment)
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    create_app()
    [handler] = root.handlers
    assert type(handler.formatter) is formatter
    assert root.level == logging.ERROR


def test_a_readable_line_ends_with_the_id_where_there_is_one(app: Flask) -> None:
    record = logging.LogRecord("app", logging.INFO, "", 0, "Hello %s.", ("Ada",), None)
    assert ReadableFormatter().format(record).endswith("INFO app: Hello Ada.")
    with app.app_context():  # as a command has
        assert ReadableFormatter().format(record).endswith("Hello Ada.")
    with app.test_request_context(headers={"X-Request-ID": "12345678"}):
        assert ReadableFormatter().format(record).endswith("Hello Ada. [12345678]")


def test_a_line_of_no_request_has_no_id(lines: list[str]) -> None:
    logging.getLogger("work").warning("It is late.")
    assert "request_id" not in json.loads(lines[-1])


def test_a_level_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(SystemExit, match="LOG_LEVEL"):
        create_app()
