"""The mails of the accounts: what Flask-Security asks for, and notices of what it changed."""

from datetime import timedelta

from blinker import signal
from flask import Flask, current_app
from flask_security import ForgotPasswordForm as BaseForgotPasswordForm
from flask_security import MailUtil as BaseMailUtil
from flask_security import (
    change_email_confirmed,
    current_user,
    hash_password,
    naive_utcnow,
    password_reset,
    tf_disabled,
    tf_profile_changed,
)
from flask_security.recoverable import generate_reset_link
from flask_security.signals import wan_deleted, wan_registered
from flask_security.utils import login_user

from .. import mail
from ..database import db
from ..text import in_language, ngettext
from ..text import lazy_gettext as _l
from .models import User

# Settings of Flask-Security, whose names lack ``SECURITY_``.
SETTINGS: dict[str, object] = {
    "CHANGE_EMAIL": True,
    "CHANGE_EMAIL_EMAIL_TEMPLATE": "change_email",
    "CONFIRMABLE": True,
    # It renders nothing itself, and leaves that to mail.send().
    "EMAIL_HTML": False,
    "EMAIL_PLAINTEXT": False,
    "EMAIL_TEMPLATE_CONFIRM": "confirm",
    "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "change_notice",
    "EMAIL_TEMPLATE_PASSWORD_RESET": "reset",
    "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "reset_notice",
    "RECOVERABLE": True,
    "RESET_PASSWORD_WITHIN": timedelta(hours=2),
    "REGISTER_EMAIL_EXISTING_TEMPLATE": "welcome_existing",
    "REGISTER_EMAIL_TEMPLATE": "welcome",
    "SEND_PASSWORD_CHANGE_EMAIL": True,
    "SEND_PASSWORD_RESET_EMAIL": True,
    "SEND_PASSWORD_RESET_NOTICE_EMAIL": True,
    "SEND_REGISTER_EMAIL": True,
}


class ForgotPasswordForm(BaseForgotPasswordForm):
    """Takes as long for an address that has an account as Flask-Security takes for others."""

    def validate(self, **kwargs: object) -> bool:
        """Check the form."""
        valid = bool(super().validate(**kwargs))
        if valid:
            hash_password("not-a-password")
        return valid


class MailUtil(BaseMailUtil):
    """Sends the mails of Flask-Security the way that all mail is sent."""

    def send_mail(  # noqa: PLR0913, PLR0917 as Flask-Security calls it
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **context: object,
    ) -> None:
        """Send one message, in the language of the user whom it is about.

        The subject comes from the template, the sender from MAIL_DEFAULT_SENDER.
        """
        language = getattr(context.get("user"), "language", None)
        context["duration"] = duration
        mail.send(template, str(recipient), language=language, **context)


def duration(span: timedelta) -> str:
    """Say in the language of the mail how long a link can be used."""
    minutes = span // timedelta(minutes=1)
    if minutes % (24 * 60) == 0:
        text = ngettext("%(num)s day", "%(num)s days", minutes // (24 * 60))
    elif minutes % 60 == 0:
        text = ngettext("%(num)s hour", "%(num)s hours", minutes // 60)
    else:
        text = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return str(text)


def init_app(app: Flask) -> None:
    """Turn on what needs mail, and tell users what was changed in their account."""
    for name, value in SETTINGS.items():
        app.config.setdefault(f"SECURITY_{name}", value)
    change_email_confirmed.connect(leave_the_old_address, app)
    change_email_confirmed.connect(email_changed, app)
    password_reset.connect(confirm, app)
    tf_profile_changed.connect(two_factor_on, app)
    tf_disabled.connect(two_factor_off, app)
    wan_registered.connect(passkey_added, app)
    wan_deleted.connect(passkey_removed, app)
    signal("account-deleted").connect(account_deleted, app)


def confirm(_app: Flask, user: User, **_more: object) -> None:
    """Take the address for confirmed: who resets the password has read the mail to it."""
    user.confirmed_at = user.confirmed_at or naive_utcnow()


def notify(user: User, what: str, *, to: str = "", can_log_in: bool = True) -> None:
    """Send the notice, to the user unless another address is given."""
    language = getattr(user, "language", None)
    with in_language(language):
        # As long as a text is lazy, Jinja takes what is in it for HTML.
        context = {"what": str(what), "can_log_in": can_log_in}
        mail.send("security_notice", to or user.email, language=language, **context)


def welcome(user: User) -> None:
    """Tell users that they were given an account, and let them choose a password if they have none."""
    link = None if user.password else generate_reset_link(user)[0]  # type: ignore[no-untyped-call]
    mail.send("account_created", user.email, reset_link=link, duration=duration)


def announce_new_address(user: User, old_email: str) -> None:
    """Treat an address that an administrator has changed like one that the user has changed."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    change_email_confirmed.send(app, user=user, old_email=old_email)
    db.session.commit()


def leave_the_old_address(app: Flask, user: User, **_more: object) -> None:
    """Make void what was sent to the address that the user had, such as a link to a password."""
    is_here = current_user == user
    app.extensions["security"].datastore.set_uniquifier(user)
    if is_here:
        login_user(user)


def email_changed(_app: Flask, user: User, old_email: str, **_more: object) -> None:
    """Tell the address that was the user's until now."""
    what = _l("The account that had this address has another e-mail address now.")
    notify(user, what, to=old_email, can_log_in=False)


def two_factor_on(_app: Flask, user: User, **_more: object) -> None:
    """Tell the user."""
    notify(user, _l("Two-factor authentication was set up for your account."))


def two_factor_off(_app: Flask, user: User, **_more: object) -> None:
    """Tell the user."""
    notify(user, _l("Two-factor authentication was turned off for your account."))


def passkey_added(_app: Flask, user: User, name: str, **_more: object) -> None:
    """Tell the user."""
    notify(user, _l("The passkey “%(name)s” was added to your account.", name=name))


def passkey_removed(_app: Flask, user: User, name: str, **_more: object) -> None:
    """Tell the user."""
    notify(user, _l("The passkey “%(name)s” was removed from your account.", name=name))


def account_deleted(_app: Flask, user: User, **_more: object) -> None:
    """Tell the user."""
    notify(user, _l("Your account was deleted, with all that belonged to it."), can_log_in=False)
