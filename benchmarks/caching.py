"""What the debug toolbar counts on the page of products, with a cache and without.

    PROJECT/.venv/bin/python benchmarks/caching.py PROJECT

PROJECT is a folder that was generated and set up. The sample is written to a database in memory.
"""

import os
import re
import sys
import time
from importlib import import_module
from pathlib import Path

PAGES = 50
PATH = "/products/"


def measure(cache: str) -> None:
    """Print the queries of a page that was asked for before, and its best time."""
    create_app, db = import_module("app").create_app, import_module("app.database").db

    settings = {"CACHE_TYPE": cache, "CACHE_NO_NULL_WARNING": True, "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    app = create_app(settings)
    with app.app_context():
        db.create_all()
    app.test_cli_runner().invoke(args=["seed"])
    client = app.test_client()
    client.get(PATH)
    times = []
    for _ in range(PAGES):
        begin = time.perf_counter()
        page = client.get(PATH).text
        times.append(time.perf_counter() - begin)
    queries = re.search(r"\d+ (query|queries)", page)
    print(f"{cache:<12} {queries[0] if queries else 'no query':<12} {min(times) * 1000:5.1f} ms, with the toolbar")


if __name__ == "__main__":
    project = Path(sys.argv[1]).resolve()
    os.environ |= {"APP_ENV": "development", "FLASK_DEBUG": "1"}
    os.chdir(project)
    sys.path.insert(0, str(project))
    for cache in ("NullCache", "SimpleCache"):
        measure(cache)
