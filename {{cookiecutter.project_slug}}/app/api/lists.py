"""The lists of the API: how the query string filters, sorts and divides them.

``filter[price][gte]=10&filter[status][in]=draft,published&sort=-price,name`` asks for some rows
in an order, ``limit=50`` for so many at once, ``fields[]=id,name`` for some of their fields and
``include=category`` for those that belong to them. The links in the answer lead to the pages
beside it; ``page=3`` is another way to a page, within the first rows.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from math import ceil
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import marshmallow
from flask import request
from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute
from webargs.fields import DelimitedList

from ..database import Model, db
from ..database.keyset import Order, Page, fetch_page
from ..text import gettext as _
from ..text import lazy_gettext as _l
from .schema import MAX_INTEGER, ExactText, Moment, Schema, Time

MAX_LIMIT = 100
MAX_PAGE = 100  # to skip rows is slow, and cursors skip none
MAX_COUNT = MAX_PAGE * MAX_LIMIT  # counting more rows would take longer than listing them
MAX_CHOICES = 100
KEY = "id"
MAX_NUMBER = 10**12
Column = InstrumentedAttribute[Any]

OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "like": lambda column, pattern: column.like(pattern, escape="\\"),
    "ilike": lambda column, pattern: column.ilike(pattern, escape="\\"),
    "in": lambda column, values: column.in_(values),
    "not_in": lambda column, values: column.not_in(values),
    "is_null": lambda column, yes: column.is_(None) if yes else column.is_not(None),
}
FIELDS: dict[type, Callable[[], fields.Field[Any]]] = {
    bool: fields.Boolean,
    date: fields.Date,
    datetime: Moment,
    Decimal: lambda: fields.Decimal(
        validate=validate.Range(-MAX_NUMBER, MAX_NUMBER),
        metadata={"minimum": -MAX_NUMBER, "maximum": MAX_NUMBER},  # else written as text
    ),
    float: fields.Float,
    int: lambda: fields.Integer(validate=validate.Range(-MAX_INTEGER, MAX_INTEGER)),
    str: ExactText,
    time: Time,
    UUID: fields.UUID,
}
PATTERN = validate.Regexp(r"^(?:[^\\\x00]|\\[^\x00])*$", error=_l("A backslash escapes nothing."))


@dataclass(frozen=True)
class Found:
    """A page of a list, ready to be sent: how many rows fit, and the cursors beside it."""

    rows: list[dict[str, Any]]
    count: int
    next: str
    previous: str

    @property
    def total(self) -> str:
        """The number of rows that fit, with a plus if it was not counted to its end."""
        return f"{MAX_COUNT}+" if self.count > MAX_COUNT else str(self.count)


class ListSchema(Schema):
    """The parameters that every list has."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    page = fields.Integer(validate=validate.Range(1, MAX_PAGE))
    cursor = ExactText()

    @validates_schema
    def either(self, data: dict[str, Any], **_options: object) -> None:
        """Refuse to follow both ways at once.

        :raises marshmallow.ValidationError: there is a cursor, and a page
        """
        if "page" in data and "cursor" in data:
            raise ValidationError(_("Give a page, or a cursor."), "page")


def list_schema(
    model: type[Model], filters: Iterable[str], sorts: Iterable[str], schema: Schema
) -> type[marshmallow.Schema]:
    """Return the schema of a list's parameters, by which they are read and documented."""
    parameters: dict[str, Any] = {
        f"filter[{name}][{operation}]": field
        for name in filters
        for operation, field in operations(getattr(model, name)).items()
    }
    if sorts:
        parameters["sort"] = choices(sign + name for name in sorts for sign in ("", "-"))
    return ListSchema.from_dict(parameters | view_parameters(schema), name=f"{model.__name__}List")


def view_parameters(schema: Schema) -> dict[str, fields.Field[Any]]:
    """Return the parameters by which a client chooses what it is shown of a row."""
    nested = nested_fields(schema)
    shown: dict[str, fields.Field[Any]] = {"fields[]": choices(schema.dump_fields.keys() - nested)}
    return shown | ({"include": choices(nested)} if nested else {})


def nested_fields(schema: Schema) -> set[str]:
    """Return the names of the fields that show other rows."""
    return {name for name, field in schema.fields.items() if isinstance(field, fields.Nested)}


def choices(names: Iterable[str]) -> DelimitedList:
    """Return a field for some of these names."""
    one_of_them = fields.String(validate=validate.OneOf(sorted(names)))
    return DelimitedList(one_of_them, validate=validate.Length(max=MAX_CHOICES))


def operations(column: Column) -> dict[str, fields.Field[Any]]:
    """Return the operations on a column, with the fields that read their values."""
    kind = column.type.python_type
    is_enum = issubclass(kind, Enum)

    def field() -> fields.Field[Any]:
        return fields.Enum(kind, by_value=True) if is_enum else FIELDS[kind]()

    found = {name: field() for name in ("eq", "ne")}
    if not (is_enum or kind is bool):
        found |= {name: field() for name in ("lt", "lte", "gt", "gte")}
    for name in ("in", "not_in"):
        found[name] = DelimitedList(field(), validate=validate.Length(max=MAX_CHOICES))
    if kind is str:
        found |= {name: ExactText(pattern=PATTERN) for name in ("like", "ilike")}
    if column.nullable:
        found["is_null"] = fields.Boolean()
    return found


def narrow(query: Select[Any], model: type[Model], parameters: dict[str, Any]) -> Select[Any]:
    """Return the query for the rows that fit the filters."""
    for name, value in parameters.items():
        if name.startswith("filter["):
            column, operation = name.removeprefix("filter[").removesuffix("]").split("][")
            query = query.where(OPERATORS[operation](getattr(model, column), value))
    return query


def order_of(model: type[Model], names: Sequence[str]) -> Order:
    """Return the order by these names, those with a minus falling, and then by the key."""
    order = [(getattr(model, name.removeprefix("-")), name.startswith("-")) for name in names]
    falls = bool(order) and order[-1][1]  # as the last, so that an index with the key is read
    return [*order, (getattr(model, KEY), falls)]


def count(query: Select[Any]) -> int:
    """Return how many rows there are, or the first number that would take long to count to."""
    rows = query.order_by(None).limit(MAX_COUNT + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def read_page(query: Select[Any], order: Order, parameters: dict[str, Any]) -> Page[Any]:
    """Return a page: the one at the cursor, the one with the number, or the first.

    :raises CursorError: the cursor is none of this list
    """
    limit, number = parameters["limit"], parameters.get("page")
    if number is None:
        return fetch_page(query, order, limit, parameters.get("cursor", ""))
    by = (column.desc() if falls else column for column, falls in order)
    rows = query.order_by(*by).offset((number - 1) * limit).limit(limit)
    return Page(db.session.scalars(rows).all(), next="", previous="")


def links(found: Found, parameters: dict[str, Any]) -> str:
    """Return the value of the ``Link`` header: where the pages beside this one are."""
    number = parameters.get("page")
    places: dict[str, dict[str, object]] = {"first": {}}
    if number is None:
        cursors = {"prev": found.previous, "next": found.next}
        places |= {name: {"cursor": cursor} for name, cursor in cursors.items() if cursor}
    else:
        last = max(1, min(ceil(found.count / parameters["limit"]), MAX_PAGE))
        numbers = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
        places |= {name: {"page": page} for name, page in numbers.items() if 1 <= page <= last}
    kept = {name: value for name, value in request.args.items() if name not in {"page", "cursor"}}
    return ", ".join(
        f'<{request.base_url}?{urlencode(kept | place)}>; rel="{name}"'
        for name, place in places.items()
    )
