"""What the tests of malformed requests share."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

NAMES = ["email", "password", "new_password", "code", "name", "title", "days", "price", "language"]
VALUES: list[object] = [None, 1, 1e400, "\0", "\ud800", [1], {}]
PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n\xff\r\n'
JSON = [
    b"[" * 3000,
    b'{"name": %s}' % (b"9" * 5000),
    b"\xff\xfe",
    b"null",
    b"1",
    b'[["name", "x"]]',
    *(json.dumps(dict.fromkeys([*NAMES, "next"], value)).encode() for value in VALUES),
]
BODIES = [
    *(("application/json", body) for body in JSON),
    ("application/x-www-form-urlencoded", b"name=%ff&price=%00&\xff=\xfe&=&&%"),
    ("multipart/form-data", b"--x--\r\n"),
    ("multipart/form-data; boundary=x", PART % (b"a", b"") * 1001 + b"--x--\r\n"),
    (
        "multipart/form-data; boundary=x",
        b"".join(PART % (name.encode(), b'; filename="a"') for name in NAMES) + b"--x--\r\n",
    ),
]


@pytest.fixture
def routes(app: Flask) -> list[tuple[str, str]]:
    """Return the method and the path of each view that takes a body."""
    return [
        (method, re.sub(r"<[^>]+>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted({"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()))
    ]


@pytest.fixture
def send_malformed(routes: list[tuple[str, str]]) -> Callable[[Callable[[], FlaskClient]], None]:
    """Return a function that sends malformed bodies to each route.

    It asks for the client at each route, because some routes log out, or delete the account.
    """

    def send(client: Callable[[], FlaskClient]) -> None:
        for method, path in [*routes, ("GET", "/"), ("GET", "/nowhere")]:
            browser = client()
            for kind, body in BODIES:
                response = browser.open(path, method=method, data=body, content_type=kind)
                case = (method, path, kind, body[:80])
                assert response.status_code < 500, case
                assert response.headers.get("Content-Security-Policy"), case
                assert response.headers.get("X-Request-ID"), case

    return send
