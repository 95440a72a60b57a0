"""How values look in the lists, on the pages and in the exports of the panel."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import tablib
from flask import Response, send_file
from flask_admin.babel import gettext
from flask_admin.contrib.sqla import typefmt
from flask_admin.model.widgets import XEditableWidget
from wtforms import DecimalField, Field, IntegerField

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


class InlineEdit(XEditableWidget):
    """Lets a value be edited in the list, where numbers are shown with separators."""

    def get_kwargs(self, field: Field, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Give the editor the number as it is written in a form."""
        kwargs = super().get_kwargs(field, kwargs)
        if isinstance(field, DecimalField | IntegerField):
            kwargs["data-value"] = field._value()
        return kwargs


def export(kind: str, title: str, headers: list[str], rows: list[list[Any]]) -> Response:
    """Return a file of this kind: ``csv``, ``xlsx`` or ``json``."""
    clean = plain if kind == "json" else harmless
    table = tablib.Dataset(*([clean(value) for value in row] for row in rows), headers=headers)
    table.title = title
    content = table.export(kind)
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
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
