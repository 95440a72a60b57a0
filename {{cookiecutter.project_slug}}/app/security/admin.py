"""Users and roles in the admin panel."""

from collections.abc import Sequence
from typing import Any, cast

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin.actions import action
from flask_admin.babel import lazy_gettext as stock_text
from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from flask_security import EmailValidateException, current_user, naive_utcnow
from flask_security.changeable import admin_change_password
from flask_security.utils import check_and_update_authn_fresh
from wtforms import EmailField, Form, PasswordField, ValidationError
from wtforms.validators import Email, InputRequired, Optional

from ..admin.views import ProtectedView
from ..database import db
from ..text import gettext as _
from ..text import lazy_gettext as _l
from ..text import ngettext
{% if cookiecutter.mail %}
from .mail import announce_new_address, notify, welcome
{% endif %}
from .models import Role, User, administrators
from .roles import ROLES, accounts, find_user, store
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
    errors, field.data = util.validate(field.data, is_register=True, email=form.email.data)
    if errors:
        raise ValidationError(errors[0])


def keep_oneself(user: User) -> None:
    """Refuse that administrators lock themselves out by mistake.

    The model refuses the only administrator, and says so.
    """
    if user.id == current_user.id and administrators() != {user.id}:
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
        """Set the new password, which ends the sessions and tokens of the user."""
        if is_created:
            store().set_uniquifier(model)
        if form.new_password.data:
            admin_change_password(model, form.new_password.data, notify=False)
        if not model.active:
            keep_oneself(model)
    {% if cookiecutter.mail %}

    def after_model_change(self, form: Form, model: User, is_created: bool) -> None:
        """Tell users that they have an account, another address, or a new password."""
        if is_created:
            welcome(model)
            return
        if form.email.object_data != model.email:
            announce_new_address(model, form.email.object_data)
        if form.new_password.data:
            notify(model, _l("An administrator has set a new password for your account."))
    {% endif %}

    def on_model_delete(self, model: User) -> None:
        """Keep whoever is at work."""
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
            keep_oneself(user)
            user.active = False
            db.session.commit()
        except ValidationError as error:
            return not self.handle_view_exception(error)
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
