"""A project that is served for the time of a test."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen

from foundry.project import Project, clean_environ

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PATIENCE = 60  # seconds; a first start compiles every module


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object]) -> None:
    """Go on as soon as this is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def fetch(url: str, **headers: str) -> tuple[int, str]:
    """Status and text of a page, whatever the status."""
    try:
        with urlopen(Request(url, headers=headers), timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def visitor() -> OpenerDirector:
    """A browser without pages: it keeps cookies, and sends those for HTTPS to this machine, too."""
    policy = DefaultCookiePolicy(secure_protocols=("http", "https"))
    return build_opener(HTTPCookieProcessor(CookieJar(policy)))


def submit(opener: OpenerDirector, url: str, **form: str) -> tuple[int, str]:
    """Send a form of the site as a browser would; status and text of the page that follows."""
    with opener.open(url, timeout=PATIENCE) as page:
        token = TOKEN.search(page.read().decode())
    assert token, url
    try:
        with opener.open(url, urlencode(form | {"csrf_token": token[1]}).encode(), timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextmanager
def serve(project: Project, *command: str, **environ: str) -> Iterator[str]:
    """Run a command with `{port}` in it, yield the address once it answers, and stop it whatever happens."""
    port = free_port()
    arguments = [str(project.path / ".venv/bin" / command[0]), *(part.format(port=port) for part in command[1:])]
    with TemporaryFile() as log:
        server = subprocess.Popen(
            arguments,
            cwd=project.path,
            env=clean_environ(**environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            assert _answers(address, server), _text(log)
            yield address
            assert server.poll() is None, _text(log)
            assert "Traceback" not in _text(log), _text(log)
        finally:
            _stop(server)


@contextmanager
def running(
    project: Project, log: Path, *command: str, ready: str, **environ: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command from when its log says that it is ready; end it, and whatever it started, with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(project.path / ".venv/bin" / command[0]), *command[1:]],
            cwd=project.path,
            env=clean_environ(**environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: process.poll() is not None or ready in log.read_text("utf-8"))
        assert process.poll() is None, log.read_text("utf-8")
        yield process
    finally:
        kill(process)


@contextmanager
def worker(project: Project, log: Path, **environ: str) -> Iterator[None]:
    """Run the worker of the project's tasks."""
    command = ["celery", "-A", "app.tasks.worker", "worker", "--pool=solo"]
    with running(project, log, *command, ready=" ready.", **environ) as process:
        yield
        assert process.poll() is None, log.read_text("utf-8")


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its children at once, with no time to clean up."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")[-6000:]


def _answers(address: str, server: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            fetch(f"{address}/healthz")
        except (URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server and whatever it started: they are a group of their own."""
    with suppress(subprocess.TimeoutExpired):
        server.terminate()
        server.wait(timeout=10)
    kill(server)
