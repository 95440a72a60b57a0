"""The classes that every view of the admin panel is made from."""

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template
from flask_admin.actions import action
from flask_admin.babel import ngettext
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import BaseForm
from flask_wtf import FlaskForm
from werkzeug import Response

from ..database import db
from .access import administrator, ask_to_log_in, log_out_url, may_administrate

# The databases differ in what they make of numbers that are out of all reason.
LAST_PAGE = 10**6


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

    def is_fresh(self) -> bool:
        """Tell whether rows may be shown elsewhere, without what else this view asks for."""
        return True

    def render(self, template: str, **context: Any) -> str:  # noqa: ANN401
        """Render a page with what its frame shows."""
        context |= {"administrator": administrator(), "log_out_url": log_out_url()}
        page: str = super().render(template, **context)  # type: ignore[misc]
        # Flask-Admin has no block for them.
        attributes = render_template("admin/html_attributes.html")
        return page.replace("<html>", f"<html {attributes}>", 1)


class ProtectedView(Protected, ModelView):
    """Lists, creates, edits and deletes the rows of one table."""

    form_base_class = AdminForm
    page_size = 50

    def get_list(self, page: int | None, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return the rows of the page, however far away the one is that was asked for."""
        return super().get_list(max(0, min(page or 0, LAST_PAGE)), *args, **kwargs)

    def handle_view_exception(self, exc: Exception) -> bool:
        """Take back what failed before that is told: its language is read from the user."""
        db.session.rollback()
        return bool(super().handle_view_exception(exc))

    @action(*ModelView.action_delete._action)
    def action_delete(self, ids: Sequence[str]) -> None:
        """Delete the rows that are ticked.

        Flask-Admin would compare their numbers with text, which PostgreSQL refuses.
        """
        count = sum(self.delete_model(row) for row in map(self.get_one, ids) if row)
        # The words of Flask-Admin, which translates them itself.
        one = "Record was successfully deleted."
        many = "%(count)s records were successfully deleted."
        if count:
            flash(ngettext(one, many, count, count=count), "success")
