"""How often the forms of the accounts may be tried: by one address, and for one account."""

from hashlib import sha256
from typing import cast

from flask import Blueprint, Flask, current_app, request, session
from flask_security import EmailValidateException, current_user

from ..limits import address, limiter, or_address

# Something is guessed about the account whose address the form has, or mail is sent to it.
COUNTED_BY_FORM = {"change_email", "forgot_password", "login", "register", "send_confirmation"}
# Something is guessed about the user who is logged in, or has taken the first step.
COUNTED_BY_SESSION = {
    "change_password",
    "mf_recovery",
    "two_factor_rescue",
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
        ("ACCOUNT", or_address(account), is_about_no_account),
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
    return view() not in COUNTED_BY_FORM | COUNTED_BY_SESSION


def account() -> str:
    """Return the account that the request is about, in a form that tells nothing about it.

    A form counts for the address in it, not for its sender, because attackers have accounts, too.
    Where there is none, the request counts for the network that it comes from.
    """
    name = account_of_form() if view() in COUNTED_BY_FORM else account_of_session()
    return sha256(name.encode()).hexdigest() if name else address()


def account_of_session() -> str | None:
    """Return the user who is logged in, or waits for the second step."""
    return cast("str | None", current_user.get_id() or session.get("tf_user_id"))


def account_of_form() -> str:
    """Return the account that is found by the address that was sent, or else the address.

    Databases take letters for the same that Python does not, such as the Turkish İ and i.
    """
    sent = request.get_json() if request.is_json else request.form
    security = current_app.extensions["security"]
    email = str(sent.get("email", "")).strip()
    try:
        email = security.mail_util.normalize(email)
    except EmailValidateException:  # what is no address is counted as it stands
        return email.casefold()
    user = security.datastore.find_user(case_insensitive=True, email=email)
    return f"user {user.id}" if user else email.casefold()
