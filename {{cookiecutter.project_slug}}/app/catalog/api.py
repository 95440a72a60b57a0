"""The catalogue in the API: ``/api/v1/products`` and ``/api/v1/categories``."""

from collections.abc import Sequence
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint, abort
from flask_smorest.pagination import PaginationParameters
from marshmallow import fields, validate
from sqlalchemy import func, select

from ..api.access import WRITERS, writers_only
from ..api.schema import Schema
from ..database import db
from ..text import gettext as _
from ..text import lazy_gettext as _l
from .access import may_edit
from .models import CURRENCIES, MAX_PRICE, MAX_STOCK, Category, Product, Status
from .queries import visible_products

products = Blueprint("products", __name__, description="What is offered")
categories = Blueprint("categories", __name__, description="What products are sorted into")
blueprints = [products, categories]


is_text = validate.Regexp(r"\s*[^\s\0][^\0]*\Z", error=_l("Neither blank nor with NUL."))


class CategorySchema(Schema):
    """A category as the API shows it."""

    id = fields.Integer(dump_only=True)
    name = fields.String(required=True, validate=validate.Length(1, 80))


class ProductSchema(Schema):
    """A product as the API shows it, and takes it."""

    id = fields.Integer(dump_only=True)
    name = fields.String(required=True, validate=[validate.Length(1, 120), is_text])
    description = fields.String(load_default="", validate=validate.Length(max=5000))
    price = fields.Decimal(
        required=True, places=2, as_string=True, validate=validate.Range(0, MAX_PRICE)
    )
    currency = fields.String(load_default="EUR", validate=validate.OneOf(CURRENCIES))
    stock = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, MAX_STOCK))
    released = fields.Date(load_default=None)
    status = fields.Enum(Status, by_value=True, load_default=Status.DRAFT)
    category_id = fields.Integer(required=True, strict=True)
    created_at = fields.DateTime(dump_only=True)
    updated_at = fields.DateTime(dump_only=True)


def save(product: Product, data: dict[str, Any]) -> Product:
    """Write what was sent; its category must be there."""
    if db.session.get(Category, data["category_id"]) is None:
        errors = {"json": {"category_id": [_("There is no such category.")]}}
        abort(422, message=_("Not saved."), errors=errors)
    for name, value in data.items():
        setattr(product, name, value)
    db.session.add(product)
    db.session.commit()
    return product


@products.route("")
class Products(MethodView):
    """All products."""

    @products.response(200, ProductSchema(many=True))
    @products.paginate()
    def get(self, pagination_parameters: PaginationParameters) -> Sequence[Product]:
        """List the products, a page at a time"""
        query = visible_products(may_edit())
        count = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        pagination_parameters.item_count = count
        if pagination_parameters.first_item >= count:
            return []
        page = query.order_by(Product.id).offset(pagination_parameters.first_item)
        return db.session.scalars(page.limit(pagination_parameters.page_size)).all()

    @writers_only
    @products.arguments(ProductSchema)
    @products.response(201, ProductSchema)
    @products.doc(security=WRITERS)
    def post(self, data: dict[str, Any]) -> Product:
        """Create a product"""
        return save(Product(), data)


@products.route("/<int:product_id>")
class ProductById(MethodView):
    """One product."""

    @products.response(200, ProductSchema)
    def get(self, product_id: int) -> Product:
        """Show a product"""
        product: Product = db.one_or_404(
            visible_products(may_edit()).where(Product.id == product_id)
        )
        return product

    @writers_only
    @products.arguments(ProductSchema)
    @products.response(200, ProductSchema)
    @products.doc(security=WRITERS)
    def put(self, data: dict[str, Any], product_id: int) -> Product:
        """Replace a product"""
        return save(db.get_or_404(Product, product_id), data)

    @writers_only
    @products.response(204)
    @products.doc(security=WRITERS)
    def delete(self, product_id: int) -> None:
        """Delete a product"""
        db.session.delete(db.get_or_404(Product, product_id))
        db.session.commit()


@categories.route("")
class Categories(MethodView):
    """All categories."""

    @categories.response(200, CategorySchema(many=True))
    def get(self) -> Sequence[Category]:
        """List the categories"""
        return db.session.scalars(select(Category).order_by(Category.name)).all()
