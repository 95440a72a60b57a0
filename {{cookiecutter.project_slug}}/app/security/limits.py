"""How often the forms of the accounts may be tried: by one address, and for one account."""

from contextlib import suppress
from hashlib import sha256
from typing import cast

from flask import Blueprint, Flask, current_app, request, session
from flask_security import EmailValidateException, current_user

from ..limits import address, limiter

# Here something is guessed about an account, or mail is sent to its owner.
COUNTED_BY_ACCOUNT = {
    "change_email",
    "change_password",
    "forgot_password",
    "login",
    "mf_recovery",
    "register",
    "send_confirmation",
    "two_factor_setup_validate",
    "two_factor_token_validation",
    "verify",
}


def init_app(app: Flask, blueprint: str) -> None:
    """Count each form that is sent to this blueprint."""
    app.config.setdefault("ACCOUNTS_LIMIT_BY_ADDRESS", "60 per 10 minutes")
    app.config.setdefault("ACCOUNTS_LIMIT_BY_ACCOUNT", "10 per 10 minutes")
    for limit, key, exempt in (
        ("ADDRESS", address, is_leaving),
        ("ACCOUNT", account, is_about_no_account),
    ):
        count = limiter(app).shared_limit(
            app.config[f"ACCOUNTS_LIMIT_BY_{limit}"],
            scope=f"accounts by {limit.lower()}",
            key_func=key,
            methods=["POST"],
            exempt_when=exempt,
        )
        count(cast("Blueprint", app.blueprints[blueprint]))


def view() -> str:
    """Return what is asked for, without the name of the blueprint."""
    return (request.endpoint or "").rpartition(".")[2]


def is_leaving() -> bool:
    """Tell whether somebody logs out, which they may at any time."""
    return view() == "logout"


def is_about_no_account() -> bool:
    """Tell whether nothing can be guessed here."""
    return view() not in COUNTED_BY_ACCOUNT


def account() -> str:
    """Return the account that the request is about, in a form that tells nothing about it.

    It is the one that is logged in, or waits for the second step, or the address in the form.
    Where there is none, the request counts for the network that it comes from.
    """
    name = current_user.get_id() or session.get("tf_user_id") or email_of_form()
    return sha256(name.encode()).hexdigest() if name else address()


def email_of_form() -> str:
    """Return the e-mail address that was sent, written in one way only."""
    sent = request.get_json() if request.is_json else request.form
    email = str(sent.get("email", ""))
    with suppress(EmailValidateException):  # what is no address is counted as it stands
        email = current_app.extensions["security"].mail_util.normalize(email)
    return email.strip().casefold()
