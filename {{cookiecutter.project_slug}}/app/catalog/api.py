"""The catalogue in the API: ``/api/v1/products`` and ``/api/v1/categories``."""

from typing import Any

from marshmallow import fields, post_load, validate
from sqlalchemy import Select

from ..api.resource import Resource
from ..api.schema import NOT_BLANK, Integer, Money, Schema, Text
from ..editing import may_edit
from .models import CURRENCIES, MAX_STOCK, Category, Product, Status
from .queries import visible_products
from .slugs import MAX_SLUG, RESERVED, slugify


class SluggedSchema(Schema):
    """A row with a slug; without one, it is made from the name."""

    slug = Text(validate=validate.Length(max=MAX_SLUG))

    @post_load
    def write_slug(self, data: dict[str, Any], **_options: object) -> dict[str, Any]:
        """Write the slug as slugs are written."""
        if "slug" in data:
            slug = slugify(data["slug"])[:MAX_SLUG]
            data["slug"] = "" if slug in RESERVED else slug
        return data


class CategorySchema(SluggedSchema):
    """A category as the API shows it, and takes it."""

    id = fields.Integer(dump_only=True)
    name = Text(required=True, pattern=NOT_BLANK, validate=validate.Length(1, 80))


class ProductSchema(SluggedSchema):
    """A product as the API shows it, and takes it."""

    id = fields.Integer(dump_only=True)
    name = Text(required=True, pattern=NOT_BLANK, validate=validate.Length(1, 120))
    description = Text(load_default="", validate=validate.Length(max=5000))
    price = Money(required=True)
    currency = fields.String(load_default="EUR", validate=validate.OneOf(CURRENCIES))
    stock = Integer(load_default=0, validate=validate.Range(0, MAX_STOCK))
    released = fields.Date(load_default=None)
    status = fields.Enum(Status, by_value=True, load_default=Status.DRAFT)
    category_id = Integer(required=True, validate=validate.Range(1))
    category = fields.Nested(CategorySchema, dump_only=True)
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)


class Products(Resource):
    """What is offered."""

    name = "products"
    model = Product
    schema = ProductSchema
    filters = ("name", "slug", "price", "stock", "released", "status", "category_id", "created_at")
    sorts = ("name", "price", "stock", "released", "created_at")

    def visible(self) -> Select[Product]:
        """Hide from the visitors what is not published."""
        return visible_products(may_edit())


class Categories(Resource):
    """What products are sorted into."""

    name = "categories"
    model = Category
    schema = CategorySchema
    filters = ("name", "slug")
    sorts = ("name",)


blueprints = [Products().blueprint(), Categories().blueprint()]
