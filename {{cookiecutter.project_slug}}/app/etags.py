"""ETags that a compressing proxy has changed, compared as if it had not.

A proxy sends ``W/"abc"`` (nginx) or ``"abc-gzip"`` (Caddy, Apache) for our ``"abc"``, and clients
send that back. It is still the same version: our ETags are hashes of what is shown, before it is
compressed. See https://www.rfc-editor.org/rfc/rfc9110#name-entity-tags
"""

import re

from flask import Flask, request
from werkzeug.datastructures import ETags
from werkzeug.http import parse_etags

PRECONDITIONS = ["HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"]
ENCODING = re.compile("-(br|deflate|gzip|zstd)$")


def init_app(app: Flask) -> None:
    """Restore the ETags before a view compares them."""
    app.before_request(restore_etags)


def restore_etags() -> None:
    """Rewrite the request's preconditions, because Werkzeug reads them from the WSGI environment."""
    for name in PRECONDITIONS:
        if name in request.environ:
            request.environ[name] = restored(request.environ[name])


def restored(header: str) -> str:
    """Return the header with strong ETags that name no encoding."""
    sent = parse_etags(header)
    # Werkzeug reads an empty tag as None.
    ours = {ENCODING.sub("", tag or "") for tag in sent.as_set(include_weak=True)}
    return ETags(ours, star_tag=sent.star_tag).to_header()
