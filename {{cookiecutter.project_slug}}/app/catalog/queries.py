"""What the pages ask of the database."""

from sqlalchemy import Select, func, select

from ..database import db
from .models import Category, Product, Status

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
