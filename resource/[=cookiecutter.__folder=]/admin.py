[% set r = cookiecutter | resource %]
"""The [= r.nouns =] in the admin panel."""

from wtforms.validators import InputRequired

from ..admin.views import ProtectedView
from ..database import db
from ..forms import JsonField, MomentField, UuidField
from ..text import lazy_gettext as _l
from .forms import CHOICES, FIELDS, LABELS[% for field in r.of("enum") %], [= field.constant =][% endfor +%]
from .models import [= r.name =]


class [= r.name =]View(ProtectedView):
    """[= r.labels =]."""

    [% if r.of("enum") %]
    column_choices = {
        [% for field in r.of("enum") %]
        "[= field.name =]": list([= field.constant =].items()),
        [% endfor %]
    }
    [% endif %]
    column_filters = (
        [% for field in r.fields if field.type in ("str", "email", "int", "decimal", "date", "datetime", "enum", "bool") %]
        "[= field.name =]",
        [% endfor %]
        "created_at",
    )
    column_labels = LABELS
    column_list = (
        [% for field in r.listed %]
        "[= field.name =]",
        [% endfor %]
        "created_at",
    )
    column_details_list = (
        [% for field in r.fields %]
        "[= field.name =]",
        [% endfor %]
        "created_at",
        "updated_at",
    )
    column_export_list = column_details_list
    [% if r.searched %]
    column_searchable_list = ([% for field in r.searched %]"[= field.name =]", [% endfor %])
    [% endif %]
    [% set chosen = r.of("refs") | selectattr("required") | list %]
    form_args = FIELDS[% if chosen %] | {[% for field in chosen %]"[= field.name =]": {"validators": [InputRequired()]}, [% endfor %]}[% endif +%]
    [% if r.of("enum") %]
    form_choices = CHOICES
    [% endif %]
    form_columns = (
        [% for field in r.fields %]
        "[= field.name =]",
        [% endfor %]
    )
    [% if r.of("json", "datetime", "uuid") %]
    form_overrides = {
        [% for field in r.of("json", "datetime", "uuid") %]
        "[= field.name =]": [= field.kind.form_field =],
        [% endfor %]
    }
    [% endif %]


def views() -> list[ProtectedView]:
    """Return the views of this package."""
    return [[= r.name =]View([= r.name =], db, name=_l("[= r.labels =]"))]
