"""Log lines: readable in development, JSON in production, each with the id of its request.

The id comes from the proxy, in ``X-Request-ID``, or else is made here. It goes back with the
response, onto the page of an error, and along with the work that is done after it. See
https://docs.python.org/3/library/logging.html
"""

import json
import logging
import re
import time
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime

from environs import validate
from flask import Flask, Response, g, has_request_context, request

from .config import env

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# The id of work that is no request.
work_id: ContextVar[str] = ContextVar("work_id", default="")
LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"]


def init_app(app: Flask) -> None:
    """Write log lines to the standard error output."""
    known = validate.OneOf(LEVELS, error="{input} is none of {choices}")
    is_production = app.config["APP_ENV"] == "production"
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter() if is_production else ReadableFormatter())
    # This does nothing where lines are handled already, as they are while tests run.
    logging.basicConfig(level=env.str("LOG_LEVEL", "INFO", validate=known), handlers=[handler])
    app.before_request(begin)
    app.after_request(send_id)
    # The server of development writes lines about requests itself.
    if is_production:
        app.after_request(write_line)


def request_id() -> str:
    """Return the id of the request; it is made when it is first asked for."""
    if "request_id" not in g:
        sent = request.headers.get(HEADER, "") if has_request_context() else work_id.get()
        g.request_id = sent if ID.fullmatch(sent) else uuid.uuid4().hex
    return str(g.request_id)


def known_id() -> str:
    """Return the id of the request or of other work; empty where there is neither."""
    return request_id() if has_request_context() else work_id.get()


def begin() -> None:
    """Note when the request began."""
    g.began = time.perf_counter()


def send_id(response: Response) -> Response:
    """Tell the client the id of its request."""
    response.headers[HEADER] = request_id()
    return response


def write_line(response: Response) -> Response:
    """Write a line about the request."""
    now = time.perf_counter()
    facts = {
        "method": request.method,
        "path": shown_path(),
        "status": response.status_code,
        "milliseconds": round((now - g.get("began", now)) * 1000, 1),
    }
    logger.info("%(method)s %(path)s %(status)s", facts, extra={"facts": facts})
    return response


def shown_path() -> str:
    """Return the path as its rule has it, for an address may hold the token of a mail's link."""
    return request.url_rule.rule if request.url_rule else "(no such page)"


class ReadableFormatter(logging.Formatter):
    """Writes lines for people, with the id of the request, if there is one, at their end."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 a method of logging's
        """Return the line without its traceback."""
        line = super().formatMessage(record)
        return f"{line} [{known_id()}]" if known_id() else line


class JSONFormatter(logging.Formatter):
    """Writes each line as a JSON object, in which no address of a person stands."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its traceback if it has one."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": hide(record.getMessage()),
        }
        if known_id():
            entry["request_id"] = known_id()
        if record.exc_info:
            entry["exception"] = hide(self.formatException(record.exc_info))
        return json.dumps(entry | getattr(record, "facts", {}), default=str)


def hide(text: str) -> str:
    """Leave out e-mail addresses, and the arguments that the path of the request has."""
    if has_request_context() and request.view_args:
        text = text.replace(request.path, shown_path())
    return ADDRESS.sub("(address)", text)
