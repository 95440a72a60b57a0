"""CPU time and memory of Gunicorn's workers: the home page with everything on, next to that of a bare Flask.

    .venv/bin/python benchmarks/server.py

Aims: at most 2.5 times the CPU time a request, and 90 MB a worker. The bare Flask answers with the same page, as a
template that is one text. A worker's memory is its proportional share of what it has in common with the others.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from faults import HOST, children, free_port
from measure import EVERYTHING, TEMPLATE, environ, scratch

REQUESTS, TURNS = 1000, 5
TICKS = os.sysconf("SC_CLK_TCK")
BARE = """
from flask import Flask, render_template
app = Flask(__name__)
app.add_url_rule("/", "home", lambda: render_template("home.html"))
"""


@contextmanager
def served(project: Path, *arguments: str, workers: int) -> Iterator[tuple[int, list[int]]]:
    """Let Gunicorn serve; yield its port and its workers, once they answer."""
    port = free_port()
    variables = {"APP_ENV": "production", "FLASK_DEBUG": "0", "LOG_LEVEL": "WARNING", "REDIS_URL": ""}
    variables |= {"PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    command = [str(project / ".venv/bin/gunicorn"), *arguments]
    folder = project if not arguments else project / "bare"
    server = subprocess.Popen(command, cwd=folder, env=environ(**variables), stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                get(port, 1)
                break
            except OSError:
                time.sleep(0.1)
        yield port, children(server.pid)
    finally:
        server.terminate()
        server.wait()


def get(port: int, times: int) -> bytes:
    """Ask for the home page so often on one connection, and return it."""
    with closing(HTTPConnection(HOST, port)) as connection:
        for _ in range(times):
            connection.request("GET", "/")
            page = connection.getresponse().read()
    return page


def cpu(workers: list[int]) -> float:
    """The CPU seconds that these processes have taken."""
    fields = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in workers]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def cost(port: int, workers: list[int]) -> float:
    """The CPU seconds of a request: the least of some turns."""
    turns = []
    for _ in range(TURNS):
        before = cpu(workers)
        get(port, REQUESTS)
        turns.append((cpu(workers) - before) / REQUESTS)
    return min(turns)


def memory(pid: int) -> float:
    """The megabytes that the process has, what it shares divided by those who share it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def main() -> None:
    """Make a project, and compare."""
    with scratch() as folder:
        command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "--default-config", *EVERYTHING]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        subprocess.run(command, cwd=folder, env=environ(PATH=path), check=True, stdout=subprocess.DEVNULL)
        project = next(folder.iterdir())
        with served(project, workers=1) as (port, workers):
            page = get(port, 1)
            stack = cost(port, workers)
        templates = project / "bare" / "templates"
        templates.mkdir(parents=True)
        (templates / "home.html").write_bytes(b"{% raw %}" + page + b"{% endraw %}")
        (project / "bare" / "bare.py").write_text(BARE, encoding="utf-8")
        with served(project, "--threads=4", "--no-control-socket", "bare:app", workers=1) as (port, workers):
            bare = cost(port, workers)
        print(
            f"home page, {len(page)} bytes: stack {stack * 1000:.2f} ms, bare {bare * 1000:.2f} ms, {stack / bare:.1f}x"
        )
        with served(project, workers=3) as (port, workers):
            get(port, REQUESTS)
            sizes = ", ".join(f"{memory(pid):.0f}" for pid in workers)
        print(f"memory of three workers after {REQUESTS} requests: {sizes} MB")


if __name__ == "__main__":
    main()
