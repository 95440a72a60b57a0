"""Wall time of the catalogue's pages without a cache and with one, with 1,000 to 1,000,000 products. Aim: flat with it.

    .venv/bin/python benchmarks/cached_page.py

Beside the two times, the shortest of nine each, stands how many times longer the page takes without the cache, which
keeps the number of products in each category. REDIS_URL names a Redis to keep it in, of which the keys of the project
are used; without it, that is the process. BENCHMARK_DATABASE_URL names an empty database of PostgreSQL or MySQL to
measure on; without it, that is SQLite.
"""

from importlib import import_module

from products import SIZES, fill, look, run

PAGES = ["/products/", "/products/?category=books", "/categories/"]
GENERAL = {"DEBUG_TB_ENABLED": False, "RATELIMIT_ENABLED": False}
NOTHING_CACHED = {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True}


def compare() -> None:
    """Fill the database in steps, and look at the same pages of two applications after each."""
    create_app, db = import_module("app").create_app, import_module("app.database").db
    without, cached = create_app(GENERAL | NOTHING_CACHED), create_app(GENERAL)
    with cached.app_context():
        db.create_all()
    try:
        cached.test_cli_runner().invoke(args=["seed"])
        for size in SIZES:
            with cached.app_context():
                fill(db, size)
            for path in PAGES:
                slow, fast = (look(app.test_client(), path) for app in (without, cached))
                times = f"{slow * 1000:8.1f} ms  {fast * 1000:8.1f} ms  {slow / fast:6.1f}"
                print(f"{size:>9,} products, {path:<28}{times}", flush=True)
    finally:
        with cached.app_context():
            db.drop_all()


if __name__ == "__main__":
    run(__file__, compare)
