"""The forms of the catalogue."""

from flask_wtf import FlaskForm
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from ..text import lazy_gettext as _l
from .models import Status

STATUS_LABELS = {
    Status.DRAFT: _l("Draft"),
    Status.PUBLISHED: _l("Published"),
    Status.ARCHIVED: _l("Archived"),
}


def strip(text: str | None) -> str | None:
    """Take the spaces off both ends."""
    return text.strip() if text else text


class CategoryForm(FlaskForm):
    """A new category."""

    name = StringField(_l("Name"), filters=[strip], validators=[InputRequired(), Length(1, 80)])


class ProductForm(FlaskForm):
    """A product, new or changed."""

    name = StringField(_l("Name"), filters=[strip], validators=[InputRequired(), Length(1, 120)])
    description = TextAreaField(_l("Description"), validators=[Length(max=5000)])
    price = DecimalField(
        _l("Price"), validators=[InputRequired(), NumberRange(min=0, max=99_999_999)]
    )
    status = SelectField(
        _l("Status"),
        choices=[(status.value, label) for status, label in STATUS_LABELS.items()],
        coerce=Status,
    )
    category_id = SelectField(_l("Category"), coerce=int)
