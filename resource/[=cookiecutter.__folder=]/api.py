[% set r = cookiecutter | resource %]
"""The [= r.nouns =] in the API: ``/api/v1/[= r.slug =]``."""

from marshmallow import fields, validate

from ..api.lists import nested_fields
from ..api.resource import Resource
from ..api.schema import MAX_INTEGER, NOT_BLANK, Amount, Boolean, Integer, Json, Moment, Rows, Schema, Text, Time, Url
[% for target in r.targets %]
[% if target.has_schema %]
from ..[= target.package =].api import [= target.name =]Schema
[% endif %]
from ..[= target.package =].models import [= target.name =]
[% endfor %]
from .models import [= r.name =][% for field in r.of("enum") %], [= field.enum =][% endfor +%]


class [= r.name =]Schema(Schema):
    """[= r.sentence =] as the API shows it, and takes it."""

    id = fields.Integer(dump_only=True)
    [% for field in r.fields %]
    [= field.api_name =] = [= field.schema =]
    [% if field.type == "ref" and field.target.has_schema %]
    [= field.name =] = fields.Nested([= field.target.name =]Schema, exclude=list(nested_fields([= field.target.name =]Schema())),[% if field.optional %] allow_none=True,[% endif %] dump_only=True)
    [% endif %]
    [% endfor %]
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)


class [= r.collection =](Resource):
    """[= r.labels =]."""

    name = "[= r.slug =]"
    model = [= r.name =]
    schema = [= r.name =]Schema
    filters = (
        [% for field in r.fields if field.type not in ("text", "json", "refs") %]
        "[= field.column =]",
        [% endfor %]
        "created_at",
    )
    sorts = (
        [% for field in r.sorts %]
        "[= field.name =]",
        [% endfor %]
        "created_at",
    )


blueprints = [[= r.collection =]().blueprint()]
