"""How often the forms of the accounts may be tried: by one address, and for one account.

See https://flask-limiter.readthedocs.io
"""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from flask import Blueprint, Flask, current_app, request, session
from flask_limiter import Limiter
from flask_security import EmailValidateException, current_user

from ..config import env

# A household with IPv6 has a network of this size for itself.
IPV6_NETWORK = 64


def init_app(app: Flask, *blueprints: str) -> None:
    """Count each form that is sent to the blueprints of these names.

    The counters are in Redis when REDIS_URL or RATELIMIT_STORAGE_URI names one, so that all
    processes share them, and otherwise in the memory of each.
    """
    storage = env.str("RATELIMIT_STORAGE_URI", "") or env.str("REDIS_URL", "") or "memory://"
    app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
    app.config.setdefault("RATELIMIT_STORAGE_URI", storage)
    app.config.setdefault("RATELIMIT_HEADERS_ENABLED", True)
    # Without its Redis the site goes on, and each process counts for itself.
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
    app.config.setdefault("ACCOUNTS_LIMIT_BY_ADDRESS", "60 per 10 minutes")
    app.config.setdefault("ACCOUNTS_LIMIT_BY_ACCOUNT", "10 per 10 minutes")
    limiter = Limiter(address, app=app)
    for name in blueprints:
        for limit, key in (("ADDRESS", address), ("ACCOUNT", account)):
            count = limiter.shared_limit(
                app.config[f"ACCOUNTS_LIMIT_BY_{limit}"],
                scope=f"accounts by {limit.lower()}",
                key_func=key,
                methods=["POST"],
            )
            count(cast("Blueprint", app.blueprints[name]))


def address() -> str:
    """Return the network that the request comes from."""
    visitor = ip_address(request.remote_addr or "127.0.0.1")
    if isinstance(visitor, IPv6Address):
        return str(ip_network((visitor, IPV6_NETWORK), strict=False))
    return str(visitor)


def account() -> str:
    """Return the account that the request is about, in a form that tells nothing about it.

    It is the one that is logged in, or waits for the second step, or the address in the form.
    Where there is none, the request counts for the network that it comes from.
    """
    name = current_user.get_id() or session.get("tf_user_id") or email_of_form()
    return sha256(name.encode()).hexdigest() if name else address()


def email_of_form() -> str:
    """Return the e-mail address that was sent, written in one way only."""
    sent = request.get_json(silent=True) if request.is_json else request.form
    email = str(sent.get("email", "")) if isinstance(sent, Mapping) else ""
    with suppress(EmailValidateException):  # what is no address is counted as it stands
        email = current_app.extensions["security"].mail_util.normalize(email)
    return email.strip().casefold()
