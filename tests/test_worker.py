"""Background tasks are done, and done once, though workers are killed and Redis stops; with real ones of both."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from foundry.manifest import DATABASES, FEATURES, SERVICES, combine
from foundry.project import Project, clean_environ
from foundry.server import free_port, kill, running, wait_for
from foundry.services import HOST, database, missing
from test_end_to_end import generate

VISIBILITY_TIMEOUT = 1  # seconds; then Redis gives a task to another worker
PROCESSES = {name: process["command"].split() for name, process in FEATURES["tasks"]["processes"].items()}
REDIS = [SERVICES["redis"]["command"].split()[0]]
for line in SERVICES["redis"]["config"]["content"]:
    if not line.startswith("requirepass"):
        REDIS += f"--{line}".split()
# Work that begins, leaves a row, and commits it when the test lets it go.
PROBE = """
import os
import time
from pathlib import Path

from celery import shared_task
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model, db
from ..tasks import RETRIES
from ..tasks.once import once

SCHEDULE = {"clean up all the time": {"task": "tasks.clean_up", "schedule": 0.2}}


class Effect(Model):
    __tablename__ = "effects"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


@shared_task(name="probe.work", **RETRIES)
def work(folder, name):
    with Path(folder, "begun").open("a") as begun:
        print(os.getpid(), file=begun)
    if once(name):
        db.session.add(Effect(name=name))
        db.session.flush()
        while not Path(folder, "go").exists():
            time.sleep(0.05)
        db.session.commit()


def clean_up():
    db.session.add(Effect(name="clean up"))
    return "Cleaned up."
"""
# A process of the application that does what it is told, line by line.
SHELL = """
import json
import sys

from app import create_app
from app.database import db
from app.probe.tasks import Effect, work

app = create_app()


def clear():
    db.drop_all()
    db.create_all()
    with app.extensions["celery"].connection_for_write() as connection:
        connection.default_channel.client.flushdb()


def send(folder, *names):
    for name in names:
        work.delay(folder, name)


def left():
    # What is not done is not acknowledged, also when it waits to be tried again.
    with app.extensions["celery"].connection_for_write() as connection:
        client = connection.default_channel.client
        return client.llen("celery") + client.hlen("unacked")


def effects():
    return sorted(db.session.scalars(db.select(Effect.name)))


with app.app_context():
    for line in sys.stdin:
        print(json.dumps(eval(line)), flush=True)
        db.session.rollback()
"""


@dataclass
class Redis:
    """A Redis that does as its container does, and keeps what it knows in a folder."""

    folder: Path
    port: int = field(default_factory=free_port)

    def start(self) -> None:
        """Serve until it is stopped."""
        if not shutil.which(REDIS[0]):
            missing(REDIS[0])
        options = ["--bind", HOST, "--port", str(self.port), "--dir", str(self.folder), "--loglevel", "warning"]
        self.server = subprocess.Popen([*REDIS, *options], stdin=subprocess.DEVNULL)
        wait_for(self.answers)

    def stop(self) -> None:
        """End it with no time to write anything down."""
        self.server.kill()
        self.server.wait()

    def answers(self) -> bool:
        """Whether it has read what it knew."""
        try:
            with socket.create_connection((HOST, self.port)) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except ConnectionRefusedError:
            return False


@dataclass(frozen=True)
class Site:
    """A project with the probe in it, a process that knows its state, and a folder for what one test leaves."""

    project: Project
    environ: dict[str, str]
    shell: "subprocess.Popen[str]"
    folder: Path = Path()

    def ask(self, function: str, *arguments: str) -> Any:
        """What a function of the shell returns."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{function}(*{arguments!r})\n")
        self.shell.stdin.flush()
        answer = self.shell.stdout.readline()
        assert answer, "the shell has ended"
        return json.loads(answer)

    def send(self, *names: str) -> None:
        """Leave a task of each name to the worker."""
        self.ask("send", str(self.folder), *names)

    def begun(self) -> list[int]:
        """The processes that have begun a task, by their numbers."""
        path = self.folder / "begun"
        return [int(line) for line in path.read_text("utf-8").split()] if path.exists() else []

    def let_go(self) -> None:
        """Let each task end that was begun, or will be."""
        (self.folder / "go").touch()

    def results(self) -> list[str]:
        """What the tasks have done when none is left."""
        wait_for(lambda: not self.ask("left"))
        return list(self.ask("effects"))

    def log(self, process: str = "worker") -> str:
        """What a process has said."""
        return (self.folder / process).read_text("utf-8")

    def worker(self) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run a worker as its container does, with two tasks at a time."""
        return self._running("worker", "--concurrency=2", "--without-mingle", ready=" ready.")

    def beat(self) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run what sends tasks by the clock."""
        return self._running("beat", ready="Sending due task")

    def _running(self, name: str, *options: str, ready: str) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        return running(self.project, self.folder / name, *PROCESSES[name], *options, ready=ready, **self.environ)


