"""Validates requests before Flask-Security sees them, and cleans its JSON.

Refuses what its forms can't read, and what was begun in another session; keeps requests that only
read from changing anything; and removes from its answers what would show who has an account.
"""

import json
from datetime import timedelta
from functools import wraps
from typing import cast

from flask import Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue, ResponseValue, RouteCallable
from flask_security import Security, UserMixin, current_user
from flask_security.utils import check_and_get_token_status
from flask_security.views import default_render_json
from flask_wtf import FlaskForm
from passlib.exc import PasswordSizeError

from ..pages.errors import handle_refused_value, wants_json
from ..urls import refuse_broken
from .limits import view
from .messages import MESSAGES
from .passkeys import is_challenge

# The longest that is sent is what a passkey signs.
MAX_SIZE = 128 * 1024
# The endpoint of a second step, and the endpoint that starts it.
STARTS = {
    "two_factor_setup_validate": "two_factor_setup",
    "wan_register_response": "wan_register",
    "wan_signin_response": "wan_signin",
    "wan_verify_response": "wan_verify",
}
# Links in mails that Flask-Security would act on by GET; a button comes first.
LINKS = {"change_email_confirm", "confirm_email"}


def init_app(app: Flask, security: Security, *blueprints: str) -> None:
    """Look at what is sent to the blueprints of these names."""
    for name in blueprints:
        # These are called first, before anything reads what was sent.
        app.url_value_preprocessors.setdefault(name, []).append(limit_size)
        checks = [check_json, check_next, check_start, check_code]
        app.before_request_funcs.setdefault(name, []).extend(checks)
    for rule in [*app.url_map.iter_rules()]:
        if rule.endpoint.rpartition(".")[2] in LINKS:
            app.view_functions[rule.endpoint] = with_button(app.view_functions[rule.endpoint])
            app.add_url_rule(rule.rule, rule.endpoint, methods=["POST"])
    app.register_error_handler(PasswordSizeError, handle_refused_value)
    security.render_json(render_json)


def limit_size(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Refuse more than a form can hold."""
    request.max_content_length = MAX_SIZE


def with_button(view: RouteCallable) -> RouteCallable:
    """Let a link in a mail show a button first, because mail scanners and other sites open it, too."""

    @wraps(view)
    def guarded(token: str) -> ResponseReturnValue:
        form = FlaskForm()
        if form.validate_on_submit():
            return cast("ResponseReturnValue", view(token))
        return render_template("security/confirm_address.html", form=form)

    return guarded


def check_json() -> None:
    """Refuse JSON that is no object of simple values, or holds half a character.

    Of a list, forms would take the first item.
    """
    if not request.is_json:
        return
    sent = request.get_json()
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        abort(400)
    if not isinstance(sent, dict):
        abort(400)
    if any(isinstance(value, list | dict) for value in sent.values()):
        abort(400)
    # Flask-Security takes it for text.
    if not isinstance(sent.get("next") or "", str):
        abort(400)


def check_next() -> None:
    """Refuse a broken URL to go to."""
    sent = request.get_json() if request.is_json else {}
    refuse_broken(*request.values.getlist("next"), str(sent.get("next", "")))


def check_start() -> ResponseReturnValue | None:
    """Refuse the second part of what this session has not begun, or has ended already.

    Flask-Security signs the state of what was begun, and would go on with it in any session.
    """
    start = STARTS.get(view())
    if start is None:
        return None
    is_begun = has_begun_totp if start == "two_factor_setup" else has_begun_passkey
    return None if is_begun(start, (request.view_args or {})["token"]) else start_again(start)


def check_code() -> ResponseReturnValue | None:
    """Refuse a code where none is due; Flask-Security would log the user out, even by a link."""
    if view() != "two_factor_token_validation" or not current_user.is_authenticated:
        return None
    return None if session.get("tf_totp_secret") else start_again("two_factor_setup")


def start_again(start: str) -> ResponseReturnValue:
    """Lead back to the page where it begins."""
    if wants_json():
        abort(400)
    flash(*MESSAGES["API_ERROR"])
    return redirect(url_for(f".{start}"))


def has_begun_totp(_start: str, token: str) -> bool:
    """Tell whether the key of the authenticator app was shown in this session."""
    _expired, _invalid, state = check_and_get_token_status(token, "tf_setup", timedelta(hours=1))
    return bool(state) and state["totp_secret"] == session.get("tf_totp_secret")


def has_begun_passkey(start: str, token: str) -> bool:
    """Tell whether this session was given the challenge, and has not answered it yet."""
    _expired, _invalid, state = check_and_get_token_status(token, "wan", timedelta(hours=1))
    return is_challenge(start, state["challenge"] if state else "")


def render_json(
    payload: dict[str, object],
    code: int,
    headers: dict[str, str] | None,
    user: UserMixin | None,
) -> ResponseValue:
    """Answer in JSON, without the user where there is nothing to say of one."""
    if payload.get("user") == {}:
        del payload["user"]
    return default_render_json(payload, code, headers, user)
