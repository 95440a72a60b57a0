"""Accounts: register, log in and out, roles, and the account page.

See https://flask-security.readthedocs.io
"""

from datetime import timedelta

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from .. import layout, seed
from ..database import db
{% if cookiecutter.mail %}
from .mail import MailUtil
{% endif %}
from .models import Role, User
from .roles import seed_accounts
from .views import ask_to_log_in, blueprint, refuse

datastore = SQLAlchemyUserDatastore(db, User, Role)


def init_app(app: Flask) -> None:
    """Add the accounts and their pages."""
    for name, value in {
        "CHANGEABLE": True,
        "CONFIRMABLE": {{ cookiecutter.mail }},
        # A look-up of the domain would make each registration wait for a name server.
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "PASSWORD_LENGTH_MIN": 12,
        "PASSWORD_SCHEMES": ["argon2"],
        # Argon2 salts each password itself.
        "PASSWORD_SINGLE_HASH": ["argon2"],
        "POST_LOGIN_VIEW": "account.profile",
        "RECOVERABLE": {{ cookiecutter.mail }},
        "REGISTERABLE": True,
        "RETURN_GENERIC_RESPONSES": True,
        "SCRIPT_NONCE_KEY": "csp_nonce",
        "SEND_PASSWORD_CHANGE_EMAIL": {{ cookiecutter.mail }},
        "SEND_REGISTER_EMAIL": {{ cookiecutter.mail }},
        "TOKEN_MAX_AGE": timedelta(days=30),
        "TRACKABLE": True,
    }.items():
        app.config.setdefault(f"SECURITY_{name}", value)
    for name in ("SAMESITE", "SECURE"):
        app.config.setdefault(f"REMEMBER_COOKIE_{name}", app.config[f"SESSION_COOKIE_{name}"])
    # Registered first, so that its templates win over those of the extension.
    app.register_blueprint(blueprint)
    {% if cookiecutter.mail %}
    security = Security(app, datastore, mail_util_cls=MailUtil)
    {% else %}
    security = Security(app, datastore)
    {% endif %}
    security.unauthn_handler(ask_to_log_in)
    security.unauthz_handler(refuse)
    layout.add_menu(app, "security/_account.html")
    seed.add(app, seed_accounts)
