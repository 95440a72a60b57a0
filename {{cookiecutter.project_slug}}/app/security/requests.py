"""Refuses what the forms of Flask-Security can't read, with an error of the client's."""

import json

from flask import Flask, abort, request
from passlib.exc import PasswordSizeError

from ..pages.errors import handle_refused_value

# The longest that is sent is what a passkey signs.
MAX_SIZE = 128 * 1024


def init_app(app: Flask, *blueprints: str) -> None:
    """Look at what is sent to the blueprints of these names."""
    for name in blueprints:
        # These are called first, before anything reads what was sent.
        app.url_value_preprocessors.setdefault(name, []).append(limit_size)
        app.before_request_funcs.setdefault(name, []).append(check_json)
    app.register_error_handler(PasswordSizeError, handle_refused_value)


def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Refuse more than a form can hold."""
    request.max_content_length = MAX_SIZE


def check_json() -> None:
    """Refuse JSON that is no object, or holds half a character, which can't be encoded."""
    if not request.is_json:
        return
    sent = request.get_json()
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        abort(400)
    if not isinstance(sent, dict):
        abort(400)
