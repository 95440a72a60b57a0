"""The filters of the lists: those of Flask-Admin, less what fails or means little.

See https://flask-admin.readthedocs.io/en/latest/api/mod_contrib_sqla/
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from flask_admin.contrib.sqla import filters
from flask_admin.model.filters import BaseFilter
from flask_admin.model.filters import convert as for_types
from sqlalchemy import Column, ColumnElement, String, cast
from sqlalchemy import Enum as EnumType

from ..text import to_utc


def contains(column: Any, term: str) -> ColumnElement[bool]:  # noqa: ANN401
    """Return the condition that a column has the term, in capitals or not; no sign is a wildcard."""
    kind = getattr(column, "type", None)  # of a proxy for a column there is none
    # A cast would compare text as the connection to MySQL does: all emoji are alike to it.
    is_text = kind is None or (isinstance(kind, String) and not isinstance(kind, EnumType))
    searched = column if is_text else cast(column, String)
    condition: ColumnElement[bool] = searched.icontains(term, autoescape=True)
    return condition


class Contains(filters.FilterLike):
    """Text that has another text in it."""

    def apply(self, query: Any, value: str, alias: object = None) -> Any:  # noqa: ANN401
        """Narrow the query down."""
        return query.filter(contains(self.get_column(alias), value))


class ContainsNot(filters.FilterNotLike):
    """Text that does not have another text in it."""

    def apply(self, query: Any, value: str, alias: object = None) -> Any:  # noqa: ANN401
        """Narrow the query down."""
        return query.filter(~contains(self.get_column(alias), value))


class Number(BaseFilter):
    """Takes a number as it is written, which a float is not, and neither infinity nor NaN."""

    def clean(self, value: str) -> Decimal:
        """Read the number.

        :raises ValueError: it is none
        """
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise ValueError(value) from error
        if not number.is_finite():
            raise ValueError(value)
        return number


class NumberEqual(filters.FilterEqual, Number):
    """The number itself."""


class NumberNotEqual(filters.FilterNotEqual, Number):
    """Any other number."""


class NumberGreater(filters.FilterGreater, Number):
    """Larger numbers."""


class NumberSmaller(filters.FilterSmaller, Number):
    """Smaller numbers."""


class Later(filters.DateTimeGreaterFilter):
    """After a moment, by the clock of the visitor."""

    def clean(self, value: str) -> datetime:
        """Read the moment."""
        return to_utc(super().clean(value))


class Earlier(filters.DateTimeSmallerFilter):
    """Before a moment, by the clock of the visitor."""

    def clean(self, value: str) -> datetime:
        """Read the moment."""
        return to_utc(super().clean(value))


class Between(filters.DateTimeBetweenFilter):
    """Between two moments, by the clock of the visitor."""

    def clean(self, value: str) -> list[datetime]:
        """Read both moments."""
        return [to_utc(moment) for moment in super().clean(value)]


class Is(filters.EnumEqualFilter):
    """One of the values of an enum."""

    def validate(self, value: str) -> bool:
        """Tell whether there is such a value."""
        return value in self.enum_class.__members__


class IsNot(filters.EnumFilterNotEqual):
    """The others of the values of an enum."""

    def validate(self, value: str) -> bool:
        """Tell whether there is such a value."""
        return value in self.enum_class.__members__


class FilterConverter(filters.FilterConverter):
    """Chooses the filters of a column by its type."""

    strings = (Contains, ContainsNot, *filters.FilterConverter.strings[2:])
    float_filters = (
        NumberEqual,
        NumberNotEqual,
        NumberGreater,
        NumberSmaller,
        filters.FilterEmpty,
    )

    def convert(
        self, type_name: str, column: Column[Any], name: str, **options: object
    ) -> list[BaseFilter]:
        """Ask only where a value may be missing whether there is one."""
        found = super().convert(type_name, column, name, **options) or []
        empty = filters.FilterEmpty
        return [one for one in found if column.nullable or not isinstance(one, empty)]

    @for_types("datetime", "utcdatetime")
    def conv_datetime(self, column: object, name: str, **options: object) -> list[BaseFilter]:
        """Return those of a moment, which is hardly ever met to the second."""
        kinds = (Between, Later, Earlier, filters.FilterEmpty)
        return [kind(column, name, **options) for kind in kinds]

    @for_types("enum")
    def conv_enum(
        self,
        column: Any,  # noqa: ANN401
        name: str,
        options: Sequence[tuple[Enum, str]] | None = None,
        **others: object,
    ) -> list[BaseFilter]:
        """Return those of an enum; its labels come from ``column_choices`` of the view."""
        members = options or [(member, member.name) for member in column.type.enum_class]
        choices = [(member.name, label) for member, label in members]
        kinds = (Is, IsNot, filters.EnumFilterEmpty)
        return [kind(column, name, choices, **others) for kind in kinds]
