"""What visitors see of faults: mixed load for five minutes, while one thing after the other dies and comes back.

    .venv/bin/python benchmarks/faults.py [SECONDS]

Everything is on: Gunicorn as the README starts it, and a PostgreSQL and a Redis that this starts. wrk asks for pages
on 48 connections; 16 clients write through the API, and read what they wrote. One after the other, a worker of the
server is killed, Redis is stopped for five seconds, a migration locks the table that is written to, and PostgreSQL
is started anew. Ends with 1 when an answer was wrong, or when something is missing that was said to be written.

It needs wrk, redis-server, and PostgreSQL's initdb and pg_ctl (looked for where Debian keeps them, too).
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from measure import EVERYTHING, TEMPLATE, environ, scratch

HOST = "127.0.0.1"
SECONDS = 300
READERS, WRITERS = 48, 16
POSTGRESQL = ":".join(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)))
PATHS = ["/", "/products/", "/products/?category=books", "/api/v1/products", "/api/v1/products?sort=-price", "/login"]
LUA = """
local paths = {%s}
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() number, answers, refused = 0, 0, 0 end
function request()
    number = number + 1
    return wrk.format("GET", paths[number %% #paths + 1])
end
function response(status)
    answers = answers + 1
    if status ~= 200 then refused = refused + 1 end
end
function done(summary)
    local answers, refused, errors = 0, 0, summary.errors
    for _, thread in ipairs(threads) do
        answers, refused = answers + thread:get("answers"), refused + thread:get("refused")
    end
    local cut = errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format('\\n{"answers": %%d, "refused": %%d, "cut": %%d}\\n', answers, refused, cut))
end
"""
MIGRATION = """
from alembic import op
import sqlalchemy as sa

revision = "faults"
down_revision = "{}"


def upgrade():
    op.add_column("products", sa.Column("weight", sa.Integer(), nullable=False, server_default="0"))
    op.execute("SELECT pg_sleep(2)")


def downgrade():
    op.drop_column("products", "weight")
"""
ACCOUNT = """
from datetime import timedelta
from app import create_app
from app.catalog.models import Category
from app.database import db
from app.security.models import User
with create_app().app_context():
    user = db.session.scalars(db.select(User)).first()
    print(db.session.scalars(db.select(Category.id)).first(), user.get_auth_token("Faults", timedelta(days=1)))
    db.session.commit()
"""


@dataclass
class Record:
    """What the clients have seen; the times are those of time.monotonic()."""

    good: list[float] = field(default_factory=list)
    bad: list[tuple[float, str]] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def write(port: int, token: str, category: int, record: Record, is_over: threading.Event) -> None:
    """Write products, and read each again, until it is over."""
    headers = {"Authentication-Token": token, "Content-Type": "application/json"}
    while not is_over.is_set():
        name = f"written {secrets.token_hex(8)}"
        body = json.dumps({"name": name, "price": "9.99", "category_id": category})
        status, answer = ask(port, "POST", "/api/v1/products", body, headers)
        note(record, status, 201)
        if status != 201:  # noqa: PLR2004
            continue
        record.written.add(name)
        status, again = ask(port, "GET", f"/api/v1/products/{json.loads(answer)['id']}", None, headers)
        note(record, status, 200)
        if status == 200 and json.loads(again)["name"] != name:  # noqa: PLR2004
            record.wrong.append(f"{name} is read as {again[:200]!r}")


def ask(port: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body; the status is 0 when the connection has failed."""
    with closing(HTTPConnection(HOST, port, timeout=30)) as connection:
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""


def note(record: Record, status: int, expected: int) -> None:
    """Keep what was answered, and when; an error that is none of a server that is busy is wrong."""
    if status == expected:
        record.good.append(time.monotonic())
        return
    record.bad.append((time.monotonic(), str(status or "no answer")))
    if status not in {0, 503}:
        record.wrong.append(f"{status} instead of {expected}")


@dataclass
class Service:
    """A server that can be stopped and started."""

    start: Callable[[], object]
    stop: Callable[[], object]


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis(folder: Path, port: int) -> Iterator[Service]:
    """A Redis that keeps what it knows in the folder."""
    command = ["redis-server", "--bind", HOST, "--port", str(port), "--dir", str(folder), "--appendonly", "yes"]
    command += ["--loglevel", "warning", "--logfile", str(folder / "log")]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(subprocess.Popen(command))

    def stop() -> None:
        running[-1].kill()
        running[-1].wait()

    start()
    yield Service(start, stop)
    stop()


@contextmanager
def postgresql(folder: Path, port: int) -> Iterator[Service]:
    """A PostgreSQL; root hands it to the user postgres, as it runs for no root."""
    path = f"{POSTGRESQL}:{os.environ['PATH']}"
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run([*as_user, "env", f"PATH={path}", *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    data = str(folder / "data")
    options = f"-p {port} -c listen_addresses={HOST} -c unix_socket_directories={folder}"

    def start() -> None:
        run("pg_ctl", "-w", "-D", data, "-l", str(folder / "log"), "-o", options, "start")

    def stop() -> None:
        run("pg_ctl", "-w", "-D", data, "-m", "fast", "stop")

    run("initdb", "-D", data, "--auth=trust", "-U", "postgres", "-E", "UTF8")
    start()
    run("createdb", "-h", HOST, "-p", str(port), "-U", "postgres", "app")
    yield Service(start, stop)
    stop()


def make_project(folder: Path, variables: dict[str, str]) -> Path:
    """Generate and set up a project with everything on."""
    answers = [*EVERYTHING, "database=postgresql"]
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "--default-config", *answers]
    inside = environ(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}", **variables)
    subprocess.run(command, cwd=folder, env=inside, check=True, stdout=subprocess.DEVNULL)
    return next(folder.iterdir())


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]


def migrate(project: Path, variables: dict[str, str]) -> None:
    """Add a column that needs the whole table for some seconds."""
    versions = project / "migrations" / "versions"
    newest = re.search(r"^revision = .(\w+).", next(versions.glob("*.py")).read_text("utf-8"), re.MULTILINE)
    assert newest  # noqa: S101
    (versions / "faults.py").write_text(MIGRATION.format(newest[1]), encoding="utf-8")
    command = [str(project / ".venv/bin/flask"), "db", "upgrade"]
    subprocess.run(command, cwd=project, env=environ(**variables), check=True, capture_output=True)


def restart(service: Service, pause: float) -> None:
    """Stop it, and start it after some seconds."""
    service.stop()
    time.sleep(pause)
    service.start()


def report(record: Record, faults: list[tuple[str, float]], end: float) -> None:
    """Print what the writing clients have seen after each fault."""
    limits = [*(begin for _, begin in faults), end]
    for (what, begin), until in zip(faults, limits[1:], strict=True):
        bad = [(moment, why) for moment, why in record.bad if begin <= moment < until]
        good = sum(begin <= moment < until for moment in record.good)
        last = max((moment for moment, _ in bad), default=begin) - begin
        kinds = ", ".join(sorted({why for _, why in bad})) or "none"
        share = len(bad) / max(1, len(bad) + good)
        print(
            f"{what:<30}{len(bad):5} of {len(bad) + good:6} failed ({share:.2%}: {kinds}), the last after {last:.1f} s"
        )


def main(seconds: int) -> int:
    """Set all up, load it, let the faults happen, and report."""
    with scratch() as folder, ExitStack() as stack:
        folder.chmod(0o755)
        ports = {name: free_port() for name in ("redis", "postgresql", "site")}
        for name in ("redis", "postgresql", "project"):
            (folder / name).mkdir()
        cache = stack.enter_context(redis(folder / "redis", ports["redis"]))
        database = stack.enter_context(postgresql(folder / "postgresql", ports["postgresql"]))
        variables = {
            "DATABASE_URL": f"postgresql://postgres@{HOST}:{ports['postgresql']}/app",
            "REDIS_URL": f"redis://{HOST}:{ports['redis']}/0",
        }
        project = make_project(folder / "project", variables)
        variables |= {"APP_ENV": "production", "FLASK_DEBUG": "0", "PORT": str(ports["site"])}
        variables |= {"API_LIMIT": "1000000 per minute", "LOG_LEVEL": "WARNING"}
        python = project / ".venv/bin/python"
        said = subprocess.check_output([python, "-c", ACCOUNT], cwd=project, env=environ(**variables), text=True)
        category, token = said.split()
        log = stack.enter_context((folder / "log").open("wb"))
        server = subprocess.Popen(
            [str(project / ".venv/bin/gunicorn")], cwd=project, env=environ(**variables), stdout=log, stderr=log
        )
        stack.callback(server.wait)
        stack.callback(server.terminate)
        while ask(ports["site"], "GET", "/readyz", None, {})[0] != 200:  # noqa: PLR2004
            time.sleep(0.2)

        script = folder / "load.lua"
        script.write_text(LUA % ", ".join(f'"{path}"' for path in PATHS), encoding="utf-8")
        address = f"http://{HOST}:{ports['site']}"
        command = ["wrk", "-t2", f"-c{READERS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), address]
        load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        record, is_over = Record(), threading.Event()
        arguments: tuple[Any, ...] = (ports["site"], token, int(category), record, is_over)
        writers = [threading.Thread(target=write, args=arguments) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        plan: list[tuple[str, Callable[[], object]]] = [
            ("nothing", lambda: None),
            ("a worker is killed", lambda: os.kill(children(server.pid)[0], signal.SIGKILL)),
            ("Redis is away for 5 s", lambda: restart(cache, 5)),
            ("a migration", lambda: migrate(project, variables)),
            ("PostgreSQL starts anew", lambda: restart(database, 0)),
        ]
        faults = []
        begin = time.monotonic()
        for number, (what, do) in enumerate(plan):
            time.sleep(max(0.0, begin + seconds * number / len(plan) - time.monotonic()))
            faults.append((what, time.monotonic()))
            do()
        pages = json.loads(load.communicate()[0].strip().splitlines()[-1])
        is_over.set()
        for writer in writers:
            writer.join()

        report(record, faults, time.monotonic())
        print(f"pages: {pages['answers']} answers, {pages['refused']} of them errors, {pages['cut']} connections cut")
        query = ["psql", "-h", HOST, "-p", str(ports["postgresql"]), "-U", "postgres", "-Atc"]
        found = subprocess.check_output(
            [*query, "SELECT name FROM products WHERE name LIKE 'written %'", "app"], text=True
        )
        names = found.splitlines()
        lost = record.written - set(names)
        print(f"writes: {len(record.written)} acknowledged, {len(lost)} lost, {len(names) - len(set(names))} doubled")
        print(f"wrong answers: {len(record.wrong)} {sorted(set(record.wrong))[:5] or ''}")
        return int(bool(lost or record.wrong or len(names) != len(set(names))))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else SECONDS))
