"""What forms ask for and WTForms does not know: more fields, and more to check.

See https://wtforms.readthedocs.io
"""

import json
import math
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from wtforms import (
    DateTimeLocalField,
    Field,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import StopValidation

from .database import Model, db
from .text import format_json, is_json, to_local, to_utc
from .text import gettext as _
from .text import strip as strip  # noqa: PLC0414 for the forms of packages

CENT = Decimal("0.01")


def to_cents(number: Decimal | None) -> Decimal | None:
    """Round to two places, as a column does that has no more; what can't be is left as it is."""
    try:
        return number.quantize(CENT, ROUND_HALF_UP) if number else number
    except InvalidOperation:
        return number


def is_finite(_form: object, field: Field) -> None:
    """Refuse infinity, and what is no number.

    :raises wtforms.validators.StopValidation: it is one of these
    """
    number = field.data or 0
    if not (number.is_finite() if isinstance(number, Decimal) else math.isfinite(number)):
        raise StopValidation(_("Not a valid decimal value."))


def is_email(_form: object, field: Field) -> None:
    """Refuse what no e-mail can be sent to.

    :raises wtforms.validators.StopValidation: it has no @ between a name and a domain
    """
    if not re.fullmatch(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+", field.data or ""):
        raise StopValidation(_("Not a valid email address."))


def is_web_address(_form: object, field: Field) -> None:
    """Refuse what a browser would not open, or would run.

    :raises wtforms.validators.StopValidation: it does not begin like a web address
    """
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", field.data or ""):
        raise StopValidation(_("Not a valid URL."))


class Unique:
    """Refuses what another row has in this column."""

    def __init__(self, column: InstrumentedAttribute[Any]) -> None:
        self.column = column

    def __call__(self, _form: object, field: Field) -> None:
        """Look for another row, unless the value is wrong or the one that the row has had.

        :raises wtforms.validators.StopValidation: there is one
        """
        if field.errors or field.data in {"", None, field.object_data}:
            return
        query = select(self.column).where(self.column == field.data)
        if db.session.scalar(query) is not None:
            raise StopValidation(_("This is taken already."))


class JsonField(TextAreaField):
    """Any value, written in JSON; ``null`` is none."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_json(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the value.

        :raises ValueError: it is not JSON
        """
        if not valuelist:
            return
        self.data = None
        if valuelist[0].strip():
            try:
                self.data = json.loads(valuelist[0])
            except (RecursionError, ValueError) as error:
                raise ValueError(_("Not valid JSON.")) from error
            if not is_json(self.data):
                raise ValueError(_("Not valid JSON."))

    def pre_validate(self, _form: object) -> None:
        """Refuse ``null`` where there has to be a value.

        :raises wtforms.validators.StopValidation: it is null
        """
        if self.raw_data and self.data is None and self.flags.required:
            raise StopValidation(_("This field is required."))


class MomentField(DateTimeLocalField):
    """A moment, by the clock of the visitor; its data is in UTC."""

    data: datetime | None

    def _value(self) -> str:
        if self.raw_data or not self.data:
            return " ".join(self.raw_data or ())
        return to_local(self.data).replace(tzinfo=None).isoformat(timespec="seconds")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the moment.

        :raises ValueError: it is none
        """
        super().process_formdata(valuelist)
        shown = self.data
        if not (shown and valuelist):
            return
        before = self.object_data
        if before and shown == to_local(before).replace(tzinfo=None, microsecond=0):
            self.data = before  # the clock may show an hour twice, and shows no part of a second
            return
        self.data = None
        try:
            self.data = to_utc(shown).replace(tzinfo=UTC)
        except OverflowError as error:
            raise ValueError(_("Not a valid datetime value.")) from error


class UuidField(StringField):
    """A UUID (RFC 9562), in any of its spellings."""

    def _value(self) -> str:
        return str(self.raw_data[0] if self.raw_data else self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the UUID.

        :raises ValueError: it is none
        """
        if not valuelist:
            return
        self.data = None
        if valuelist[0].strip():
            try:
                self.data = UUID(valuelist[0].strip())
            except ValueError as error:
                raise ValueError(_("Not a valid UUID.")) from error


def choices_of(model: type[Model], most: int | None = None) -> list[tuple[str, str]]:
    """Return the rows of a table, by their text; none of them if there are more than ``most``."""
    rows = db.session.scalars(select(model).limit(most + 1 if most else None)).all()
    if most and len(rows) > most:
        return []
    return sorted(((str(row.id), str(row)) for row in rows), key=lambda row: row[1].casefold())


class RowField(SelectField):
    """A row of another table, or none unless the field is required; its data is the id."""

    def __init__(self, label: str, model: type[Model], **options: Any) -> None:  # noqa: ANN401
        super().__init__(
            label,
            choices=lambda: [("", "–"), *choices_of(model)],
            coerce=lambda key: int(key) if key else None,
            **options,
        )
        self.type = "SelectField"  # by which Bootstrap-Flask knows how to show it


class RowsField(SelectMultipleField):
    """Rows of another table; its data is their ids."""

    def __init__(self, label: str, model: type[Model], **options: Any) -> None:  # noqa: ANN401
        super().__init__(label, choices=lambda: choices_of(model), coerce=int, **options)
        self.model = model

    def process_data(self, value: Any) -> None:  # noqa: ANN401 as that of the base
        """Take the ids of the rows."""
        self.data = [row.id for row in value or ()]

    def populate_obj(self, obj: object, name: str) -> None:
        """Give the object the rows."""
        query = select(self.model).where(self.model.id.in_(self.data or ()))
        setattr(obj, name, list(db.session.scalars(query)))
