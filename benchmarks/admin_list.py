"""Wall time of the admin panel's pages of products, with 1,000 to 1,000,000 of them. Aim: about as long each time.

    .venv/bin/python benchmarks/admin_list.py

Beside each time, the shortest of nine, stands how many times longer it is than with the fewest products. It grows
where every name has to be read, as for a search that finds nothing, and on MariaDB where all that fit are sorted, as
for the filter by category. BENCHMARK_DATABASE_URL names an empty database of PostgreSQL or MySQL to measure on;
without it, that is SQLite.
"""

from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from products import grow, run

LIST = "/admin/product/"


def pages(_client: Any, size: int) -> dict[str, str]:
    """The pages that people look at most, and a search that has to read every name."""
    view = next(view for view in import_module("app.catalog.admin").views() if view.endpoint == "product")
    columns = [name for name, _label in view.get_list_columns()]
    filters = {f"{type(flt).__name__} {flt.column}": f"flt0_{n}" for n, flt in enumerate(view.get_filters())}

    def path(**query: str | int) -> str:
        return f"{LIST}?{urlencode(query)}"

    sort = columns.index
    return {
        "dashboard": "/admin/",
        "list": LIST,
        "list, its tenth page": path(page=9),
        "sorted by name": path(sort=sort("name")),
        "sorted by price, the highest first": path(sort=sort("price"), desc=1),
        "sorted by stock, the fewest first": path(sort=sort("stock")),
        "sorted by date, the oldest first": path(sort=sort("created_at")),
        "filter: in the archive": path(**{filters["Is products.status"]: "ARCHIVED"}),
        "filter: published, by price": path(**{filters["Is products.status"]: "PUBLISHED"}, sort=sort("price")),
        "filter: in the archive, by price": path(**{filters["Is products.status"]: "ARCHIVED"}, sort=sort("price")),
        "filter: price above 900": path(**{filters["NumberGreater products.price"]: "900"}),
        "filter: category": path(**{filters["FilterLike categories.name"]: "glass"}),
        "search": path(search="Product 7"),
        "search that finds nothing": path(search="nothing"),
        "last product, its details": f"{LIST}details/?id={size}",
        "last product, its form": f"{LIST}edit/?id={size}",
    }


if __name__ == "__main__":
    run(__file__, lambda: grow(pages, as_administrator=True))
