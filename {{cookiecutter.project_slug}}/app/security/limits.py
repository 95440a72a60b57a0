"""How often the forms of the accounts may be tried: by one address, and for one account.

See https://flask-limiter.readthedocs.io
"""

from contextlib import suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, request, session
from flask_limiter import Limiter
from flask_security import EmailValidateException, current_user

from ..config import env

# A household with IPv6 has a network of this size for itself.
IPV6_NETWORK = 64
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
    """Count each form that is sent to this blueprint.

    The counters are in Redis when REDIS_URL or RATELIMIT_STORAGE_URI names one, so that all
    processes share them, and otherwise in the memory of each.
    """
    storage = env.str("RATELIMIT_STORAGE_URI", "") or env.str("REDIS_URL", "") or "memory://"
    app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
    app.config.setdefault("RATELIMIT_STORAGE_URI", storage)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
    if storage.startswith("redis"):
        time_outs = {"socket_connect_timeout": 1, "socket_timeout": 1}
        app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", time_outs)
    # Without its Redis the site goes on, and each process counts for itself.
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
    app.config.setdefault("ACCOUNTS_LIMIT_BY_ADDRESS", "60 per 10 minutes")
    app.config.setdefault("ACCOUNTS_LIMIT_BY_ACCOUNT", "10 per 10 minutes")
    limiter = Limiter(address, app=app)
    for limit, key, exempt in (
        ("ADDRESS", address, is_leaving),
        ("ACCOUNT", account, is_about_no_account),
    ):
        count = limiter.shared_limit(
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


def address() -> str:
    """Return the network that the request comes from.

    Some proxies name a port as well, or no address at all.
    """
    visitor = request.remote_addr or ""
    with suppress(ValueError):
        return network(visitor)
    with suppress(ValueError):
        return network(urlsplit(f"//{visitor}").hostname or "")
    return visitor


def network(text: str) -> str:
    """Return the network of an address, which is all that somebody may have to themselves.

    :raises ValueError: the text is no address
    """
    visitor = ip_address(text)
    if not isinstance(visitor, IPv6Address):
        return str(visitor)
    if visitor.ipv4_mapped:
        return str(visitor.ipv4_mapped)
    return str(ip_network((visitor, IPV6_NETWORK), strict=False))


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
