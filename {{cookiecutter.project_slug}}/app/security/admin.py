"""Users and roles in the admin panel."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin.actions import action
from flask_admin.babel import lazy_gettext as stock_text
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from flask_security import EmailValidateException, current_user, naive_utcnow
from flask_security.utils import check_and_update_authn_fresh
from wtforms import EmailField, Form, PasswordField, ValidationError
from wtforms.validators import Email, InputRequired, Optional

from ..admin.views import ProtectedView
from ..database import db
from ..text import gettext as _
from ..text import lazy_gettext as _l
from ..text import ngettext
{% if cookiecutter.mail %}
from .mail import notify, welcome
{% endif %}
from .models import Role, User
from .passwords import hashed
from .roles import ROLES, accounts, find_user, others_administrate, store
from .views import account_deleted, ask_again, freshness


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


def keep_oneself(user: User) -> None:
    """Refuse that administrators lock themselves out by mistake."""
    if user.id == current_user.id:
        raise ValidationError(_("You can't deactivate or delete your own account here."))


class RoleFilter(BaseSQLAFilter):
    """Finds the users who have a role."""

    def apply(self, query: Any, value: str, _alias: object = None) -> Any:  # noqa: ANN401
        """Narrow the query down."""
        return query.filter(User.roles.any(Role.name == value))

    def operation(self) -> str:
        """Return the words between the name of the filter and the role."""
        return cast("str", stock_text("equals"))


class UserView(ProtectedView):
    """Users; their password can be set, and neither it nor another secret is ever shown."""

    column_list = ("email", "active", "roles", "create_datetime", "current_login_at")
    column_details_list = (*column_list, "confirmed_at", "last_login_at", "login_count")
    column_export_list = column_details_list
    column_labels = {
        "email": _l("E-mail address"),
        "active": _l("Active"),
        "roles": _l("Roles"),
        "create_datetime": _l("Created"),
        "current_login_at": _l("Last log-in"),
        "last_login_at": _l("Log-in before that"),
        "login_count": _l("Number of log-ins"),
        "confirmed_at": _l("Address confirmed"),
    }
    column_searchable_list = ("email",)
    column_filters = (
        "active",
        RoleFilter(User.id, _l("Role"), options=[(name, name) for name in ROLES]),
        "create_datetime",
        "current_login_at",
    )
    column_sortable_list = ("email",)
    column_select_related_list = (User.roles,)
    form_columns = ("email", "active", "roles", "confirmed_at", "new_password")
    form_args = {
        "email": {"validators": [InputRequired(), Email(), free_address]},
        "confirmed_at": {
            "default": naive_utcnow,
            "description": _l("In UTC. Without it, the user has to confirm the address."),
        },
    }
    form_extra_fields = {
        "new_password": PasswordField(
            _l("New password"),
            [Optional(), good_password],
            render_kw={"autocomplete": "new-password"},
        )
    }

    def on_model_change(self, form: Form, model: User, is_created: bool) -> None:
        """Hash the new password, and keep an administrator who can log in."""
        if form.new_password.data:
            model.password = hashed(form.new_password.data)
        if form.new_password.data or is_created:
            # Sessions and tokens name the user by this, so that they end with the old password.
            model.fs_uniquifier = uuid4().hex
        if not model.active:
            keep_oneself(model)
        if not (model.active and model.has_role("admin")):
            keep_an_administrator(model)
    {% if cookiecutter.mail %}

    def after_model_change(self, form: Form, model: User, is_created: bool) -> None:
        """Tell users that they have an account, or a new password."""
        if is_created:
            welcome(model)
        elif form.new_password.data:
            notify(model, _l("An administrator has set a new password for your account."))
    {% endif %}

    def on_model_delete(self, model: User) -> None:
        """Keep the last administrator, and whoever is at work."""
        keep_an_administrator(model)
        keep_oneself(model)

    def after_model_delete(self, model: User) -> None:
        """Tell whoever wants to know, such as the user."""
        account_deleted.send(current_app._get_current_object(), user=model)  # type: ignore[attr-defined]

    @action("activate", _l("Activate"), _l("Let the selected users log in?"))
    def action_activate(self, ids: Sequence[str]) -> None:
        """Let the users log in who are ticked."""
        if count := self.set_active(ids, True):
            text = ngettext("%(num)s user is active.", "%(num)s users are active.", count)
            flash(text, "success")

    @action(
        "deactivate",
        _l("Deactivate"),
        _l("Log the selected users out, and let them log in no more?"),
    )
    def action_deactivate(self, ids: Sequence[str]) -> None:
        """Let the users log in no more who are ticked."""
        if count := self.set_active(ids, False):
            text = ngettext("%(num)s user is inactive.", "%(num)s users are inactive.", count)
            flash(text, "success")

    def set_active(self, ids: Sequence[str], active: bool) -> int:
        """Let users log in, or no more; return how many could not, or could, before."""
        change = self.activate if active else self.deactivate
        return sum(change(user) for user in self.get_many(ids) if user.active != active)

    def activate(self, user: User) -> bool:
        """Let somebody log in."""
        user.active = True
        db.session.commit()
        return True

    def deactivate(self, user: User) -> bool:
        """Log somebody out, and let them log in no more, if that may be."""
        try:
            keep_an_administrator(user)
            keep_oneself(user)
        except ValidationError as error:
            return not self.handle_view_exception(error)
        user.active = False
        # Their sessions stay void when they are active again.
        store().set_uniquifier(user)
        db.session.commit()
        return True

    def is_fresh(self) -> bool:
        """Tell whether the administrator has shown of late that it is still them."""
        grace = current_app.config["SECURITY_FRESHNESS_GRACE_PERIOD"]
        return bool(check_and_update_authn_fresh(freshness(), grace, "session"))

    def _handle_view(self, name: str, **kwargs: object) -> ResponseReturnValue | None:
        """Let administrators prove that it is still them, whatever they do with users."""
        answer: ResponseReturnValue | None = super()._handle_view(name, **kwargs)
        if answer or self.is_fresh():
            return answer
        if name in {"delete_view", "action_view"}:
            # Nobody could come back to where a button leads.
            return redirect(url_for(".index_view"))
        return ask_again(freshness(), current_app.config["SECURITY_FRESHNESS_GRACE_PERIOD"])


class RoleView(ProtectedView):
    """Roles; the code asks for them by their names, so that the names stay."""

    can_create = False
    can_delete = False
    column_list = ("name", "description")
    column_details_list = (*column_list, "permissions")
    column_export_list = column_details_list
    column_labels = {
        "name": _l("Name"),
        "description": _l("Description"),
        "permissions": _l("Permissions"),
    }
    column_searchable_list = column_list
    column_sortable_list = ("name",)
    form_columns = ("description",)


def views() -> list[ProtectedView]:
    """Return the views of this package."""
    return [
        UserView(User, db, name=_l("Users")),
        RoleView(Role, db, name=_l("Roles")),
    ]
