"""What the pages ask of the database."""

from flask import abort
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select

from ..database import db
from ..database.keyset import Order, Page, fetch_page
from .models import Category, Product, Status

PAGE_SIZE = 20
MAX_NUMBERED = 1000  # rows; longer lists are not counted, and their pages have no numbers
SORTS = {
    "name": Product.name,
    "price": Product.price,
    "released": Product.released,
    "created": Product.created_at,
}


def visible_products(may_edit: bool) -> Select[Product]:
    """Return the query for all products, or for those that are published."""
    query = select(Product)
    return query if may_edit else query.where(Product.status == Status.PUBLISHED)


def search_products(text: str, category: Category | None, status: Status | None) -> Select[Product]:
    """Return the query for the products that have the text in their name, and fit the rest."""
    query = select(Product)
    if text:
        query = query.where(Product.name.icontains(text, autoescape=True))
    if category:
        query = query.where(Product.category_id == category.id)
    return query.where(Product.status == status) if status else query


def list_products(
    query: Select[Product], sort: str, page: int, cursor: str
) -> Pagination | Page[Product]:
    """Return a page of the products: by its number if they are few, or else by its cursor.

    :param sort: one of ``SORTS``, with a minus if it falls
    :raises app.database.keyset.CursorError: the cursor is none of this list
    :raises werkzeug.exceptions.NotFound: there is no such page
    """
    falls = sort.startswith("-")
    order: Order = [(SORTS[sort.removeprefix("-")], falls), (Product.id, falls)]
    some = query.with_only_columns(Product.id).limit(MAX_NUMBERED + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(some)) or 0
    if cursor or count > MAX_NUMBERED:
        return fetch_page(query, order, PAGE_SIZE, cursor) if page == 1 else abort(404)
    query = query.order_by(*(column.desc() if falls else column for column, _falls in order))
    page = min(page, MAX_NUMBERED)
    pagination = db.paginate(query, page=page, per_page=PAGE_SIZE, count=False)
    pagination.total = count
    return pagination


def has_products(category: Category) -> bool:
    """Tell whether there are products in a category."""
    query = select(Product.id).where(Product.category_id == category.id).limit(1)
    return db.session.scalar(query) is not None


def count_products() -> list[tuple[str, str, int]]:
    """Return the slug, the name and the number of published products of each category, by name."""
    query = (
        select(Category.slug, Category.name, func.count(Product.id))
        .outerjoin(
            Product, (Product.category_id == Category.id) & (Product.status == Status.PUBLISHED)
        )
        .group_by(Category.id, Category.slug, Category.name)
        .order_by(Category.name)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]
