"""The classes that every view of the admin panel is made from."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import Admin, expose
from flask_admin.actions import action
from flask_admin.babel import ngettext
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.ajax import QueryAjaxModelLoader
from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.form import BaseForm
from flask_admin.model.form import converts
from flask_wtf import FlaskForm
from sqlalchemy import Column, PrimaryKeyConstraint, UniqueConstraint, inspect, or_, text
from sqlalchemy.exc import DataError, IntegrityError, InvalidRequestError
from wtforms import FloatField, TextAreaField
from wtforms.fields.core import UnboundField

from ..database import db
from ..pages.errors import is_script
from ..text import gettext as _
from ..text import lazy_gettext as _l
from ..text import unify_lines
from ..urls import refuse_broken
from .access import (
    administrator,
    ask_to_log_in,
    limit_attempts,
    log_out_url,
    may_administrate,
)
from .filters import FilterConverter, contains
from .formats import EXPORT_FORMATTERS, PAGE_FORMATTERS, InlineEdit, editor_of, export

# The databases differ in what they make of numbers that are out of all reason.
LAST_PAGE = 10**6
# The constraints that make an index.
KEYS = (PrimaryKeyConstraint, UniqueConstraint)
# What the catalogues of Flask-Admin lack in some languages.
WORDS = [_l("Failed to create record."), _l("Failed to save record.")]


class AdminForm(FlaskForm, BaseForm):
    """A form of the panel, with its CSRF token checked."""


class FormConverter(AdminModelConverter):
    """Knows the floats too, which Flask-Admin takes for decimals; to SQLAlchemy they are none.

    Text of several lines has the line breaks that a package's own forms store.
    """

    @converts("Float")
    def convert_float(self, field_args: dict[str, Any], **_context: object) -> FloatField:
        """Return the field of a column."""
        return FloatField(**field_args)

    @converts("Text")
    def convert_text(self, field_args: dict[str, Any], **context: object) -> TextAreaField:
        """Return the field of a column."""
        field_args["filters"] = [*field_args["filters"], unify_lines]
        return super().conv_Text(field_args=field_args, **context)


class Protected:
    """Keeps out those who are no administrators."""

    def create_blueprint(self, admin: Admin) -> Blueprint:
        """Add what holds for each page and file of the view."""
        blueprint: Blueprint = super().create_blueprint(admin)  # type: ignore[misc]
        blueprint.before_request(check_url)
        blueprint.after_request(forbid_storing)
        limit_attempts(admin.app, blueprint)
        return blueprint

    def is_accessible(self) -> bool:
        """Tell whether the visitor may use this view."""
        return may_administrate()

    def inaccessible_callback(self, _name: str, **_kwargs: object) -> ResponseReturnValue:
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


class Lookup(QueryAjaxModelLoader):
    """Finds the rows that one can be chosen from, a few at a time."""

    def get_list(self, term: str | None, offset: int | None, limit: int) -> Any:  # noqa: ANN401
        """Return those that have the term in their text."""
        query = self.get_query().order_by(self.order_by)
        query = query.filter(or_(*(contains(field, term or "") for field in self._cached_fields)))
        for condition in self.filters or ():
            query = query.filter(text(f"{self.model.__tablename__}.{condition}"))
        return query.offset(clamp(offset, LAST_PAGE)).limit(clamp(limit, 100)).all()


class ProtectedView(Protected, ModelView):
    """Lists, shows, creates, edits, deletes and exports the rows of one table.

    No page of a list takes longer because the table is large: rows are not counted, and only
    columns with an index can be sorted by.
    """

    can_export = True
    can_set_page_size = True
    can_view_details = True
    column_formatters_export: dict[str, Callable[..., object]] = {}
    column_type_formatters = PAGE_FORMATTERS
    column_type_formatters_detail = PAGE_FORMATTERS
    column_type_formatters_export = EXPORT_FORMATTERS
    export_max_rows = 10_000
    export_types = ["csv", "xlsx", "json"]
    filter_converter = FilterConverter()
    form_base_class = AdminForm
    model_form_converter = FormConverter
    page_size = 50
    simple_list_pager = True

    def get_details_columns(self) -> Any:  # noqa: ANN401
        """Show no column that nobody has chosen."""
        chosen = self.column_details_list or self.column_list or self.scaffold_list_columns()
        return self.get_column_names(chosen, self.column_details_exclude_list)

    def scaffold_sortable_columns(self) -> dict[str, Column[Any]]:
        """Offer to sort by the columns whose order an index knows."""
        columns: dict[str, Column[Any]] = super().scaffold_sortable_columns()
        return {name: column for name, column in columns.items() if has_order(column)}

    def get_list_form(self) -> Any:  # noqa: ANN401
        """Return the form of the columns that are edited in the list, with all rules of the edit form.

        :raises TypeError: a column has no field that the list can show
        """
        form = self.scaffold_list_form(validators=self.form_args)
        for name in self.column_editable_list:
            field = getattr(self._edit_form_class, name, None) or getattr(form, name, None)
            if not (field and editor_of(field.field_class)):
                message = f"{type(self).__name__}: {name!r} can't be in column_editable_list."
                raise TypeError(message)
            options = field.kwargs | {"widget": InlineEdit()}
            setattr(form, name, UnboundField(field.field_class, *field.args, **options))
        return form

    def list_form(self, obj: object = None) -> Any:  # noqa: ANN401
        """Return the form of a row; a value that was sent is compared with the one that the row has."""
        return super().list_form(obj or self.get_one(request.form.get("list_form_pk", "")))

    def _create_ajax_loader(self, name: str, options: dict[str, Any]) -> Lookup:
        related = getattr(self.model, name).property.mapper.class_
        return Lookup(name, db, related, **options)

    def _apply_search(
        self,
        query: Any,  # noqa: ANN401
        count_query: Any,  # noqa: ANN401
        joins: Any,  # noqa: ANN401
        count_joins: Any,  # noqa: ANN401
        search: str,
    ) -> Any:  # noqa: ANN401
        """Find the words as they are; Flask-Admin would take them for patterns."""
        query, joins = self._search_words(query, joins, search)
        if count_query is not None:
            count_query, count_joins = self._search_words(count_query, count_joins, search)
        return query, count_query, joins, count_joins

    def _search_words(self, query: Any, joins: Any, search: str) -> Any:  # noqa: ANN401
        """Return the query for the rows that have each word in one of the columns."""
        for word in search.split():
            conditions = []
            for field, path in self._search_fields:
                query, joins, alias = self._apply_path_joins(query, joins, path, inner_join=False)
                conditions.append(contains(getattr(alias, field.key) if alias else field, word))
            query = query.filter(or_(*conditions))
        return query, joins

    def _apply_sorting(self, query: Any, joins: Any, column: str | None, descending: bool) -> Any:  # noqa: ANN401
        """Put rows that are alike in order too, or the newest first where nothing is chosen."""
        query, joins = super()._apply_sorting(query, joins, column, descending)
        if column is None:
            descending = not self.column_default_sort
        keys = inspect(self.model).primary_key
        return query.order_by(*(key.desc() if descending else key for key in keys)), joins

    def get_list(self, page: int | None, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Return the rows of the page, however far away the one is that was asked for."""
        return super().get_list(clamp(page, LAST_PAGE), *args, **kwargs)

    def get_one(self, id: str) -> Any:  # noqa: A002, ANN401
        """Return the row with this key, if it can be one and there is one."""
        try:
            return super().get_one(id)
        except (DataError, InvalidRequestError):
            db.session.rollback()
            return None

    def get_many(self, ids: Sequence[str]) -> list[Any]:
        """Return the rows that are ticked, those that are still there.

        Flask-Admin would compare their numbers with text, which PostgreSQL refuses.
        """
        return [row for row in map(self.get_one, ids) if row]

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Tell of what no database can look for, such as a number out of all reason."""
        try:
            return super()._run_view(fn, *args, **kwargs)
        except (DataError, OverflowError):
            if not request.values:
                raise
            db.session.rollback()
            message = _("The database can't look for that.")
            if is_script():
                return message, 422
            flash(message, "error")
            return redirect(self.get_url(".index_view"))

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> ResponseReturnValue:
        """Change one value in the list; a wrong one is no fault of the server."""
        if "list_form_pk" not in request.form:
            abort(400)
        answer = super().ajax_update()
        return (answer[0], 422) if isinstance(answer, tuple) else answer

    def _export_csv(self, return_url: str) -> Response:
        return self._export_tablib("csv", return_url)

    def _export_tablib(self, export_type: str, _return_url: str) -> Response:
        """Write the rows that the list would show, ``export_max_rows`` at most."""
        columns = self._export_columns
        _count, found = self._export_data()
        rows = [[self.get_export_value(row, name) for name, _label in columns] for row in found]
        return export(export_type, str(self.name), [str(label) for _name, label in columns], rows)

    def handle_view_exception(self, exc: Exception) -> bool:
        """Take back what failed before that is told: its language is read from the user."""
        db.session.rollback()
        if isinstance(exc, IntegrityError):
            # What the database says holds the values.
            flash(_("Another row has the same, or refers to this one."), "error")
            return True
        return bool(super().handle_view_exception(exc))

    @action(*ModelView.action_delete._action)
    def action_delete(self, ids: Sequence[str]) -> None:
        """Delete the rows that are ticked."""
        count = sum(self.delete_model(row) for row in self.get_many(ids))
        # The words of Flask-Admin, which translates them itself.
        one = "Record was successfully deleted."
        many = "%(count)s records were successfully deleted."
        if count:
            flash(ngettext(one, many, count, count=count), "success")


def check_url() -> None:
    """Refuse a broken URL to go back to."""
    refuse_broken(request.values.get("url"))


def forbid_storing(response: Response) -> Response:
    """Keep the pages and files of administrators out of caches, even if there is no session."""
    if request.endpoint != "admin.static":
        response.headers["Cache-Control"] = "no-store"
    return response


def clamp(number: int | None, most: int) -> int:
    """Return the number, or what comes nearest to it from 0 to ``most``."""
    return max(0, min(number or 0, most))


def has_order(column: Column[Any]) -> bool:
    """Tell whether an index has the rows in the order of this column, and then of their key."""
    table = column.table
    orders = [column.name], [column.name, *table.primary_key.columns.keys()]
    keys = [key for key in table.constraints if isinstance(key, KEYS)]
    return any(index.columns.keys() in orders for index in [*table.indexes, *keys])
