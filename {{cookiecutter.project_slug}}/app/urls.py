"""Refuses broken URLs in requests: extensions that parse them would fail.

The parts of the application check what theirs read: ``next``, or ``url``. ``Referer`` is read by
the CSRF protection.
"""

import re
from urllib.parse import urlsplit

from flask import Flask, abort, request


def init_app(app: Flask) -> None:
    """Check the referrer of each request."""
    app.before_request(check_referrer)


def check_referrer() -> None:
    """Refuse a request that comes from a broken URL."""
    refuse_broken(request.referrer)


def refuse_broken(*urls: str | None) -> None:
    """Answer 400 if one of the URLs is broken."""
    if not all(can_be_parsed(url) for url in urls if url):
        abort(400)


def can_be_parsed(url: str) -> bool:
    """Return whether a URL has a valid host and port, if any, and no control characters.

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
    return not re.search(r"[\x00-\x1f\x7f]", url)
