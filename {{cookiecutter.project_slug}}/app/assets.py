"""Style sheets, scripts and images: browsers keep them for a year, and see a change at once.

The address of a file holds the hash of what is in it, so that the file of an address never
changes. An address with another hash, of a page that is older, gets the file that there is, and
nobody keeps it.
"""

import hashlib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.security import safe_join

KEPT = timedelta(days=365)


def init_app(app: Flask) -> None:
    """Put the hash into each address that ``url_for`` makes of a static file."""
    app.url_defaults(add_version)
    app.after_request(let_keep)


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Name the version of the file, instead of the one that an extension may name."""
    found = version(endpoint, values.get("filename"))
    if found:
        values["v"] = found


def let_keep(response: Response) -> Response:
    """Let everybody keep a file that was asked for by the hash of what is in it."""
    asked = request.args.get("v")
    if asked and asked == version(
        request.endpoint or "", (request.view_args or {}).get("filename")
    ):
        response.headers["Cache-Control"] = f"public, max-age={KEPT.total_seconds():.0f}, immutable"
    return response


def version(endpoint: str, filename: str | None) -> str | None:
    """Return the hash of a static file; None if there is no such file."""
    owner, _, name = endpoint.rpartition(".")
    holder = current_app.blueprints.get(owner) if owner else current_app
    if name != "static" or not holder or not holder.static_folder or not filename:
        return None
    path = safe_join(holder.static_folder, filename)
    try:
        return digest(path, Path(path).stat().st_mtime_ns) if path else None
    except OSError:
        return None


@lru_cache(maxsize=1024)
def digest(path: str, _modified: int) -> str:
    """Return the hash of a file; it is read again when it was modified."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
