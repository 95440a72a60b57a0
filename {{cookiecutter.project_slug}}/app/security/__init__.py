"""Accounts: register, log in with a second step or a passkey, and manage what is yours.

See https://flask-security.readthedocs.io
"""

from flask import Flask
from flask_security import Security, user_registered

from .. import layout, seed
from ..database import db
from . import limits, requests, sessions
from .datastore import Datastore
from .forms import LoginForm
{% if cookiecutter.mail %}
from .mail import ForgotPasswordForm, MailUtil
{% endif %}
from .models import Role, User, WebAuthn
from .passkeys import SigninResponseForm, WebauthnUtil
from .passwords import PasswordUtil
from .roles import give_first_role, seed_accounts
from .settings import defaults
from .two_factor import RecoveryCodes, RescueForm, Totp
from .views import ask_again, ask_to_log_in, blueprint, refuse

datastore = Datastore(db, User, Role, WebAuthn)


def init_app(app: Flask) -> None:
    """Add the accounts and their pages."""
    for name, value in defaults(app).items():
        app.config.setdefault(f"SECURITY_{name}", value)
    # Registered first, so that its templates win over those of the extension.
    app.register_blueprint(blueprint)
    security = Security(
        app,
        datastore,
        login_form=LoginForm,
        {% if cookiecutter.mail %}
        forgot_password_form=ForgotPasswordForm,
        mail_util_cls=MailUtil,
        {% endif %}
        mf_recovery_codes_util_cls=RecoveryCodes,
        password_util_cls=PasswordUtil,
        totp_cls=Totp,
        two_factor_rescue_form=RescueForm,
        wan_signin_response_form=SigninResponseForm,
        webauthn_util_cls=WebauthnUtil,
    )
    security.unauthn_handler(ask_to_log_in)
    security.reauthn_handler(ask_again)
    security.unauthz_handler(refuse)
    user_registered.connect(give_first_role, app)
    sessions.init_app(app)
    requests.init_app(app, security, blueprint.name, app.config["SECURITY_BLUEPRINT_NAME"])
    limits.init_app(app, app.config["SECURITY_BLUEPRINT_NAME"])
    layout.add_menu(app, "security/_account.html")
    seed.add(app, seed_accounts)
