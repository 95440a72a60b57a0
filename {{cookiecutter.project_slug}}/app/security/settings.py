"""What the accounts do, in the terms of Flask-Security.

See https://flask-security.readthedocs.io/en/stable/configuration.html
"""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

from flask import Flask

from ..config import SLUG, secret
from .messages import MESSAGES


def defaults(app: Flask) -> dict[str, object]:
    """Return the settings, whose names lack ``SECURITY_``; ``app.config`` wins over them."""
    totp_secret = secret("TOTP_SECRET", 32)
    return {
        # A token of the API is for the API; accounts are changed by who has logged in.
        "API_ENABLED_METHODS": ["session"],
        # Flask-Security's own value is written as "private=True", which is no directive.
        "CACHE_CONTROL": {"no-store": None},
        "CHANGEABLE": True,
        # A look-up of the domain would make each registration wait for a name server.
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "FRESHNESS": timedelta(minutes=30),
        "FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        # What is hashed for the links in mails is hard to guess. A slow hash, made only for
        # addresses that have an account, would tell by its time that they have one.
        "HASHING_SCHEMES": ["hex_sha256"],
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            urlsafe_b64encode(sha256(totp_secret.encode()).digest())
        ],
        "MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "PASSWORD_LENGTH_MIN": 12,
        # The first is used; who has a hash of another kind gets a new one when they log in.
        "PASSWORD_SCHEMES": ["argon2", "bcrypt", "pbkdf2_sha512", "pbkdf2_sha256"],
        # Each of them salts the password itself.
        "PASSWORD_SINGLE_HASH": ["argon2", "bcrypt", "pbkdf2_sha512", "pbkdf2_sha256"],
        "POST_CHANGE_EMAIL_VIEW": "account.profile",
        "POST_CHANGE_VIEW": "account.profile",
        "POST_LOGIN_VIEW": "account.profile",
        "POST_LOGOUT_VIEW": "pages.home",
        "POST_REGISTER_VIEW": "pages.home",
        "POST_VERIFY_VIEW": "pages.home",
        "REFRESH_TOKEN_COOKIE_NAME": f"{SLUG}_fs_refresh",
        "REGISTERABLE": True,
        # Whether an address has an account is nobody's business.
        "RETURN_GENERIC_RESPONSES": True,
        "SCRIPT_NONCE_KEY": "csp_nonce",
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "SEND_REGISTER_EMAIL": False,
        # A token in the address of a page would be in every log.
        "TOKEN_AUTHENTICATION_KEY": None,
        {% if cookiecutter.api %}
        # At most: each token has an end of its own.
        "TOKEN_MAX_AGE": timedelta(days=365),
        {% else %}
        # No page takes a token, so that none is ever valid.
        "TOKEN_MAX_AGE": timedelta(seconds=-1),
        {% endif %}
        "TOTP_ISSUER": app.config["APP_NAME"],
        "TOTP_SECRETS": {"1": totp_secret},
        "TRACKABLE": True,
        "TWO_FACTOR": True,
        # The code of now, the one before and the next, as clocks differ (in seconds).
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_POST_SETUP_VIEW": "account.profile",
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_VALIDITY_COOKIE_NAME": f"{SLUG}_tf_validity",
        # Names of accounts would be asked for, and answered, before anybody has logged in.
        "WAN_ALLOW_USER_HINTS": False,
        "WAN_POST_REGISTER_VIEW": "account.profile",
        "WAN_RP_NAME": app.config["APP_NAME"],
        "WEBAUTHN": True,
        **{f"MSG_{name}": message for name, message in MESSAGES.items()},
    }
