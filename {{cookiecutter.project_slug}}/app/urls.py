"""Refuses broken URLs in requests: in ``next`` and ``url``, which name a page, and in ``Referer``.

Extensions parse them, and would answer with an error of the server.
"""

import re
from urllib.parse import urlsplit

from flask import Flask, abort, request

PARAMETERS = ("next", "url")


def init_app(app: Flask) -> None:
    """Check the URLs of each request."""
    app.before_request(check_urls)


def check_urls() -> None:
    """Refuse a request that holds a broken URL."""
    given = [url for name in PARAMETERS for url in request.values.getlist(name)]
    is_broken = not all(map(can_be_parsed, [*given, request.referrer or ""]))
    # Flask-Admin sends it back in a header.
    if is_broken or re.search(r"[\r\n]", "".join(request.values.getlist("url"))):
        abort(400)


def can_be_parsed(url: str) -> bool:
    """Return whether a URL has a valid host and port, if any.

    Browsers read a backslash as a slash, and skip white space and surplus slashes, so that
    extensions parse what is left.
    """
    slashed = url.replace("\\", "/")
    squeezed = re.sub("/{2,}", "//", re.sub(r"\s", "", slashed))
    try:
        for text in (url, slashed, squeezed):
            _ = urlsplit(text).port
    except ValueError:
        return False
    return True
