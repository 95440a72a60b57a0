"""The servers and programs that some tests need: found, or skipped with a word, or, in CI, required."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pymysql
import pytest
from filelock import FileLock, Timeout

from foundry.manifest import DATABASES, Combination

HOST = "127.0.0.1"
PORTS = {"postgresql": 5432, "mysql": 3306, "redis": 6379}
MARK = "flask-foundry-tests"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Where `.ci/run` installs Caddy; older ones do not mark the ETags of what they compress.
CADDY = Path("~/.cache/cookiecutter-flask-foundry/caddy/bin/caddy").expanduser()
CADDY_SINCE = (2, 9)


def missing(what: str) -> None:
    """Skip the test, or let it fail where everything has to be there."""
    if os.environ.get("FLASK_FOUNDRY_REQUIRE_SERVICES"):
        pytest.fail(f"{what} is required, and is not there", pytrace=False)
    pytest.skip(f"{what} is not there")


def need(server: str) -> None:
    """Go on only if this server listens where it usually does."""
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((HOST, PORTS[server])):
            missing(f"{server} on {HOST}:{PORTS[server]}")


@contextmanager
def redis() -> Iterator[str]:
    """Take a database of Redis that is empty, or was left by tests that ended early, and yield its URL."""
    need("redis")
    locks = Path(tempfile.gettempdir())
    for number in range(1, 16):
        url = f"redis://{HOST}:{PORTS['redis']}/{number}"
        with suppress(Timeout), FileLock(locks / f"flask-foundry-redis-{number}.lock", timeout=0):
            if _redis(number, "DBSIZE") == ":0" or _redis(number, f"EXISTS {MARK}") == ":1":
                _redis(number, "FLUSHDB", f"SET {MARK} 1")
                try:
                    yield url
                finally:
                    _redis(number, "FLUSHDB")
                return
    pytest.fail("Redis has no empty database", pytrace=False)


def _redis(database: int, *commands: str) -> str:
    """What the server answers to the last of these commands, which are those that answer in a line."""
    with socket.create_connection((HOST, PORTS["redis"])) as connection, connection.makefile("rw") as stream:
        answer = ""
        for command in (f"SELECT {database}", *commands):
            stream.write(f"{command}\r\n")
            stream.flush()
            answer = stream.readline().strip()
    return answer


def browser() -> str:
    """Find the system's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        missing("Chromium")
    return str(found)


def nginx() -> str:
    """Find nginx, which Debian keeps out of the users' PATH."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not found:
        missing("nginx")
    return str(found)


def caddy() -> str:
    """Find a Caddy that is new enough."""
    for command in filter(None, (shutil.which("caddy"), shutil.which(CADDY))):
        said = subprocess.run([command, "version"], capture_output=True, encoding="utf-8", check=True).stdout
        version = re.match(r"v?(\d+)\.(\d+)", said)
        if version and (int(version[1]), int(version[2])) >= CADDY_SINCE:
            return command
    missing("Caddy {}.{} or newer".format(*CADDY_SINCE))
    raise AssertionError


@contextmanager
def database(engine: str) -> Iterator[str]:
    """Create a database of a name that nobody else uses, yield its URL, and drop it."""
    name = f"foundry_{secrets.token_hex(6)}"
    if engine == "sqlite":
        yield f"sqlite:///{name}.db"
        return
    need(engine)
    run, url = {"postgresql": (_postgresql, "postgresql://postgres"), "mysql": (_mysql, "mysql://root")}[engine]
    run(f"CREATE DATABASE {name}")
    try:
        yield f"{url}@{HOST}:{PORTS[engine]}/{name}"
    finally:
        run(f"DROP DATABASE {name}" + (" WITH (FORCE)" if engine == "postgresql" else ""))


@contextmanager
def databases(combination: Combination) -> Iterator[dict[str, str]]:
    """Yield the variables that name a database for a project, and one for its tests; it finds Redis if it uses it."""
    if combination.features & {"caching", "tasks"}:
        need("redis")
    with database(combination.database) as own, database(combination.database) as tests:
        # On SQLite, a project's tests make their own.
        of_tests = {} if combination.database == DATABASES[0] else {"TEST_DATABASE_URL": tests}
        yield {"DATABASE_URL": own, **of_tests}


def _postgresql(statement: str) -> None:
    with psycopg.connect(host=HOST, port=PORTS["postgresql"], user="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _mysql(statement: str) -> None:
    with pymysql.connect(host=HOST, port=PORTS["mysql"], user="root") as connection, connection.cursor() as cursor:
        cursor.execute(statement)
