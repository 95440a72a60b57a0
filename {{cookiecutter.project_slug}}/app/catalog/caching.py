"""Keeps what the catalogue's pages count and list in the cache, until the catalogue changes."""

from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, object_session

from ..caching import cache
from . import fragments, queries
from .models import Category, Product

CHANGED = "catalog_changed"

count_products = cache.memoize()(queries.count_products)
render_categories = cache.memoize()(fragments.render_categories)


def note_change(_mapper: Mapper[Category | Product], _connection: object, row: object) -> None:
    """Remember that this transaction changes the catalogue."""
    session = object_session(row)
    if session is not None:
        session.info[CHANGED] = True


for model in (Category, Product):
    for name in ("after_insert", "after_update", "after_delete"):
        event.listen(model, name, note_change)


@event.listens_for(Session, "after_commit")
def forget(session: Session) -> None:
    """Empty the cache once other processes can see the change."""
    if session.info.pop(CHANGED, False):
        cache.delete_memoized(count_products)
        cache.delete_memoized(render_categories)


@event.listens_for(Session, "after_soft_rollback")
def keep(session: Session, _transaction: object) -> None:
    """Leave the cache alone when a change was taken back."""
    session.info.pop(CHANGED, None)
