"""What the pages ask of the database."""

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import func, select

from ..database import db
from .models import Category, Product

PAGE_SIZE = 20


def find_products(text: str = "", category_id: int | None = None) -> Pagination:
    """Return the page that the request asks for, of the products that fit, by name."""
    query = select(Product).order_by(Product.name, Product.id)
    if text:
        query = query.where(Product.name.icontains(text, autoescape=True))
    if category_id:
        query = query.where(Product.category_id == category_id)
    return db.paginate(query, per_page=PAGE_SIZE, max_per_page=100)


def count_products() -> list[tuple[int, str, int]]:
    """Return the id, the name and the number of products of each category, by name."""
    query = (
        select(Category.id, Category.name, func.count(Product.id))
        .outerjoin(Category.products)
        .group_by(Category.id, Category.name)
        .order_by(Category.name)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]
