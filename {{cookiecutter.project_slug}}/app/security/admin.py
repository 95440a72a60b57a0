"""Users and roles in the admin panel."""

from uuid import uuid4

from flask import current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import EmailValidateException, naive_utcnow
from flask_security.utils import check_and_update_authn_fresh
from wtforms import EmailField, Form, PasswordField, ValidationError
from wtforms.validators import Email, Optional

from ..admin.views import ProtectedView
from ..database import db
from ..text import gettext as _
from ..text import lazy_gettext as _l
{% if cookiecutter.mail %}
from .mail import notify
{% endif %}
from .models import Role, User
from .passwords import hashed
from .roles import accounts, find_user, others_administrate
from .views import ask_again, freshness


def free_address(form: Form, field: EmailField) -> None:
    """Take an address the way that accounts keep it, unless somebody else has it."""
    try:
        field.data = accounts().mail_util.validate(field.data)
    except EmailValidateException as error:
        raise ValidationError(str(error)) from error
    if find_user(field.data) not in (None, form._obj):
        raise ValidationError(_("Somebody else has this address."))


def good_password(form: Form, field: PasswordField) -> None:
    """Ask of a password what is asked of those that users choose."""
    util = accounts().password_util
    errors, _normalized = util.validate(field.data, is_register=True, email=form.email.data)
    if errors:
        raise ValidationError(errors[0])


def keep_an_administrator(user: User) -> None:
    """Refuse that the last administrator goes."""
    if not others_administrate(user):
        raise ValidationError(_("This is the only administrator. Make somebody else one before."))


class UserView(ProtectedView):
    """Users; their password can be set, and is never shown."""

    column_list = ("email", "active", "roles", "last_login_at")
    column_searchable_list = ("email",)
    column_filters = ("active",)
    form_columns = ("email", "active", "roles", "new_password")
    form_args = {"email": {"validators": [Email(), free_address]}}
    form_extra_fields = {
        "new_password": PasswordField(_l("New password"), [Optional(), good_password])
    }

    def on_model_change(self, form: Form, model: User, is_created: bool) -> None:
        """Hash the new password; what an administrator creates needs no confirmation."""
        if form.new_password.data:
            model.password = hashed(form.new_password.data)
        if form.new_password.data or is_created:
            # Sessions and tokens name the user by this, so that they end with the old password.
            model.fs_uniquifier = uuid4().hex
        if is_created:
            model.confirmed_at = naive_utcnow()
        if not (model.active and model.has_role("admin")):
            keep_an_administrator(model)
    {% if cookiecutter.mail %}

    def after_model_change(self, form: Form, model: User, is_created: bool) -> None:
        """Tell users that they have a new password."""
        if form.new_password.data and not is_created:
            notify(model, _l("An administrator has set a new password for your account."))
    {% endif %}

    def on_model_delete(self, model: User) -> None:
        """Keep the last administrator."""
        keep_an_administrator(model)

    def _handle_view(self, name: str, **kwargs: object) -> ResponseReturnValue | None:
        """Let administrators prove that it is still them."""
        answer: ResponseReturnValue | None = super()._handle_view(name, **kwargs)
        grace = current_app.config["SECURITY_FRESHNESS_GRACE_PERIOD"]
        if answer or check_and_update_authn_fresh(freshness(), grace, "session"):
            return answer
        if name in {"delete_view", "action_view"}:
            # Nobody could come back to where a button leads.
            return redirect(url_for(".index_view"))
        return ask_again(freshness(), grace)


class RoleView(ProtectedView):
    """Roles; the code asks for them by their names, so that the names stay."""

    can_create = False
    can_delete = False
    column_list = ("name", "description")
    form_columns = ("description",)


def views() -> list[ProtectedView]:
    """Return the views of this package."""
    return [
        UserView(User, db, name=_l("Users")),
        RoleView(Role, db, name=_l("Roles")),
    ]
