"""What the benchmarks of long lists share: a project that measures itself, and a database that grows.

BENCHMARK_DATABASE_URL names an empty database of PostgreSQL or MySQL to measure on; without it, that is SQLite.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from measure import EVERYTHING, TEMPLATE, environ, scratch

SIZES = [1_000, 10_000, 100_000, 1_000_000]
RUNS = 9
PASSWORD = "only-for-the-benchmark"  # noqa: S105


def run(script: str, measure: Callable[[], None]) -> None:
    """Measure, if this runs inside a project already; or else make one, and run the script there."""
    if "inside" in sys.argv:
        measure()
        return
    url = os.environ.get("BENCHMARK_DATABASE_URL", "")
    with scratch() as folder:
        answers = [*EVERYTHING, f"database={url.partition(':')[0].partition('+')[0] or 'sqlite'}"]
        command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "--default-config", *answers]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        subprocess.run(command, cwd=folder, env=environ(PATH=path), check=True, stdout=subprocess.DEVNULL)
        project = next(folder.iterdir())
        variables = {"DATABASE_URL": url or f"sqlite:///{folder}/products.db", "PYTHONPATH": str(project)}
        inside = environ(**variables, ADMIN_EMAIL="admin@example.com", ADMIN_PASSWORD=PASSWORD)
        python = str(project / ".venv/bin/python")
        subprocess.run([python, script, "inside"], cwd=project, env=inside, check=True)


def grow(
    pages: Callable[[Any, int], dict[str, str]],
    settings: dict[str, object] | None = None,
    *,
    as_administrator: bool = False,
) -> None:
    """Fill the database in steps, and look at the same pages after each.

    :param pages: returns, for a client and a number of products, the addresses by what they are called
    """
    general = {"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False}
    app = import_module("app").create_app(general | (settings or {}))
    db = import_module("app.database").db
    client = app.test_client()
    with app.app_context():
        if import_module("sqlalchemy").inspect(db.engine).get_table_names():
            sys.exit("The database is not empty.")
        db.create_all()
        try:
            app.test_cli_runner().invoke(args=["seed"])
            if as_administrator:
                client.post("/login", data={"email": "admin@example.com", "password": PASSWORD})
            shortest: dict[str, float] = {}
            for size in SIZES:
                fill(db, size)
                for what, path in pages(client, size).items():
                    seconds = look(client, path)
                    ratio = seconds / shortest.setdefault(what, seconds)
                    print(f"{size:>9,} products, {what:<40}{seconds * 1000:7.1f} ms  {ratio:5.1f}", flush=True)
        finally:
            db.session.remove()
            db.drop_all()


def fill(db: Any, size: int) -> None:
    """Write products until there are so many: spread over prices, stocks, states, days and categories."""
    models = import_module("app.catalog.models")
    sa = import_module("sqlalchemy")
    utc = import_module("app.database.utc")
    count = db.session.scalar(sa.select(sa.func.count(models.Product.id)))
    categories = db.session.scalars(sa.select(models.Category.id)).all()
    states, minute = list(models.Status), timedelta(minutes=1)
    for start in range(count, size, 10_000):
        db.session.execute(
            sa.insert(models.Product),
            [
                {
                    "name": f"Product {number * 7919 % 1_000_003}",
                    "slug": f"product-{number}",
                    "price": number * 9973 % 100_000 / 100,
                    "stock": number % 500,
                    # At first, those in the archive fill one page.
                    "status": states[2] if number % 20 == 0 else states[number % 2],
                    "released": (utc.now() - minute * number).date(),
                    "category_id": categories[number % len(categories)],
                    "created_at": utc.now() - minute * number,
                }
                for number in range(start, min(start + 10_000, size))
            ],
        )
    db.session.commit()
    table = "TABLE products" if db.engine.dialect.name in {"mysql", "mariadb"} else ""
    db.session.execute(sa.text(f"ANALYZE {table}"))
    db.session.commit()


def look(client: Any, path: str) -> float:
    """The shortest time of a page: what else the machine does makes it longer, and nothing makes it shorter."""
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - begin)
        if answer.status_code != 200:  # noqa: PLR2004
            sys.exit(f"{path} answers {answer.status}")
    return min(times)
