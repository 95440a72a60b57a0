"""How values look in the lists, on the pages and in the exports of the panel."""

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from unicodedata import category, normalize

import tablib
from flask import Response, send_file
from flask_admin.babel import gettext
from flask_admin.contrib.sqla import typefmt
from flask_admin.model.widgets import XEditableWidget
from wtforms import BooleanField, Field, SelectField, SelectMultipleField

from ..text import format_date, format_datetime, format_number

# The first one that fits counts: a bool is a number too, and a date-time is a date.
PAGE_FORMATTERS = {
    bool: lambda _view, value, _name: gettext("Yes") if value else gettext("No"),
    datetime: lambda _view, value, _name: format_datetime(value),
    date: lambda _view, value, _name: format_date(value),
    (int, float, Decimal): lambda _view, value, _name: format_number(value),
    **{
        kind: formatter
        for kind, formatter in typefmt.DEFAULT_FORMATTERS.items()
        if kind is not bool
    },
}
EXPORT_FORMATTERS = {
    kind: formatter
    for kind, formatter in typefmt.EXPORT_FORMATTERS.items()
    if kind is not type(None)
}
# A spreadsheet may take them for the end or the frame of a cell.
SEPARATORS = ";,|\"'"


# The fields that the widget of Flask-Admin knows, by the names of their classes.
EDITORS = {
    "BooleanField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "FloatField",
    "IntegerField",
    "QuerySelectField",
    "QuerySelectMultipleField",
    "Select2Field",
    "SelectField",
    "StringField",
    "TextAreaField",
    "TimeField",
}


def editor_of(field: type[Field]) -> str:
    """Return the name of the known class that a field is made from; empty if the list can't edit it."""
    if issubclass(field, SelectMultipleField):
        return ""  # it would be edited as one choice
    return next((kind.__name__ for kind in field.__mro__ if kind.__name__ in EDITORS), "")


class InlineEdit(XEditableWidget):
    """Lets a value be edited in the list, where it is shown in the language of the page."""

    def get_kwargs(self, field: Field, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Give the editor the value as it is written in a form."""
        field.type = editor_of(type(field))
        kwargs = super().get_kwargs(field, kwargs)
        if isinstance(field, SelectField):
            chosen = [choice[0] for choice in field.iter_choices() if choice[2]]
            kwargs["data-value"] = str(chosen[0]) if chosen else ""
        elif hasattr(field, "_value") and not isinstance(field, BooleanField):
            kwargs["data-value"] = field._value()
        return kwargs


def export(kind: str, title: str, headers: list[str], rows: list[list[Any]]) -> Response:
    """Return a file of this kind: ``csv``, ``xlsx`` or ``json``."""
    clean = CLEANERS[kind]
    cells = [[clean(value) for value in row] for row in (headers, *rows)]
    table = tablib.Dataset(*cells[1:], headers=cells[0])
    table.title = title
    # Not quoted, a value with a semicolon is two cells where numbers have a decimal comma.
    content = table.export(kind, **({"quoting": csv.QUOTE_ALL} if kind == "csv" else {}))
    content = content.encode() if isinstance(content, str) else content
    name = f"{title} {datetime.now(UTC):%Y-%m-%d}.{kind}"
    return send_file(BytesIO(content), as_attachment=True, download_name=name)


def plain(value: object) -> object:
    """Return what each kind of file knows: a number, a truth value, nothing, or text."""
    if value is None or isinstance(value, int | float | Decimal):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def harmless(value: object) -> object:
    """Keep spreadsheets from running text as a formula, and leave out what they refuse."""
    value = plain(value)
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\0-\x08\x0b\x0c\x0e-\x1f]", "", value)
    return f"'{text}" if begins_formula(text) or text.startswith(("\t", "\r", "\n")) else text


def harmless_in_csv(value: object) -> object:
    """Keep each part of a text from being a formula.

    Where numbers have a decimal comma, spreadsheets split at semicolons, also within quotes.
    """
    text = harmless(value)
    if not isinstance(text, str):
        return text
    first, *parts = re.split(r"([;\t\r\n]+)", text)
    return first + "".join(f"'{part}" if begins_formula(part) else part for part in parts)


def begins_formula(text: str) -> bool:
    """Return whether a sign of a formula, also of full width, is the first that can be seen."""
    signs = (normalize("NFKC", sign) for sign in text)
    seen = (sign for sign in signs if category(sign[0])[0] not in "CZ" and sign not in SEPARATORS)
    return next(seen, "").startswith(("=", "+", "-", "@"))


CLEANERS = {"csv": harmless_in_csv, "json": plain, "xlsx": harmless}
