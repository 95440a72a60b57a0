"""Users and roles in the admin panel."""

from uuid import uuid4

from flask_security import naive_utcnow
from wtforms import Form, PasswordField, ValidationError
from wtforms.validators import Email, Optional

from ..admin.views import ProtectedView
from ..database import db
from ..text import lazy_gettext as _l
from .models import Role, User
from .passwords import hashed
from .roles import accounts


def good_password(form: Form, field: PasswordField) -> None:
    """Ask of a password what is asked of those that users choose."""
    util = accounts().password_util
    errors, _normalized = util.validate(field.data, is_register=True, email=form.email.data)
    if errors:
        raise ValidationError(errors[0])


class UserView(ProtectedView):
    """Users; their password can be set, and is never shown."""

    column_list = ("email", "active", "roles", "last_login_at")
    column_searchable_list = ("email",)
    column_filters = ("active",)
    form_columns = ("email", "active", "roles", "new_password")
    form_args = {"email": {"validators": [Email()]}}
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
