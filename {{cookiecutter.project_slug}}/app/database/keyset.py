"""Reads long lists a page at a time: the last page costs what the first one costs.

A page begins where another one ended, at the values of a row, and these are found in an index;
an OFFSET would read all rows before it. See https://use-the-index-luke.com/no-offset
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, Select, and_, false, or_, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from . import db

T = TypeVar("T")

# Columns, each with whether it falls; the last one is unique, so that no two rows are alike.
Order = Sequence[tuple[InstrumentedAttribute[Any], bool]]

# How the values of a cursor are read; the others are what JSON makes of them.
READERS: dict[type, Any] = {
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


class CursorError(ValueError):
    """A cursor was not made here, or for another order."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows, and the cursors of the pages beside them; an empty one where there is none."""

    items: Sequence[T]
    next: str
    previous: str


def fetch_page(query: Select[T], order: Order, size: int, cursor: str = "") -> Page[T]:
    """Return the page at the cursor, or the first one.

    :param order: of the rows; its last column is unique
    :param size: how many rows there are on a page
    :raises CursorError: the cursor is none of this list
    """
    backward, values = read_cursor(order, cursor)
    sought = [(column, falls != backward) for column, falls in order]
    query = query.order_by(*(column.desc() if falls else column for column, falls in sought))
    rows: list[T] = []
    for condition in ranges(sought, values):
        if len(rows) <= size:
            found = query.where(condition).limit(size + 1 - len(rows))
            rows += db.session.scalars(found)
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    has_next, has_previous = (bool(values), more) if backward else (more, bool(values))
    return Page(
        rows,
        next=write_cursor(order, rows[-1], backward=False) if rows and has_next else "",
        previous=write_cursor(order, rows[0], backward=True) if rows and has_previous else "",
    )


def serializer(order: Order) -> URLSafeSerializer:
    """Return what signs the cursors of this order, and of no other."""
    salt = " ".join(f"{column} {falls}" for column, falls in order)
    return URLSafeSerializer(current_app.secret_key or "", salt)


def write_cursor(order: Order, row: object, *, backward: bool) -> str:
    """Return the cursor of the page after this row, or before it."""
    values = [getattr(row, column.key) for column, _falls in order]
    return str(serializer(order).dumps([backward, *map(plain, values)]))


def read_cursor(order: Order, cursor: str) -> tuple[bool, list[Any]]:
    """Return whether the page lies before the row, and the values of the row.

    :raises CursorError: the cursor is none of this list
    """
    if not cursor:
        return False, []
    try:
        backward, *values = serializer(order).loads(cursor)
    except BadData as error:
        raise CursorError(cursor) from error
    types = [column.type.python_type for column, _falls in order]
    return backward, [typed(*pair) for pair in zip(types, values, strict=True)]


def plain(value: object) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, Enum):
        return value.name
    return str(value) if isinstance(value, Decimal | date) else value


def typed(kind: type, value: Any) -> Any:  # noqa: ANN401 that of any column
    """Return a value as a column of this type has it."""
    if value is None:
        return None
    if issubclass(kind, Enum):
        return kind[value]
    return READERS.get(kind, kind)(value)


def ranges(order: Order, values: Sequence[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions of the rows after these values, of which each is a range of an index.

    The rows without a value in the first column lie at an end of the index, in a range of their own.
    """
    if not values:
        return [true()]
    [(column, falls), *rest], [value, *others] = order, values
    if not column.nullable:
        return [beyond(order, values)]
    if value is None:
        found, later = and_(column.is_(None), beyond(rest, others)), column.is_not(None)
    else:
        bound = column <= value if falls else column >= value
        found, later = and_(bound, beyond(order, values)), column.is_(None)
    return [found, later] if missing_is_last(falls=falls) == (value is not None) else [found]


def beyond(order: Order, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition of the rows that come after these values."""
    [(column, falls), *rest], [value, *others] = order, values
    later = after(column, value, falls=falls)
    if not rest:
        return later
    alike = column == value if value is not None else column.is_(None)
    in_any_order = or_(later, and_(alike, beyond(rest, others)))
    if value is None or column.nullable:
        return in_any_order
    # The bound of the first column is one that every database finds in an index, and that of
    # all columns one that ends the search where many rows share the first.
    bound = column <= value if falls else column >= value
    if any(down != falls or other.nullable for other, down in rest):
        return and_(bound, in_any_order)
    columns = [other for other, _down in order]
    here = tuple_(*values, types=[other.type for other in columns])
    return and_(bound, tuple_(*columns) < here if falls else tuple_(*columns) > here)


def after(column: InstrumentedAttribute[Any], value: object, *, falls: bool) -> ColumnElement[bool]:
    """Return the condition of the rows that have a later value in this column."""
    if value is None:
        return false() if missing_is_last(falls=falls) else column.is_not(None)
    later = column < value if falls else column > value
    if column.nullable and missing_is_last(falls=falls):
        return or_(later, column.is_(None))
    return later


def missing_is_last(*, falls: bool) -> bool:
    """Tell where no value is: it is the greatest for PostgreSQL, and the least for the others."""
    return (db.engine.dialect.name == "postgresql") != falls
