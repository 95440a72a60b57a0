"""Errors, as a page or as JSON (RFC 9457), whichever the client asked for."""

from flask import Flask, Response, current_app, json, render_template, request
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError

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
    """Answer every error here."""
    app.extensions["json_paths"] = []
    app.register_error_handler(HTTPException, handle_error)
    app.register_error_handler(SecurityError, handle_foreign_host)
    for refused in (DataError, OverflowError):
        app.register_error_handler(refused, handle_refused_value)


def answer_in_json(app: Flask, path: str) -> None:
    """Answer errors in JSON wherever the path starts with this one."""
    app.extensions["json_paths"].append(path)


def wants_json() -> bool:
    """Tell whether the client would rather have JSON than HTML."""
    if request.is_json or request.path.startswith(tuple(current_app.extensions["json_paths"])):
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
        response.data = error_page(error)
        response.content_type = "text/html; charset=utf-8"
    return response


def handle_foreign_host(_error: SecurityError) -> Response:
    """Answer in a line who asks for a host that is not ours; no link could be made for it."""
    host = request.environ.get("HTTP_HOST")
    current_app.logger.warning("%r is not in TRUSTED_HOSTS.", host)
    return Response("This host is not in TRUSTED_HOSTS.", 400, mimetype="text/plain")


def handle_refused_value(error: Exception) -> Response:
    """Blame the request for a value that the database can't take, such as a huge number."""
    current_app.logger.info("The database refused a value: %s", type(error).__name__)
    return handle_error(BadRequest())


def error_page(error: HTTPException) -> str:
    """Return the page, or a bare line when what has failed is needed to draw the page."""
    try:
        message = MESSAGES.get(error.code or 500, error.description)
        return render_template("pages/error.html", error=error, message=message)
    except Exception as failure:  # noqa: BLE001 whatever it is, an answer is due
        current_app.logger.warning("The error page can't be drawn: %s", type(failure).__name__)
        return f"<!DOCTYPE html><title>{error.code}</title><h1>{error.code} {error.name}</h1>"


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
