"""The pages of the catalogue."""

from typing import TypeVar

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug import Response

from ..database import db
from ..editing import delete, editors_only, may_edit, save
from ..layout import Link, add_link
from ..listing import list_rows
from ..text import gettext as _
from ..text import lazy_gettext as _l
{% if cookiecutter.caching %}
from .caching import count_products
from .forms import STATUS_LABELS, CategoryForm, ProductForm
from .models import Category, Product, Status
from .queries import SORTS, has_products, search_products, visible_products
{% else %}
from .forms import STATUS_LABELS, CategoryForm, ProductForm
from .models import Category, Product, Status
from .queries import (
    SORTS,
    count_products,
    has_products,
    search_products,
    visible_products,
)
{% endif %}

Row = TypeVar("Row", Category, Product)

blueprint = Blueprint("catalog", __name__, template_folder="templates")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)
    add_link(app, Link(_l("Products"), "catalog.products"))
    add_link(app, Link(_l("Categories"), "catalog.categories"))


@blueprint.context_processor
def template_context() -> dict[str, object]:
    """Give the templates what they ask for."""
    return {
        "count_products": count_products,
        "may_edit": may_edit(),
        "status_labels": STATUS_LABELS,
    }


@blueprint.get("/products/")
def products() -> str:
    """List the products that are searched for; visitors find those that are published."""
    query = request.args
    category = find(Category, query["category"]) if query.get("category") else None
    status = query.get("status", type=Status) if may_edit() else Status.PUBLISHED
    chosen = search_products(query.get("q", ""), category, status)
    found, sort = list_rows(chosen, Product, SORTS)
    return render_template(
        "catalog/products.html",
        category=category,
        found=found,
        kept={name: query.get(name) or None for name in ("q", "category", "status", "sort")},
        sort=sort,
    )


@blueprint.get("/products/<slug>")
def product(slug: str) -> str:
    """Show one product."""
    found = db.one_or_404(visible_products(may_edit()).where(Product.slug == slug))
    return render_template("catalog/product.html", product=found)


@blueprint.route("/products/new", methods=["GET", "POST"])
@blueprint.route("/products/<slug>/edit", methods=["GET", "POST"])
@editors_only
def edit_product(slug: str = "") -> str | Response:
    """Show the form of a product, new or not, and save it."""
    product = find(Product, slug) if slug else None
    form = ProductForm(obj=product)
    if form.validate_on_submit():
        saved = save(form, product or Product())
        return redirect(url_for("catalog.product", slug=saved.slug))
    title = _("Edit product") if product else _("New product")
    return render_template("form.html", form=form, title=title)


@blueprint.route("/products/<slug>/delete", methods=["GET", "POST"])
@editors_only
def delete_product(slug: str) -> str | Response:
    """Ask whether to delete the product, and delete it."""
    return delete(find(Product, slug), url_for("catalog.products"))


@blueprint.get("/categories/")
def categories() -> str:
    """List the categories with the number of their products."""
    return render_template("catalog/categories.html")


@blueprint.route("/categories/new", methods=["GET", "POST"])
@blueprint.route("/categories/<slug>/edit", methods=["GET", "POST"])
@editors_only
def edit_category(slug: str = "") -> str | Response:
    """Show the form of a category, new or not, and save it."""
    category = find(Category, slug) if slug else None
    form = CategoryForm(obj=category)
    if form.validate_on_submit():
        save(form, category or Category())
        return redirect(url_for("catalog.categories"))
    title = _("Edit category") if category else _("New category")
    return render_template("form.html", form=form, title=title)


@blueprint.route("/categories/<slug>/delete", methods=["GET", "POST"])
@editors_only
def delete_category(slug: str) -> str | Response:
    """Ask whether to delete the category, and delete it, unless it has products."""
    category, back = find(Category, slug), url_for("catalog.categories")
    if has_products(category):
        flash(_("“%(name)s” has products.", name=category.name), "warning")
        return redirect(back)
    return delete(category, back)


def find(model: type[Row], slug: str) -> Row:
    """Return the row with this slug; the page is a 404 if there is none."""
    row: Row = db.one_or_404(select(model).where(model.slug == slug))
    return row
