"""The pages of the catalogue."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug import Response

from ..database import db
from ..text import gettext as _
from ..text import language
from .access import editors_only, may_edit
{% if cookiecutter.caching %}
from .caching import count_products, render_categories
from .forms import STATUS_LABELS, CategoryForm, ProductForm
from .models import Category, Product
from .queries import find_products, visible_products
{% else %}
from .forms import STATUS_LABELS, CategoryForm, ProductForm
from .fragments import render_categories
from .models import Category, Product
from .queries import count_products, find_products, visible_products
{% endif %}

blueprint = Blueprint("catalog", __name__, template_folder="templates")


@blueprint.context_processor
def template_context() -> dict[str, object]:
    """Give the templates what they ask for."""
    return {"may_edit": may_edit(), "status_labels": STATUS_LABELS}


@blueprint.get("/products/")
def products() -> str:
    """List the products, searched by name or of one category."""
    text = request.args.get("q", "")
    category_id = request.args.get("category", type=int)
    page = request.args.get("page", 1, type=int)
    return render_template(
        "catalog/products.html",
        categories=render_categories(language()),
        pagination=find_products(may_edit(), text, category_id, page),
        text=text,
        category_id=category_id,
    )


@blueprint.get("/products/<int:product_id>")
def product(product_id: int) -> str:
    """Show one product."""
    found = db.one_or_404(visible_products(may_edit()).where(Product.id == product_id))
    return render_template("catalog/product.html", product=found)


@blueprint.route("/products/new", methods=["GET", "POST"])
@editors_only
def create_product() -> str | Response:
    """Show the form of a new product, and save it."""
    return edit(None, _("New product"))


@blueprint.route("/products/<int:product_id>/edit", methods=["GET", "POST"])
@editors_only
def edit_product(product_id: int) -> str | Response:
    """Show the form of a product, and save what was changed."""
    return edit(db.get_or_404(Product, product_id), _("Edit product"))


def edit(product: Product | None, title: str) -> str | Response:
    """Fill the form from the product, and it, or a new one, from a form that is valid."""
    form = ProductForm(obj=product)
    form.category_id.choices = [
        (category.id, category.name)
        for category in db.session.scalars(select(Category).order_by(Category.name))
    ]
    if not form.validate_on_submit():
        return render_template("catalog/form.html", form=form, title=title)
    product = product or Product()
    form.populate_obj(product)
    db.session.add(product)
    db.session.commit()
    flash(_("Saved “%(name)s”.", name=product.name), "success")
    return redirect(url_for("catalog.product", product_id=product.id))


@blueprint.route("/products/<int:product_id>/delete", methods=["GET", "POST"])
@editors_only
def delete_product(product_id: int) -> str | Response:
    """Ask whether to delete the product, and delete it."""
    found = db.get_or_404(Product, product_id)
    form = FlaskForm()
    if not form.validate_on_submit():
        return render_template("catalog/delete.html", form=form, product=found)
    db.session.delete(found)
    db.session.commit()
    flash(_("Deleted “%(name)s”.", name=found.name), "success")
    return redirect(url_for("catalog.products"))


@blueprint.get("/categories/")
def categories() -> str:
    """List the categories with the number of their products."""
    return render_template("catalog/categories.html", counts=count_products())


@blueprint.route("/categories/new", methods=["GET", "POST"])
@editors_only
def create_category() -> str | Response:
    """Show the form of a new category, and save it."""
    form = CategoryForm()
    if form.validate_on_submit():
        query = select(Category).where(Category.name == form.name.data)
        if db.session.scalar(query) is None:
            db.session.add(Category(name=form.name.data))
            db.session.commit()
            flash(_("Saved “%(name)s”.", name=form.name.data), "success")
            return redirect(url_for("catalog.categories"))
        form.name.errors = [_("There is such a category already.")]
    return render_template("catalog/form.html", form=form, title=_("New category"))
