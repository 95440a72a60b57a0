"""The forms of the catalogue."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from ..text import gettext as _
from ..text import lazy_gettext as _l
from .models import CURRENCIES, MAX_PRICE, MAX_STOCK, Status

STATUS_LABELS = {
    Status.DRAFT: _l("Draft"),
    Status.PUBLISHED: _l("Published"),
    Status.ARCHIVED: _l("Archived"),
}


def strip(text: str | None) -> str | None:
    """Take the spaces off both ends."""
    return text.strip() if text else text


def is_finite(_form: object, field: DecimalField) -> None:
    """Refuse infinity, and what is no number.

    :raises wtforms.validators.StopValidation: it is one of these
    """
    if field.data is not None and not field.data.is_finite():
        raise StopValidation(_("Not a valid decimal value."))


# What they are called, and what is asked of them, on every page that has them.
LABELS = {
    "name": _l("Name"),
    "description": _l("Description"),
    "price": _l("Price"),
    "currency": _l("Currency"),
    "stock": _l("Stock"),
    "released": _l("Released"),
    "status": _l("Status"),
    "category": _l("Category"),
    "created_at": _l("Created"),
    "updated_at": _l("Changed"),
}
CATEGORY_FIELDS: dict[str, dict[str, Any]] = {
    "name": {"filters": [strip], "validators": [InputRequired(), Length(1, 80)]},
}
PRODUCT_FIELDS: dict[str, dict[str, Any]] = {
    "name": {"filters": [strip], "validators": [InputRequired(), Length(1, 120)]},
    "description": {"validators": [Length(max=5000)]},
    "price": {"validators": [InputRequired(), is_finite, NumberRange(0, MAX_PRICE)]},
    "stock": {"validators": [InputRequired(), NumberRange(0, MAX_STOCK)]},
    "released": {"validators": [Optional()]},
    "status": {"coerce": Status},
}
CHOICES = {
    "currency": [(code, code) for code in CURRENCIES],
    "status": [(status.value, label) for status, label in STATUS_LABELS.items()],
}


class CategoryForm(FlaskForm):
    """A new category."""

    name = StringField(LABELS["name"], **CATEGORY_FIELDS["name"])


class ProductForm(FlaskForm):
    """A product, new or changed."""

    name = StringField(LABELS["name"], **PRODUCT_FIELDS["name"])
    description = TextAreaField(LABELS["description"], **PRODUCT_FIELDS["description"])
    price = DecimalField(LABELS["price"], **PRODUCT_FIELDS["price"])
    currency = SelectField(LABELS["currency"], choices=CHOICES["currency"], default="EUR")
    stock = IntegerField(LABELS["stock"], **PRODUCT_FIELDS["stock"], default=0)
    released = DateField(LABELS["released"], **PRODUCT_FIELDS["released"])
    status = SelectField(LABELS["status"], choices=CHOICES["status"], **PRODUCT_FIELDS["status"])
    category_id = SelectField(LABELS["category"], coerce=int)
