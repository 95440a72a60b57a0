"""Keeps what the catalogue's pages count in the cache, until the catalogue changes."""

from ..caching import remember
from . import queries
from .models import Category, Product


def count_products() -> list[tuple[str, str, int]]:
    """Return the slug, the name and the number of published products of each category, by name."""
    return remember((Category, Product), "count_products", queries.count_products)
