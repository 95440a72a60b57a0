"""Accounts: register, log in and out, roles, and the account page.

See https://flask-security.readthedocs.io
"""

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from .. import layout, seed
from ..database import db
{% if cookiecutter.mail %}
from .mail import MailUtil
{% endif %}
from .models import Role, User
from .roles import seed_accounts
from .views import ask_to_log_in, blueprint

# Users are told nothing by mail where there is none, so what needs it is off.
HAS_MAIL = {{ cookiecutter.mail }}

datastore = SQLAlchemyUserDatastore(db, User, Role)


def init_app(app: Flask) -> None:
    """Add the accounts and their pages."""
    for name, value in {
        "CHANGEABLE": True,
        "CONFIRMABLE": HAS_MAIL,
        # A look-up of the domain would make each registration wait for a name server.
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "PASSWORD_LENGTH_MIN": 12,
        "PASSWORD_SCHEMES": ["argon2"],
        # Argon2 salts each password itself.
        "PASSWORD_SINGLE_HASH": ["argon2"],
        "POST_LOGIN_VIEW": "account.profile",
        "RECOVERABLE": HAS_MAIL,
        "REGISTERABLE": True,
        "SCRIPT_NONCE_KEY": "csp_nonce",
        "SEND_PASSWORD_CHANGE_EMAIL": HAS_MAIL,
        "SEND_REGISTER_EMAIL": HAS_MAIL,
        "TRACKABLE": True,
    }.items():
        app.config.setdefault(f"SECURITY_{name}", value)
    # Registered first, so that its templates win over those of the extension.
    app.register_blueprint(blueprint)
    {% if cookiecutter.mail %}
    security = Security(app, datastore, mail_util_cls=MailUtil)
    {% else %}
    security = Security(app, datastore)
    {% endif %}
    security.unauthn_handler(ask_to_log_in)
    layout.add_menu(app, "security/_account.html")
    seed.add(app, seed_accounts)
