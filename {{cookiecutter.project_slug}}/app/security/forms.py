"""The forms that Flask-Security does not have, or has in another way."""

from flask import current_app, url_for
from flask_security import LoginForm as BaseLoginForm
from flask_security import current_user
from flask_wtf import FlaskForm
from wtforms import EmailField, SubmitField, ValidationError
from wtforms.validators import DataRequired

from ..text import gettext as _
from ..text import lazy_gettext as _l


class LoginForm(BaseLoginForm):
    """Says where to go, so that it is still known after a second step."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = self.next.data or url_for(current_app.config["SECURITY_POST_LOGIN_VIEW"])


class DeleteForm(FlaskForm):
    """Makes sure that somebody means to delete their account."""

    email = EmailField(
        _l("Your e-mail address"), [DataRequired()], render_kw={"autocomplete": "off"}
    )
    submit = SubmitField(_l("Delete my account"))

    def validate_email(self, field: EmailField) -> None:
        """Ask for the user's own address, and keep the last administrator."""
        # The models need the views, which need this module.
        from .models import administrators  # noqa: PLC0415

        if field.data.strip().casefold() != current_user.email.casefold():
            raise ValidationError(_("This is not the address of your account."))
        if administrators() == {current_user.id}:
            raise ValidationError(
                _("You are the only administrator. Make somebody else one before you go.")
            )
