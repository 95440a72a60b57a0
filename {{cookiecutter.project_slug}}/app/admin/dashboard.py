"""The first page of the panel: how many rows each table has, and which are the newest."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_admin import AdminIndexView, expose
from sqlalchemy import inspect

from ..text import format_number
from .views import Protected, ProtectedView

# No table is counted beyond this, however large it is.
MOST = 10_000
NEWEST = 5


@dataclass(frozen=True)
class Row:
    """One row of a table, where it is shown, and since when it is there, if that is known."""

    label: str
    url: str
    created_at: datetime | None


@dataclass(frozen=True)
class Card:
    """What the dashboard shows of one table."""

    view: ProtectedView
    count: int
    newest: list[Row]

    @property
    def written_count(self) -> str:
        """The number of rows in the language of the visitor; 10,000+ stands for any more."""
        return format_number(self.count) if self.count <= MOST else f"{format_number(MOST)}+"


class ProtectedIndex(Protected, AdminIndexView):
    """The dashboard, with a card for each table."""

    @expose()
    def index(self) -> str:
        """Show the cards of the tables that the visitor may see."""
        views = [view for view in self.admin._views if isinstance(view, ProtectedView)]
        cards = [make_card(view) for view in views if view.is_accessible()]
        return self.render("admin/index.html", cards=cards)


def make_card(view: ProtectedView) -> Card:
    """Look at one table, with two queries."""
    key = inspect(view.model).primary_key
    query = view.get_query()
    count = query.with_entities(*key).limit(MOST + 1).count()
    newest = query.order_by(*(column.desc() for column in key)).limit(NEWEST)
    return Card(view, count, [make_row(view, row) for row in newest] if view.is_fresh() else [])


def make_row(view: ProtectedView, row: object) -> Row:
    """Link to the page that edits the row, or else to the one that shows it."""
    page = "edit_view" if view.can_edit else "details_view" if view.can_view_details else ""
    url = url_for(f"{view.endpoint}.{page}", id=view.get_pk_value(row)) if page else ""
    return Row(str(row), url, getattr(row, "created_at", None))
