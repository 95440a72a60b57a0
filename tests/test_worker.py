"""Background tasks are done, and done once, though workers are killed and Redis stops; with real ones of both."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from foundry.manifest import DATABASES, FEATURES, combine
from foundry.project import Project
from foundry.server import free_port, running, wait_for
from foundry.services import HOST, database, missing, redis
from test_end_to_end import generate

PROCESSES = {name: process["command"].split() for name, process in FEATURES["tasks"]["processes"].items()}
REDIS = FEATURES["tasks"]["services"]["redis"]["command"].split()
PROBE = '''
"""Work that begins, leaves its row, and commits it when the test lets it go."""

import os
import time
from pathlib import Path

from celery import shared_task
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model, db
from ..tasks import RETRIES
from ..tasks.once import once

SCHEDULE = {"clean up all the time": {"task": "tasks.clean_up", "schedule": 0.3}}


class Effect(Model):
    __tablename__ = "effects"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@shared_task(name="probe.work", **RETRIES)
def work(folder, name):
    with Path(folder, "begun").open("a") as begun:
        begun.write(f"{os.getpid()}\\n")
    if once(name):
        db.session.add(Effect(name=name))
        db.session.flush()
        while not Path(folder, "go").exists():
            time.sleep(0.05)
        db.session.commit()


def clean_up():
    db.session.add(Effect(name="clean up"))
    return "Cleaned up."
'''
SCRIPT = """
import json, sys
from app import create_app
from app.database import db
app = create_app()
celery = app.extensions["celery"]
from app.probe.tasks import Effect
from app.tasks.models import Done
with app.app_context(), celery.connection_for_write() as connection:
    print(json.dumps({}))
"""
CREATE = "db.create_all()"
SEND = "[str(celery.tasks['probe.work'].delay(sys.argv[1], name)) for name in sys.argv[2:]]"
# A task stays among those that are not acknowledged until it is done, and when it waits to be tried again.
LEFT = "connection.default_channel.client.llen('celery') + connection.default_channel.client.hlen('unacked')"
EFFECTS = "sorted(db.session.scalars(db.select(Effect.name)))"
NIGHTS = "db.session.query(Done).filter(Done.key.startswith('clean up')).count()"


@dataclass(frozen=True)
class Site:
    """A project with the probe in it, a database and a broker of its own, and a folder for what they leave."""

    project: Project
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def ask(self, expression: str, *arguments: str) -> list[str] | int:
        """What Python says in the application."""
        python = str(self.project.path / ".venv/bin/python")
        result = self.project.run(python, "-c", SCRIPT.format(expression), *arguments, **self.environ)
        assert result.returncode == 0, result.stderr
        answer: list[str] | int = json.loads(result.stdout)
        return answer

    def send(self, *names: str) -> None:
        """Leave a task of each name to the worker."""
        self.ask(SEND, str(self.folder), *names)

    def begun(self) -> list[int]:
        """The processes that have begun a task, by their numbers."""
        path = self.folder / "begun"
        return [int(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def let_go(self) -> None:
        """Let each task end that was begun, or will be."""
        (self.folder / "go").touch()

    def results(self) -> list[str] | int:
        """What the tasks have done when none is left."""
        wait_for(lambda: not self.ask(LEFT))
        return self.ask(EFFECTS)

    def running(
        self, process: str, *options: str, ready: str = " ready.", log: str = "log"
    ) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run one of the project's processes, by the command of its containers."""
        command = [*PROCESSES[process], *options]
        return running(self.project, self.folder / log, *command, ready=ready, **self.environ)

    def worker(self, log: str = "log") -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """Run a worker that does two tasks at a time."""
        return self.running("worker", "--concurrency=2", log=log)


