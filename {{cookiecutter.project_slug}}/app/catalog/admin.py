"""The catalogue in the admin panel."""

from collections.abc import Sequence

from flask import flash
from flask_admin.actions import action
from wtforms.validators import ValidationError

from ..admin.views import ProtectedView
from ..database import db
from ..text import format_currency, ngettext
from ..text import gettext as _
from ..text import lazy_gettext as _l
from .forms import CATEGORY_FIELDS, CHOICES, LABELS, PRODUCT_FIELDS, STATUS_LABELS
from .models import Category, Product, Status
from .queries import has_products


class CategoryView(ProtectedView):
    """Categories."""

    can_view_details = False
    column_default_sort = "name"
    column_filters = ("name",)
    column_labels = LABELS
    column_list = ("name",)
    column_searchable_list = ("name",)
    form_args = CATEGORY_FIELDS
    form_columns = ("name", "slug")

    def on_model_delete(self, model: Category) -> None:
        """Refuse to delete a category that has products.

        :raises wtforms.validators.ValidationError: it has some
        """
        if has_products(model):
            raise ValidationError(_("“%(name)s” has products.", name=model.name))


class ProductView(ProtectedView):
    """Products."""

    column_choices = {"status": list(STATUS_LABELS.items())}
    column_editable_list = ("price", "stock")
    column_filters = (
        "name",
        "category.name",
        "price",
        "stock",
        "status",
        "released",
        "created_at",
    )
    column_formatters = {
        "price": lambda _view, _context, row, _name: format_currency(row.price, row.currency)
    }
    column_labels = {**LABELS, "category.name": LABELS["category"]}
    column_list = ("name", "category", "price", "stock", "status", "released", "created_at")
    column_details_list = (*column_list, "slug", "description", "updated_at")
    column_export_list = ("name", "category", "price", "currency", *column_list[3:])
    column_searchable_list = ("name",)
    form_ajax_refs = {
        "category": {
            "fields": ("name",),
            "minimum_input_length": 0,
            "order_by": Category.name,
            "placeholder": _l("Choose a category"),
        }
    }
    form_args = PRODUCT_FIELDS
    form_choices = CHOICES
    form_columns = (
        "name",
        "slug",
        "description",
        "price",
        "currency",
        "stock",
        "released",
        "status",
        "category",
    )

    @action("publish", _l("Publish"), _l("Publish the products that are ticked?"))
    def action_publish(self, ids: Sequence[str]) -> None:
        """Show the products to the visitors."""
        self.change_status(ids, Status.PUBLISHED)

    @action("archive", _l("Archive"), _l("Archive the products that are ticked?"))
    def action_archive(self, ids: Sequence[str]) -> None:
        """Keep the products, and show them no longer."""
        self.change_status(ids, Status.ARCHIVED)

    def change_status(self, ids: Sequence[str], status: Status) -> None:
        """Change one product after another, so that whoever listens hears of each."""
        products = self.get_many(ids)
        for product in products:
            product.status = status
        db.session.commit()
        count = len(products)
        flash(ngettext("%(num)s product changed.", "%(num)s products changed.", count), "success")


def views() -> list[ProtectedView]:
    """Return the views of this package."""
    return [
        CategoryView(Category, db, name=_l("Categories")),
        ProductView(Product, db, name=_l("Products")),
    ]
