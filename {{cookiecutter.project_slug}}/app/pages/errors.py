"""Errors, as a page or as JSON (RFC 9457), whichever the client asked for."""

from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import HTTPException

from ..text import gettext as _
from ..text import lazy_gettext as _l

MESSAGES = {
    400: _l("The request can't be understood."),
    401: _l("Please log in to see this page."),
    403: _l("You are not allowed to see this page."),
    404: _l("There is no such page."),
    405: _l("This page can't be used in that way."),
    413: _l("That is more data than the server takes."),
    429: _l("Too many requests. Please wait a moment and try again."),
    500: _l("Something went wrong on the server. It has been noted."),
}


def init_app(app: Flask) -> None:
    """Answer every HTTP error here."""
    app.register_error_handler(HTTPException, handle_error)


def wants_json() -> bool:
    """Tell whether the client would rather have JSON than HTML."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def handle_error(error: HTTPException) -> Response:
    """Keep the error's status and headers, and write a body that fits the client."""
    response = Response(headers=error.get_headers(), status=error.code)
    if wants_json():
        response.data = json.dumps(problem(error))
        response.content_type = "application/problem+json"
    else:
        message = MESSAGES.get(error.code or 500, error.description)
        response.data = render_template("pages/error.html", error=error, message=message)
        response.content_type = "text/html; charset=utf-8"
    return response


def problem(error: HTTPException) -> dict[str, object]:
    """Return the error as problem details, with what validation found where."""
    data = getattr(error, "data", {})
    details = {
        "status": error.code,
        "title": error.name,
        "detail": data.get("message") or error.description or _("No details."),
    }
    errors = data.get("errors") or data.get("messages")
    return details | ({"errors": errors} if errors else {})