def make(folder: Path, engine: str = DATABASES[0], **environ: str) -> Project:
    """Generate a project, and add the probe to it."""
    project = generate(combine(["tasks"], engine), folder, **environ)
    package = project.path / "app" / "probe"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "tasks.py").write_text(PROBE, encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Tasks, and SQLite."""
    return make(tmp_path_factory.mktemp("worker"))


@contextmanager
def site_of(project: Project, folder: Path, broker: str, url: str = "") -> Iterator[Site]:
    """Make the tables."""
    environ = {
        "CELERY_VISIBILITY_TIMEOUT": "1",
        "DATABASE_URL": url or f"sqlite:///{folder / 'app.db'}",
        "REDIS_URL": broker,
        "TMPDIR": str(folder),
    }
    site = Site(project, folder, environ)
    site.ask(CREATE)
    yield site


@pytest.fixture
def site(project: Project, tmp_path: Path) -> Iterator[Site]:
    """The project, with nothing in its database and its broker."""
    with redis() as broker, site_of(project, tmp_path, broker) as site:
        yield site


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[None]:
    """Run a Redis as its container does, which keeps what it knows in this folder; stop it as Docker would."""
    program = shutil.which(REDIS[0]) or missing(REDIS[0])
    options = ["--bind", HOST, "--port", str(port), "--dir", str(folder), "--loglevel", "warning"]
    server = subprocess.Popen([str(program), *REDIS[1:], *options], stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.parametrize("whole", [True, False], ids=["the worker", "its child"])
def test_what_was_being_done_by_a_process_that_is_killed_is_done_by_another_one(site: Site, whole: bool) -> None:
    with site.worker() as process:
        site.send("report")
        wait_for(site.begun)
        if whole:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            assert site.ask(LEFT) == 1
        else:
            os.kill(site.begun()[0], signal.SIGKILL)
            wait_for(lambda: len(site.begun()) > 1)
        assert site.ask(EFFECTS) == []
        site.let_go()
        with ExitStack() as stack:
            if whole:
                stack.enter_context(site.worker("second.log"))
            assert site.results() == ["report"]
    assert len(set(site.begun())) == 2


def test_a_stopped_worker_first_finishes_what_it_does(site: Site) -> None:
    with site.worker() as process:
        site.send("report")
        wait_for(site.begun)
        process.terminate()
        wait_for(lambda: "Warm shutdown" in (site.folder / "log").read_text("utf-8"))
        site.send("for the next worker")
        site.let_go()
        assert process.wait(timeout=30) == 0
    assert site.ask(EFFECTS) == ["report"]
    assert site.ask(LEFT) == 1


def test_tasks_outlive_a_stop_of_redis(project: Project, tmp_path: Path) -> None:
    port = free_port()
    names = [f"report {number}" for number in range(8)]
    with site_of(project, tmp_path, f"redis://{HOST}:{port}/0") as site, ExitStack() as stack:
        with redis_server(tmp_path, port):
            process = stack.enter_context(site.worker())
            site.send(*names)
            wait_for(lambda: len(site.begun()) == 2)
        wait_for(lambda: "Connection refused" in (tmp_path / "log").read_text("utf-8"))
        site.let_go()
        with redis_server(tmp_path, port):
            assert site.results() == names
            assert process.poll() is None
            stack.close()


@pytest.mark.parametrize("engine", DATABASES)
def test_what_is_sent_twice_is_done_once(engine: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(database(engine))
        project = make(tmp_path / "project", engine, DATABASE_URL=url)
        site = stack.enter_context(site_of(project, tmp_path, stack.enter_context(redis()), url))
        with site.worker():
            site.send("report", "report", "letter")
            wait_for(lambda: len(site.begun()) == 2)
            site.let_go()
            assert site.results() == ["letter", "report"]
        assert len(site.begun()) >= 3


def test_however_often_beat_asks_for_it_each_night_is_cleaned_up_once(site: Site) -> None:
    with site.worker("worker.log"), ExitStack() as stack:
        for number in "12":
            schedule = site.folder / number
            stack.enter_context(
                site.running("beat", "--schedule", str(schedule), ready="Sending due task", log=f"beat{number}.log")
            )
        wait_for(lambda: (site.folder / "worker.log").read_text("utf-8").count(" succeeded in ") > 5)
        nights = site.ask(NIGHTS)
        assert nights
        assert site.ask(EFFECTS) == ["clean up"] * nights
