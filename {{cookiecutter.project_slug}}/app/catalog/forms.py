"""The forms of the catalogue."""

from flask_wtf import FlaskForm
from wtforms import DecimalField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, StopValidation

from ..text import gettext as _
from ..text import lazy_gettext as _l
from .models import MAX_PRICE, Status

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


PRICE_VALIDATORS = [InputRequired(), is_finite, NumberRange(0, MAX_PRICE)]


class CategoryForm(FlaskForm):
    """A new category."""

    name = StringField(_l("Name"), filters=[strip], validators=[InputRequired(), Length(1, 80)])


class ProductForm(FlaskForm):
    """A product, new or changed."""

    name = StringField(_l("Name"), filters=[strip], validators=[InputRequired(), Length(1, 120)])
    description = TextAreaField(_l("Description"), validators=[Length(max=5000)])
    price = DecimalField(_l("Price"), validators=PRICE_VALIDATORS)
    status = SelectField(
        _l("Status"),
        choices=[(status.value, label) for status, label in STATUS_LABELS.items()],
        coerce=Status,
    )
    category_id = SelectField(_l("Category"), coerce=int)
