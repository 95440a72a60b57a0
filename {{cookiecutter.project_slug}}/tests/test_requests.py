"""Malformed requests are refused, and never an error of the server."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.test import TestResponse
from wtforms import DecimalField, StringField

from app import create_app

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
FILES = "multipart/form-data; boundary=x"
READERS = [("/note", FORM), ("/note", FILES), ("/json", JSON)]
PART = (
    '--x\r\nContent-Disposition: form-data; name="%s"; filename="a.txt"\r\n\r\ncontent\r\n--x--\r\n'
)


class NoteForm(FlaskForm):
    """A form of a page."""

    text = StringField(filters=[lambda text: text and text.strip()])
    price = DecimalField()
    file = FileField()


def write_note() -> str:
    """Return what the form has."""
    form = NoteForm()
    return f"{form.text.data} {form.file.data and form.file.data.filename}"


def read_json() -> dict[str, Any]:
    """Return what was sent."""
    return {"sent": request.get_json()}


@pytest.fixture
def site(overrides: dict[str, Any]) -> FlaskClient:
    """Return a browser of an application with a form, and with a view for JSON."""
    app = create_app(overrides)
    app.add_url_rule("/note", view_func=write_note, methods=["GET", "POST"])
    app.add_url_rule("/json", view_func=read_json, methods=["POST"])
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


def assert_refused(response: TestResponse, status: int) -> None:
    """Check that the answer is a complete error of the application."""
    assert response.status_code == status
    assert response.headers["Content-Security-Policy"]
    assert response.headers["X-Request-ID"]
    assert "<nav" in response.text or response.get_json(force=True)["status"] == status


def test_no_address_fails_because_of_a_malformed_body(
    client: FlaskClient, send_malformed: Callable[[Callable[[], FlaskClient]], None]
) -> None:
    send_malformed(lambda: client)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 3000, b"9" * 5000, b"\xff"])
@pytest.mark.parametrize("silent_first", [True, False])
def test_malformed_json_is_a_bad_request(
    silent_first: bool, body: bytes, site: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_twice() -> dict[str, Any]:
        assert request.get_json(silent=True) is None
        return read_json()

    if silent_first:
        monkeypatch.setitem(site.application.view_functions, "read_json", read_twice)
    response = site.post("/json", data=body, content_type=JSON)
    assert_refused(response, 400)


@pytest.mark.parametrize("body", ["null", "1", '"x"', "[1]", "{}", '{"text": null}', "[" * 3000])
def test_form_takes_no_json(body: str, site: FlaskClient) -> None:
    assert_refused(site.post("/note", data=body, content_type=JSON), 415)
    assert site.get("/note", data=body, content_type=JSON).status_code == 200


def test_form_can_be_made_without_a_request(site: FlaskClient) -> None:
    with site.application.app_context():
        assert NoteForm(text="x", meta={"csrf": False}).text.data == "x"


def test_file_is_taken_by_file_fields_only(site: FlaskClient) -> None:
    assert "a.txt" in site.post("/note", data=PART % "file", content_type=FILES).text
    assert site.post("/note", data=PART % "other", content_type=FILES).status_code == 200
    for name in ("text", "price"):
        assert_refused(site.post("/note", data=PART % name, content_type=FILES), 400)


class BrokenBody:
    """A body with a chunk that the server can't read."""

    def read(self, _size: int) -> bytes:
        """Fail as servers do, each in its own way."""
        message = "invalid chunk size"
        raise ArithmeticError(message)


def send(
    client: FlaskClient, path: str, kind: str, body: object, length: int | None
) -> TestResponse:
    """Send a body as Gunicorn hands it over: with its length, or in chunks."""
    how = (
        {"HTTP_TRANSFER_ENCODING": "chunked"} if length is None else {"CONTENT_LENGTH": str(length)}
    )
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, **how}
    return client.post(path, content_type=kind, environ_overrides=environ)


@pytest.mark.parametrize(("path", "kind"), READERS)
def test_body_shorter_than_its_length_is_refused(path: str, kind: str, site: FlaskClient) -> None:
    body = b"{}" if path == "/json" else b"text=half a"
    assert send(site, path, kind, BytesIO(body), len(body)).status_code == 200
    assert_refused(send(site, path, kind, BytesIO(body), 100), 400)


@pytest.mark.parametrize(("path", "kind"), READERS)
@pytest.mark.parametrize("length", [None, 100])
def test_body_that_the_server_can_not_read_is_refused(
    length: int | None, path: str, kind: str, site: FlaskClient
) -> None:
    assert_refused(send(site, path, kind, BrokenBody(), length), 400)


@pytest.mark.parametrize(("path", "kind"), READERS)
@pytest.mark.parametrize("length", [None, 100])
def test_body_that_is_too_long_is_refused(
    length: int | None, path: str, kind: str, site: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.application.config, "MAX_CONTENT_LENGTH", 10)
    assert_refused(send(site, path, kind, BytesIO(b"x" * 100), length), 413)


@pytest.mark.parametrize("path", ["/", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "[", "a b", "localhost:99999"])
def test_debug_mode_refuses_another_host_in_one_line(
    host: str, path: str, debug_app: Flask
) -> None:
    response = debug_app.test_client().get(path, headers={"Host": host})
    assert response.status_code == 400
    assert response.text == "This host is not in TRUSTED_HOSTS."
    assert response.headers["Content-Security-Policy"]
    assert response.headers["X-Request-ID"]


def test_debug_mode_refuses_malformed_requests(
    debug_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(debug_app.view_functions, "pages.home", lambda: request.args["missing"])
    client = debug_app.test_client()
    assert client.get("/").status_code == 400
    assert send(client, "/nowhere", FORM, BrokenBody(), None).status_code == 404
    assert client.post("/nowhere", data=b"[" * 3000, content_type=JSON).status_code == 404


@pytest.mark.parametrize("header", ["Basic \xff", "Basic =", "Bearer \xff", "\xff", "Basic"])
def test_authorization_that_can_not_be_decoded_authorizes_nobody(header: str, app: Flask) -> None:
    with app.test_request_context(headers={"Authorization": header}):
        assert not getattr(request.authorization, "password", None)
