"""The forms of the catalogue."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NoneOf, NumberRange, Optional

from ..forms import RowField, Unique, is_finite, strip, to_cents
from ..text import lazy_gettext as _l
from .models import CURRENCIES, MAX_PRICE, MAX_STOCK, Category, Product, Status
from .slugs import MAX_SLUG, RESERVED, slugify

STATUS_LABELS = {
    Status.DRAFT: _l("Draft"),
    Status.PUBLISHED: _l("Published"),
    Status.ARCHIVED: _l("Archived"),
}


def slug_field(model: type[Category | Product]) -> dict[str, Any]:
    """Return the options of the field of a slug."""
    return {
        "description": _l("For the address of the page; made from the name if it is empty."),
        "filters": [slugify],
        "validators": [Length(max=MAX_SLUG), NoneOf(RESERVED), Unique(model.slug)],
    }


# What they are called, and what is asked of them, on every page that has them.
LABELS = {
    "name": _l("Name"),
    "slug": _l("Slug"),
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
    "name": {
        "filters": [strip],
        "validators": [InputRequired(), Length(1, 80), Unique(Category.name)],
    },
    "slug": slug_field(Category),
}
PRODUCT_FIELDS: dict[str, dict[str, Any]] = {
    "name": {"filters": [strip], "validators": [InputRequired(), Length(1, 120)]},
    "slug": slug_field(Product),
    "description": {"filters": [strip], "validators": [Length(max=5000)]},
    "price": {
        "filters": [to_cents],
        "validators": [InputRequired(), is_finite, NumberRange(0, MAX_PRICE)],
    },
    "stock": {"validators": [InputRequired(), NumberRange(0, MAX_STOCK)]},
    "released": {"validators": [Optional()]},
    "status": {"coerce": Status},
}
CHOICES = {
    "currency": [(code, code) for code in CURRENCIES],
    "status": [(status.value, label) for status, label in STATUS_LABELS.items()],
}


class CategoryForm(FlaskForm):
    """A category, new or changed."""

    name = StringField(LABELS["name"], **CATEGORY_FIELDS["name"])
    slug = StringField(LABELS["slug"], **CATEGORY_FIELDS["slug"])


class ProductForm(FlaskForm):
    """A product, new or changed."""

    name = StringField(LABELS["name"], **PRODUCT_FIELDS["name"])
    slug = StringField(LABELS["slug"], **PRODUCT_FIELDS["slug"])
    description = TextAreaField(LABELS["description"], **PRODUCT_FIELDS["description"])
    price = DecimalField(LABELS["price"], **PRODUCT_FIELDS["price"])
    currency = SelectField(LABELS["currency"], choices=CHOICES["currency"], default="EUR")
    stock = IntegerField(LABELS["stock"], **PRODUCT_FIELDS["stock"], default=0)
    released = DateField(LABELS["released"], **PRODUCT_FIELDS["released"])
    status = SelectField(LABELS["status"], choices=CHOICES["status"], **PRODUCT_FIELDS["status"])
    category_id = RowField(LABELS["category"], Category, validators=[InputRequired()])
