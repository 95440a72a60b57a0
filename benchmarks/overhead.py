"""CPU time that the whole stack adds to a request, next to bare Flask. Aim: at most twice as much.

    PROJECT/.venv/bin/python benchmarks/overhead.py PROJECT

PROJECT is a folder that was generated and set up. The two applications take turns; the best turn of each
counts. Requests go straight into the application: the server would add the same to both.
"""

import cProfile
import os
import pstats
import sys
import time
from importlib import import_module
from pathlib import Path

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

REQUESTS = 1000
TURNS = 9


def text() -> str:
    """The shortest page."""
    return "Hello"


def record() -> dict[str, str]:
    """The shortest JSON."""
    return {"status": "ok"}


def add_views(app: Flask) -> Flask:
    """Give an application the two views that are measured."""
    app.add_url_rule("/overhead/text", view_func=text)
    app.add_url_rule("/overhead/json", view_func=record)
    return app


def whole_stack(project: Path) -> Flask:
    """The application of the project, as it is in production, without its limits on requests."""
    os.environ |= {"APP_ENV": "production", "FLASK_DEBUG": "0"}
    os.chdir(project)
    sys.path.insert(0, str(project))
    create_app = import_module("app").create_app

    settings = {"RATELIMIT_ENABLED": False, "SERVER_NAME": None}
    return add_views(create_app(settings))


def ask(app: Flask, path: str) -> float:
    """The CPU seconds of many requests."""
    environ = EnvironBuilder(path, base_url="http://localhost").get_environ()
    begin = time.process_time()
    for _ in range(REQUESTS):
        body, status, _headers = run_wsgi_app(app, dict(environ), buffered=True)
        list(body)
        assert status.startswith("200"), status  # noqa: S101
    return time.process_time() - begin


def compare(bare: Flask, stack: Flask, path: str) -> None:
    """Print what a request costs in each, and how many times as much the whole stack takes."""
    turns = [(ask(bare, path), ask(stack, path)) for _ in range(TURNS)]
    ours, theirs = min(turn[1] for turn in turns), min(turn[0] for turn in turns)
    micro = 1e6 / REQUESTS
    print(f"{path:<20}bare {theirs * micro:6.0f} µs   stack {ours * micro:6.0f} µs   {ours / theirs:.2f}x")


def profile(stack: Flask, path: str) -> None:
    """Print where the time of the whole stack goes."""
    with cProfile.Profile() as profiler:
        ask(stack, path)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    stack = whole_stack(Path(sys.argv[1]).resolve())
    bare = add_views(Flask("bare"))
    for path in ("/overhead/text", "/overhead/json"):
        compare(bare, stack, path)
    if "--profile" in sys.argv:
        profile(stack, "/overhead/text")
