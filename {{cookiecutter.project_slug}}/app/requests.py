"""How requests are read: a malformed or truncated body is answered with 400, wherever it is read.

See https://flask.palletsprojects.com/api/#incoming-request-data
"""

import sys
from typing import IO, cast

import flask
from flask import Flask, abort, g, request
from flask.json.provider import DefaultJSONProvider
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream


class Body(LimitedStream):
    """A body whose faults are the client's."""

    def readinto(self, b: bytearray) -> int | None:  # type: ignore[override]
        """Read some bytes.

        :raises ClientDisconnected: the body ends too early, or its chunks are malformed
        """
        try:
            return super().readinto(b)
        except HTTPException:
            raise
        except Exception as error:  # each server has errors of its own
            raise ClientDisconnected from error


class Request(flask.Request):
    """A request whose truncated body raises an error."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body; one that is shorter than its ``Content-Length`` is refused."""
        length = self.content_length
        limit = sys.maxsize if length is None else length
        return cast("IO[bytes]", Body(super().stream, limit, is_max=length is None))

    @cached_property
    def authorization(self) -> Authorization | None:
        """The header ``Authorization``; one that can't be decoded authorizes nobody."""
        try:
            return super().authorization
        except ValueError:
            return None


class JSONProvider(DefaultJSONProvider):
    """Reads JSON that is nested too deeply for Python as JSON that is malformed."""

    def loads(self, s: str | bytes, **options: object) -> object:
        """Parse JSON.

        :raises ValueError: it is malformed
        """
        try:
            return super().loads(s, **options)
        except RecursionError as error:
            raise ValueError(str(error)) from error


read_form = FlaskForm.Meta.wrap_formdata


def init_app(app: Flask) -> None:
    """Use these classes for requests and JSON, and check what is sent to forms."""
    app.request_class = Request
    app.json_provider_class = JSONProvider
    app.json = JSONProvider(app)
    FlaskForm.Meta.wrap_formdata = wrap_formdata


def wrap_formdata(meta: FlaskForm.Meta, form: FlaskForm, formdata: object) -> object:
    """Return what was sent for a form, after a look at whether it is for this form."""
    if form.is_submitted():
        check_fields(form, reads_request=formdata is _Auto)
    if request:
        # One that was open for too long is filled again, see pages/csrf.py.
        formdata = g.get("returned_form", formdata)
    return read_form(meta, form, formdata)


def check_fields(form: FlaskForm, *, reads_request: bool) -> None:
    """Refuse JSON, and files for fields that are not for files.

    Flask-WTF would hand both to the fields, which expect text.
    """
    if reads_request and request.is_json:
        abort(415)
    texts = [field.name for field in form if getattr(field.widget, "input_type", "") != "file"]
    if any(name in request.files for name in texts):
        abort(400)
