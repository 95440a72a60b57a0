"""What the pages ask of the database."""

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select

from ..database import db
from .models import Category, Product, Status

PAGE_SIZE = 20
MAX_PAGE = 1_000_000  # databases refuse to skip more rows than they can count


def visible_products(may_edit: bool) -> Select[Product]:
    """Return the query for all products, or for those that are published."""
    query = select(Product)
    return query if may_edit else query.where(Product.status == Status.PUBLISHED)


def find_products(may_edit: bool, text: str, category_id: int | None, page: int) -> Pagination:
    """Return a page of the products that fit, by name; there may be none, which is a 404."""
    query = visible_products(may_edit).order_by(Product.name, Product.id)
    if text:
        query = query.where(Product.name.icontains(text, autoescape=True))
    if category_id:
        query = query.where(Product.category_id == category_id)
    return db.paginate(query, page=min(page, MAX_PAGE), per_page=PAGE_SIZE)


def count_products() -> list[tuple[int, str, int]]:
    """Return the id, the name and the number of published products of each category, by name."""
    query = (
        select(Category.id, Category.name, func.count(Product.id))
        .outerjoin(
            Product, (Product.category_id == Category.id) & (Product.status == Status.PUBLISHED)
        )
        .group_by(Category.id, Category.name)
        .order_by(Category.name)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]