@contextmanager
def made(engine: str, broker: Redis, folder: Path) -> Iterator[Site]:
    """Generate a project, add the probe to it, and start its shell."""
    with database(engine) as url:
        project = generate(combine(["tasks"], engine), folder, DATABASE_URL=url)
        package = project.path / "app" / "probe"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "tasks.py").write_text(PROBE, encoding="utf-8")
        environ = {
            "CELERY_VISIBILITY_TIMEOUT": str(VISIBILITY_TIMEOUT),
            "DATABASE_URL": url,
            "REDIS_URL": f"redis://{HOST}:{broker.port}/0",
            "TMPDIR": str(folder),
        }
        with subprocess.Popen(
            [project.path / ".venv/bin/python", "-c", SHELL],
            cwd=project.path,
            env=clean_environ(**environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as shell:
            yield Site(project, environ, shell)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis of these tests' own."""
    redis = Redis(tmp_path_factory.mktemp("redis"))
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


@pytest.fixture(scope="module")
def sqlite(broker: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A project with SQLite."""
    with made("sqlite", broker, tmp_path_factory.mktemp("worker")) as site:
        yield site


@pytest.fixture
def site(sqlite: Site, tmp_path: Path) -> Site:
    """The project, with nothing in its database and its broker."""
    sqlite.ask("clear")
    return replace(sqlite, folder=tmp_path)


def test_what_a_killed_worker_was_doing_is_done_once_by_the_next(site: Site) -> None:
    with site.worker() as process:
        site.send("report")
        wait_for(site.begun)
        kill(process)
    assert site.ask("left") == 1
    assert site.ask("effects") == []
    site.let_go()
    time.sleep(VISIBILITY_TIMEOUT)
    with site.worker():
        assert site.results() == ["report"]
    assert len(site.begun()) == 2


def test_what_a_killed_process_of_a_worker_was_doing_is_done_once_by_another(site: Site) -> None:
    with site.worker():
        site.send("report")
        wait_for(site.begun)
        os.kill(site.begun()[0], signal.SIGKILL)
        wait_for(lambda: len(site.begun()) == 2)
        assert site.ask("effects") == []
        site.let_go()
        assert site.results() == ["report"]
    assert len(site.begun()) == 2


def test_a_worker_that_is_stopped_first_finishes_what_it_does(site: Site) -> None:
    with site.worker() as process:
        site.send("report")
        wait_for(site.begun)
        process.terminate()
        wait_for(lambda: "Warm shutdown" in site.log())
        site.send("for the next worker")
        site.let_go()
        assert process.wait(timeout=30) == 0
    assert site.ask("effects") == ["report"]
    assert site.ask("left") == 1


def test_tasks_outlive_the_end_of_redis_and_are_done_once(site: Site, broker: Redis) -> None:
    names = [f"report {number}" for number in range(8)]
    with site.worker():
        site.send(*names)
        wait_for(lambda: len(site.begun()) == 2)
        broker.stop()
        try:
            wait_for(lambda: "Cannot connect to" in site.log())
        finally:
            broker.start()
        site.let_go()
        assert site.results() == names


def sent_twice(site: Site) -> None:
    """Send the same work twice, so that two processes begin it."""
    with site.worker():
        site.send("report", "report")
        wait_for(lambda: len(site.begun()) == 2)
        site.let_go()
        assert site.results() == ["report"]
        site.send("letter", "report")
        assert site.results() == ["letter", "report"]
    assert len(site.begun()) >= 4


def test_what_is_sent_twice_is_done_once(site: Site) -> None:
    sent_twice(site)


@pytest.mark.parametrize("engine", DATABASES[1:])
def test_what_is_sent_twice_is_done_once_with_a_database_server(
    engine: str, broker: Redis, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with made(engine, broker, tmp_path_factory.mktemp(engine)) as site:
        site.ask("clear")
        sent_twice(replace(site, folder=tmp_path))


def test_however_often_beat_sends_it_each_night_is_cleaned_up_once(site: Site) -> None:
    with site.worker(), site.beat():
        wait_for(lambda: site.log().count(" succeeded in ") > 2)
    assert site.ask("effects") == ["clean up"]
    # It used to be a file of pickles, in a folder where everybody writes.
    assert not [path for path in Path(site.environ["TMPDIR"]).iterdir() if "beat" in path.name]
