"""The catalogue in the admin panel."""

from wtforms.validators import ValidationError

from ..admin.views import ProtectedView
from ..database import db
from ..text import gettext as _
from ..text import lazy_gettext as _l
from .forms import PRICE_VALIDATORS, STATUS_LABELS
from .models import Category, Product


class CategoryView(ProtectedView):
    """Categories."""

    column_list = ("name",)
    column_searchable_list = ("name",)
    form_columns = ("name",)

    def on_model_delete(self, model: Category) -> None:
        """Refuse to delete a category that has products.

        :raises wtforms.validators.ValidationError: it has some
        """
        if model.products:
            raise ValidationError(_("“%(name)s” has products.", name=model.name))


class ProductView(ProtectedView):
    """Products, with filters by status and category."""

    column_list = ("name", "category", "price", "status")
    column_searchable_list = ("name",)
    column_filters = ("status", "category.name")
    column_formatters = {"status": lambda _view, _context, row, _name: STATUS_LABELS[row.status]}
    form_columns = ("name", "description", "price", "status", "category")
    form_args = {"price": {"validators": PRICE_VALIDATORS}}


def views() -> list[ProtectedView]:
    """Return the views of this package."""
    return [
        CategoryView(Category, db, name=_l("Categories")),
        ProductView(Product, db, name=_l("Products")),
    ]
