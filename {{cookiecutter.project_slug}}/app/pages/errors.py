"""Errors, as a page or as JSON (RFC 9457), whichever the client asked for."""

from contextlib import suppress
from io import BytesIO

from flask import Flask, Response, current_app, json, render_template, request
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    HTTPException,
    InternalServerError,
    SecurityError,
    ServiceUnavailable,
)

from ..database import db, is_lost
from ..logs import request_id
from ..text import gettext as _
from ..text import lazy_gettext as _l

MESSAGES = {
    400: _l("The request can't be understood."),
    401: _l("Please log in to see this page."),
    403: _l("You are not allowed to see this page."),
    404: _l("There is no such page."),
    405: _l("This page can't be used in that way."),
    409: _l("Somebody else was quicker. Please try again."),
    413: _l("That is more data than the server takes."),
    415: _l("The server does not take data of this kind."),
    422: _l("The data is not valid."),
    429: _l("Too many attempts. Please try again in some minutes."),
    500: _l("Something went wrong on the server. It has been noted."),
    503: _l("The site can't answer just now. Please try again in a moment."),
}
RETRY_AFTER = 5  # seconds


def init_app(app: Flask) -> None:
    """Answer every error here."""
    app.extensions["json_paths"] = []
    app.register_error_handler(HTTPException, handle_error)
    app.register_error_handler(InternalServerError, handle_fault)
    app.register_error_handler(SecurityError, handle_foreign_host)
    app.register_error_handler(IntegrityError, handle_conflict)
    for lost in (InterfaceError, OperationalError, PoolTimeoutError):
        app.register_error_handler(lost, handle_lost_database)
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


def is_script() -> bool:
    """Return whether a script asks: it would take the log-in page for a success, or for its data."""
    headers = request.headers
    return (
        wants_json()
        or headers.get("X-Requested-With") == "XMLHttpRequest"
        or headers.get("Sec-Fetch-Dest") == "empty"
        or "/ajax/" in request.path  # as in the admin panel
    )


def handle_error(error: HTTPException, message: str = "") -> Response:
    """Keep the error's status and headers, and write a body that fits the client."""
    # What can't be read would fail again, as extensions look for a token, or show the form.
    request.stream = BytesIO()
    if is_lost():
        # Whatever it is, it may come from that: nobody is known without the database.
        error, message = ServiceUnavailable(retry_after=RETRY_AFTER), ""
    response = Response(headers=error.get_headers(), status=error.code)
    if wants_json():
        response.data = problem_text(error, message)
        response.content_type = "application/problem+json"
    elif is_script():
        response.data = message_of(error, message)
        response.content_type = "text/plain; charset=utf-8"
    else:
        response.data = error_page(error, message)
        response.content_type = "text/html; charset=utf-8"
    return response


def handle_fault(error: InternalServerError) -> Response:
    """Take back what was not finished, and answer."""
    take_back()
    # A change may be refused as late as it is committed, after the view.
    if isinstance(error.original_exception, IntegrityError):
        return handle_error(Conflict())
    return handle_error(error)


def handle_foreign_host(_error: SecurityError) -> Response:
    """Answer in a line who asks for a host that is not ours; no link could be made for it."""
    host = request.environ.get("HTTP_HOST")
    current_app.logger.warning("%r is not in TRUSTED_HOSTS.", host)
    return Response("This host is not in TRUSTED_HOSTS.", 400, mimetype="text/plain")


def handle_refused_value(error: Exception) -> Response:
    """Blame the request for a value that the database can't take, such as a huge number."""
    current_app.logger.info("The database refused a value: %s", type(error).__name__)
    take_back()
    return handle_error(BadRequest())


def handle_conflict(error: IntegrityError) -> Response:
    """Answer who wrote, at the same time as another request, what only one can have."""
    # What the database says holds the values.
    current_app.logger.warning("The database refused a row: %s", type(error.orig).__name__)
    take_back()
    return handle_error(Conflict())


def handle_lost_database(error: SQLAlchemyError) -> Response:
    """Answer while the database is down, busy or gone; the next request connects anew."""
    if current_app.debug:
        raise error  # it is more likely that a migration is missing, and the debugger tells
    current_app.logger.error("The database can't be asked.", exc_info=error)
    take_back()
    return handle_error(ServiceUnavailable(retry_after=RETRY_AFTER))


def take_back() -> None:
    """Undo what is not committed, or else nothing could be read for the error page."""
    with suppress(SQLAlchemyError):
        db.session.rollback()


def message_of(error: HTTPException, message: str = "") -> str:
    """Return the sentence for the visitor."""
    return str(message or MESSAGES.get(error.code or 500) or error.description or "")


def error_page(error: HTTPException, message: str = "") -> str:
    """Return the page, or a bare line when what has failed is needed to draw the page."""
    try:
        return render_template(
            "pages/error.html",
            error=error,
            message=message_of(error, message),
            request_id=request_id(),
        )
    except Exception as failure:  # noqa: BLE001 whatever it is, an answer is due
        current_app.logger.warning("The error page can't be drawn: %s", type(failure).__name__)
        return f"<!DOCTYPE html><title>{error.code}</title><h1>{error.code} {error.name}</h1>"


def problem_text(error: HTTPException, message: str = "") -> str:
    """Return problem details as JSON, or the least of them when a text can't be translated."""
    try:
        # Text that is translated when it is shown is shown now.
        return json.dumps(problem(error, message), default=str)
    except Exception as failure:  # noqa: BLE001 whatever it is, an answer is due
        current_app.logger.warning("The error can't be described: %s", type(failure).__name__)
        return json.dumps({"status": error.code, "title": error.name})


def problem(error: HTTPException, message: str = "") -> dict[str, object]:
    """Return the error as problem details, with what validation found where."""
    data = getattr(error, "data", {})
    known = data.get("message") or MESSAGES.get(error.code or 500)
    details = {
        "status": error.code,
        "title": error.name,
        "detail": message or known or error.description or _("No details."),
        "request_id": request_id(),
    }
    errors = data.get("errors") or data.get("messages")
    return details | ({"errors": errors} if errors else {})
