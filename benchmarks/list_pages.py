"""Wall time of the lists of products, for visitors and in the API, with 1,000 to 1,000,000 of them. Aim: flat.

    .venv/bin/python benchmarks/list_pages.py

Beside each time, the shortest of nine, stands how many times longer it is than with the fewest products. Nothing is
cached. The last pages lie behind as many links as the list has pages; the way there is not walked but asked of the
application. BENCHMARK_DATABASE_URL names an empty database of PostgreSQL or MySQL to measure on; without it, that is
SQLite.
"""

from importlib import import_module
from typing import Any
from urllib.parse import quote

from products import grow, run

LIST = "/products/"
API = "/api/v1/products"
NOTHING_CACHED = {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True}


def pages(_client: Any, _size: int) -> dict[str, str]:
    """Pages as people and programs ask for them: the first, the last, filtered, and in other orders."""
    return {
        "list": LIST,
        "list, its last page": f"{LIST}?cursor={last('name')}",
        "list, by price, the highest first": f"{LIST}?sort=-price",
        "list, of a category": f"{LIST}?category=books",
        "API": API,
        "API, its last page": f"{API}?cursor={last()}",
        "API, its page 100": f"{API}?page=100",
        "API, by price, the highest first": f"{API}?sort=-price",
        "API, by price, its last page": f"{API}?sort=price&cursor={last('price')}",
        "API, price above 900": f"{API}?filter[price][gt]=900",
        "API, with categories": f"{API}?include=category",
    }


def last(*names: str) -> str:
    """The cursor of the last page of a list in this order: what comes before the highest row, seen from its end."""
    keyset, models = import_module("app.database.keyset"), import_module("app.catalog.models")
    sa = import_module("sqlalchemy")
    order = [*((getattr(models.Product, name), False) for name in names), (models.Product.id, False)]
    published = sa.select(models.Product).where(models.Product.status == models.Status.PUBLISHED)
    backward = published.order_by(*(column.desc() for column, _falls in order))
    row = import_module("app.database").db.session.scalars(backward.offset(20).limit(1)).one()
    return quote(keyset.write_cursor(order, row, backward=False))


if __name__ == "__main__":
    run(__file__, lambda: grow(pages, NOTHING_CACHED))
