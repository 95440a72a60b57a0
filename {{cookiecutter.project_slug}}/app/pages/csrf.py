"""Forms that Flask-WTF refuses: those that were open for too long are shown again as they were sent.

See https://flask-wtf.readthedocs.io/en/stable/csrf/
"""

from contextlib import suppress
from http import HTTPStatus

from flask import Flask, Response, after_this_request, current_app, flash, g, request
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms import ValidationError

from ..layout import csrf
from ..text import gettext as _
from .errors import handle_error, is_script

AGE = 365 * 24 * 60 * 60  # seconds; the session ends earlier


def init_app(app: Flask) -> None:
    """Return forms whose token has expired, and explain what else is wrong with a token."""
    app.before_request(return_form)  # before Flask-WTF checks the token
    csrf.init_app(app)
    app.register_error_handler(CSRFError, handle_csrf_error)


def return_form() -> None:
    """Handle the request as a GET of the form's page, filled with what was sent."""
    rule = request.url_rule
    if rule and "GET" in (rule.methods or ()) and not is_script() and has_expired():
        g.returned_form = request.form
        request.method = "GET"
        flash(_("This page was open for too long. Please send the form again."), "warning")
        after_this_request(refuse)


def has_expired() -> bool:
    """Return whether the token of the form belongs to this session, and is only too old.

    Other sites can't make such a token, so that they can't fill in the form.
    """
    token = sent_token()
    if request.method != "POST" or not token or not current_app.config["WTF_CSRF_ENABLED"]:
        return False
    with suppress(ValidationError):
        validate_csrf(token)
        return False
    with suppress(ValidationError):
        validate_csrf(token, time_limit=AGE)
        return True
    return False


def sent_token() -> str | None:
    """Return the CSRF token of the form."""
    return request.form.get(current_app.config["WTF_CSRF_FIELD_NAME"])


def refuse(response: Response) -> Response:
    """Say by the status that nothing was saved."""
    if response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.BAD_REQUEST
    return response


def handle_csrf_error(error: CSRFError) -> Response:
    """Say what to do about a token that is missing, or not of this session."""
    if sent_token() and current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return handle_error(error, explain_cookie())
    return handle_error(error, _("This page was open for too long. Please load it again."))


def explain_cookie() -> str:
    """Say why the browser has sent no cookie."""
    if not current_app.config["SESSION_COOKIE_SECURE"] or request.is_secure:
        return str(_("Your browser sent no cookie. Please allow cookies, and load the page again."))
    current_app.logger.warning(
        "A form came by http, and without the cookie, which browsers send by https only."
        " If a proxy speaks https, set PROXIES, and let it send X-Forwarded-Proto."
    )
    return str(
        _("Your browser sent no cookie, because this page is not secure. Please open it by https.")
    )
