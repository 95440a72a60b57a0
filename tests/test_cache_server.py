"""Two servers of one project share their cache in a real Redis, and do without it when it stops."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from foundry.manifest import combine
from foundry.project import Project
from foundry.server import fetch, free_port, running, submit, visitor, wait_for
from foundry.services import HOST
from test_end_to_end import generate
from test_worker import Redis

# Counting takes its time, and leaves a line.
PROBE = """
import os
import time

from sqlalchemy import Engine, event


@event.listens_for(Engine, "before_cursor_execute")
def note(_connection, _cursor, statement, *_others):
    if "GROUP BY categories.id" in statement:
        with open(os.environ["COUNTED"], "a") as counted:
            print(os.getpid(), file=counted)
        time.sleep(0.5)
"""
# Replaces each entry by a pickle that makes a file when it is read, as Flask-Caching used to write them.
PLANT = """
import os
import pickle

import redis


class Bomb:
    def __reduce__(self):
        return open, (os.environ["FIRED"], "w")


client = redis.Redis.from_url(os.environ["REDIS_URL"])
for key in client.scan_iter():
    client.set(key, b"!" + pickle.dumps(Bomb()))
"""
VISITORS = 16


@dataclass(frozen=True)
class Site:
    """A project that two servers serve, each in one process."""

    project: Project
    environ: dict[str, str]
    redis: Redis
    folder: Path
    addresses: list[str]

    def counted(self) -> int:
        """How often the products were counted."""
        path = self.folder / "counted"
        return len(path.read_text("utf-8").splitlines()) if path.exists() else 0

    def logs(self) -> list[str]:
        """What each server has said."""
        return [(self.folder / f"server {number}").read_text("utf-8") for number in range(len(self.addresses))]

    def ask(self, command: str) -> str:
        """What Redis answers in one line."""
        with socket.create_connection((HOST, self.redis.port)) as connection, connection.makefile("rw") as stream:
            stream.write(f"{command}\r\n")
            stream.flush()
            return stream.readline().strip()

    def clear(self) -> None:
        """Empty the cache."""
        flask = str(self.project.path / ".venv/bin/flask")
        assert not self.project.failure(flask, "cache", "clear", **self.environ)

    def rename(self, address: str, name: str) -> None:
        """Give the category of books another name, by one of the servers."""
        status, _page = submit(visitor(), f"{address}/categories/books/edit", name=name, slug="books")
        assert status == 200

    def shows(self, name: str) -> list[bool]:
        """Whether each server shows this name."""
        return [name in fetch(f"{address}/products/")[1] for address in self.addresses]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The two servers, and a Redis of their own."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / "redis").mkdir()
    (folder / "project").mkdir()
    project = generate(combine(["caching", "catalog"]), folder / "project")
    probe = project.path / "app" / "probe"
    probe.mkdir()
    (probe / "__init__.py").touch()
    (probe / "models.py").write_text(PROBE, encoding="utf-8")
    redis = Redis(folder / "redis")
    environ = {"REDIS_URL": f"redis://{HOST}:{redis.port}/0", "COUNTED": str(folder / "counted")}
    addresses = []
    redis.start()
    with ExitStack() as servers:
        servers.callback(redis.stop)
        for number in range(2):
            bind = f"{HOST}:{free_port()}"
            options = ["--bind", bind, "--threads", str(VISITORS), "--workers", "1"]
            log = folder / f"server {number}"
            command = ["gunicorn", *options]
            servers.enter_context(running(project, log, *command, ready="Booting worker", **environ))
            addresses.append(f"http://{bind}")
        yield Site(project, environ, redis, folder, addresses)


def test_a_change_through_one_server_is_seen_through_the_other_at_once(site: Site) -> None:
    for number in range(4):
        before, after = f"Volumes {number}", f"Volumes {number + 1}"
        site.rename(site.addresses[0], before)
        assert site.shows(before) == [True, True]
        site.rename(site.addresses[number % 2], after)
        assert site.shows(after) == [True, True]
        assert site.shows(before) == [False, False]
    counted = site.counted()
    site.shows("Volumes")
    assert site.counted() == counted


def test_what_many_ask_at_once_is_counted_once(site: Site) -> None:
    site.clear()
    counted = site.counted()
    with ThreadPoolExecutor(VISITORS) as visitors:
        pages = list(visitors.map(lambda n: fetch(f"{site.addresses[n % 2]}/categories/"), range(VISITORS)))
    assert {status for status, _page in pages} == {200}
    assert len({page.count("list-group-item") for _status, page in pages}) == 1
    assert site.counted() == counted + 1


def test_only_what_the_cache_has_written_is_cleared(site: Site) -> None:
    assert site.shows("list-group-item") == [True, True]
    assert site.ask("SET stranger 1") == "+OK"
    assert site.ask("DBSIZE") > ":1"
    site.clear()
    assert site.ask("DBSIZE") == ":1"
    assert site.ask("EXISTS stranger") == ":1"


def test_a_pickle_in_redis_runs_no_code_and_breaks_no_page(site: Site) -> None:
    fired = site.folder / "fired"
    assert site.shows("list-group-item") == [True, True]
    assert site.ask("DBSIZE") != ":0"
    python = str(site.project.path / ".venv/bin/python")
    assert not site.project.failure(python, "-c", PLANT, FIRED=str(fired), **site.environ)
    for address in site.addresses * 2:
        for path in ("/products/", "/categories/", "/readyz"):
            assert fetch(f"{address}{path}")[0] == 200
    assert not fired.exists()
    assert not any("Traceback" in log for log in site.logs())
    counted = site.counted()  # what can't be read is written anew
    assert site.shows("list-group-item") == [True, True]
    assert site.counted() == counted


def test_pages_do_without_a_cache_that_has_stopped(site: Site) -> None:
    site.rename(site.addresses[0], "Before")
    assert site.shows("Before") == [True, True]
    site.redis.stop()
    try:
        # The first to ask each server finds out; the others are not kept waiting.
        assert site.shows("Before") == [True, True]
        begin = time.monotonic()
        site.rename(site.addresses[0], "Meanwhile")
        for _ in range(3):
            assert site.shows("Meanwhile") == [True, True]
        assert time.monotonic() - begin < 2 * 3 * 0.5 + 2  # counting, and some time for the rest
        for address in site.addresses:
            status, state = fetch(f"{address}/readyz")
            assert status == 200
            assert '"cache":"unreachable"' in state
            assert '"status":"degraded"' in state
    finally:
        site.redis.start()
    wait_for(lambda: all('"status":"ok"' in fetch(f"{address}/readyz")[1] for address in site.addresses))
    # Redis has kept what it knew. The server that was not told of the change believes none of it.
    for address in reversed(site.addresses):
        assert "Meanwhile" in fetch(f"{address}/products/")[1]
    assert [log.count("The cache can't be reached") for log in site.logs()] == [1, 1]
    assert not any("Traceback" in log for log in site.logs())
    counted = site.counted()
    site.shows("Meanwhile")
    assert site.counted() == counted
