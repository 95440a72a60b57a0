"""Writes rows of any table, for the tests that need some."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Column

from app.database import Model, db

numbers = count(1)
SAMPLES: dict[type, Callable[[int], object]] = {
    bool: bool,
    Decimal: Decimal,
    dt.date: lambda number: dt.date(2026, 1, 1) + dt.timedelta(number),
    dt.datetime: lambda number: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(number),
    dt.time: lambda number: dt.time(number // 3600 % 24, number // 60 % 60, number % 60),
    float: float,
    int: int,
    object: lambda number: {"number": number},  # JSON
    str: str,
    UUID: lambda number: UUID(int=number),
}


def make_row(model: type[Any], /, **values: object) -> Any:  # noqa: ANN401 a row of the model
    """Write a row with these values, and with others that it can't be without."""
    for column in model.__table__.columns:
        has_value = column.key in values or column.default or column.server_default
        if not (has_value or column.nullable or column.primary_key):
            values[column.key] = sample(column)
    row = model(**values)
    db.session.add(row)
    db.session.commit()
    return row


def sample(column: Column[Any]) -> object:
    """Return a value that no other row has."""
    for key in column.foreign_keys:
        return make_row(model_of(key.column.table)).id
    kind = column.type.python_type
    if issubclass(kind, Enum):
        return next(iter(kind))
    value = SAMPLES[kind](next(numbers))
    return value[-(getattr(column.type, "length", None) or 0) :] if isinstance(value, str) else value


def model_of(table: object) -> type[Any]:
    """Return the model of a table."""
    mappers = Model.registry.mappers
    return next(mapper.class_ for mapper in mappers if mapper.local_table is table)
