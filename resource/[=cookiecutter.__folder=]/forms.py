[% set r = cookiecutter | resource %]
"""The form of [= r.article =]."""

from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    EmailField,
    FloatField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    URLField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

[% for target in r.targets %]
from ..[= target.package =].models import [= target.name =]
[% endfor %]
from ..forms import (
    JsonField,
    MomentField,
    RowField,
    RowsField,
    Unique,
    UuidField,
    is_email,
    is_finite,
    is_web_address,
    strip,
    to_cents,
)
from ..text import lazy_gettext as _l
from .models import [= r.name =][% for field in r.of("enum") %], [= field.enum =][% endfor +%]

[% if r.of("int") %]
MAX_INTEGER = 2_147_483_647  # the largest number that an integer column takes
[% endif %]
[% if r.of("decimal") %]
MAX_DECIMAL = Decimal("9999999999.99")
[% endif %]
[% for field in r.of("enum") %]
[= field.constant =] = {
    [% for name, _value, label in field.members %]
    [= field.enum =].[= name =]: _l("[= label =]"),
    [% endfor %]
}
[% endfor %]
[% if r.of("enum") %]
CHOICES = {
    [% for field in r.of("enum") %]
    "[= field.name =]": [[% if not field.default %]("", "–"), *([% endif %](value.value, label) for value, label in [= field.constant =].items()[% if not field.default %])[% endif %]],
    [% endfor %]
}
[% endif %]

# What they are called, and what is asked of them, on every page that has them.
LABELS = {
    [% for field in r.fields %]
    "[= field.name =]": _l("[= field.label =]"),
    [% endfor %]
    "created_at": _l("Created"),
    "updated_at": _l("Changed"),
}
FIELDS: dict[str, dict[str, Any]] = {
    [% for field in r.fields if field.type not in ("ref", "refs") %]
    "[= field.name =]": {[= field.form_options =]},
    [% endfor %]
}


class [= r.name =]Form(FlaskForm):
    """[= r.sentence =], new or changed."""

    [% for field in r.fields %]
    [% if field.type in ("ref", "refs") %]
    [= field.column =] = [= field.kind.form_field =](LABELS["[= field.name =]"], [= field.target.name =][= field.row_options =])
    [% else %]
    [= field.name =] = [= field.kind.form_field =](LABELS["[= field.name =]"][= field.field_options =], **FIELDS["[= field.name =]"])
    [% endif %]
    [% endfor %]
