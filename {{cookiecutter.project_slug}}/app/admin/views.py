"""The classes that every view of the admin panel is made from."""

from flask_admin import AdminIndexView
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import BaseForm
from flask_wtf import FlaskForm
from werkzeug import Response

from .access import ask_to_log_in, may_administrate


class AdminForm(FlaskForm, BaseForm):
    """A form of the panel, with its CSRF token checked."""


class Protected:
    """Keeps out those who are no administrators."""

    def is_accessible(self) -> bool:
        """Tell whether the visitor may use this view."""
        return may_administrate()

    def inaccessible_callback(self, _name: str, **_kwargs: object) -> Response:
        """Answer somebody who may not."""
        return ask_to_log_in()


class ProtectedIndex(Protected, AdminIndexView):
    """The first page of the panel."""


class ProtectedView(Protected, ModelView):
    """Lists, creates, edits and deletes the rows of one table."""

    form_base_class = AdminForm
    page_size = 50
