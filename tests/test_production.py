"""The server of production: real Gunicorn, with nothing of what only those need who work on a project."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

import psycopg
import pymysql
import pytest
from foundry.manifest import DATABASES, FEATURES, all_but
from foundry.project import Project
from foundry.server import fetch, free_port, running, submit, visitor, wait_for
from foundry.services import HOST, caddy, database, redis
from test_end_to_end import TOOLS, generate

PAGES = ["/", "/products/", "/api/v1/products", "/healthz", "/readyz"]
CLIENTS = 8
SERVERS = DATABASES[1:]
SLOW_CLIENTS = 24
PATIENCE_WITH_SLOW_CLIENTS = 20  # seconds
HOSTILE_HEADERS = [
    ("SCRIPT_NAME", "/evil"),
    ("SCRIPT-NAME", "/evil"),
    ("PATH_INFO", "/evil"),
    ("PATH-INFO", "/evil"),
    ("REMOTE_USER", "evil"),
    ("X-Script-Name", "/evil"),
    ("X-Forwarded-Prefix", "/evil"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Port", "22"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Protocol", "ssl"),
    ("X-Forwarded-Ssl", "on"),
    ("Forwarded", "proto=https;host=evil.example"),
]


@dataclass(frozen=True)
class Site:
    """A project that is served as in production: by which process, on which port, with which database."""

    project: Project
    environ: dict[str, str]
    database: str
    server: Popen[bytes]
    port: int
    log: Path

    def ask(self, path: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of a page."""
        with closing(HTTPConnection(HOST, self.port, timeout=30)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def workers(self) -> list[int]:
        """The processes that answer."""
        main = self.server.pid
        return [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text("utf-8").split()]

    def answers(self) -> bool:
        """Whether it does."""
        with suppress(OSError):
            return fetch(f"http://{HOST}:{self.port}/healthz")[0] == 200
        return False


@pytest.fixture(params=DATABASES, scope="module")
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Everything on, set up by its own hook; then what is installed is what the image of production has."""
    folder = tmp_path_factory.mktemp("production")
    with ExitStack() as stack:
        url = stack.enter_context(database(request.param))
        environ = {"DATABASE_URL": url, "REDIS_URL": stack.enter_context(redis()), "MAIL_BACKEND": "dummy"}
        made = generate(all_but(database=request.param), folder, **environ)
        failure = made.failure("uv", "sync", "--quiet", "--locked", "--no-dev", PATH=f"{TOOLS}:{os.environ['PATH']}")
        assert not failure, failure
        assert not (made.path / ".venv/bin/pytest").exists()
        environ |= {"APP_ENV": "production", "FLASK_DEBUG": "0"}
        yield {"project": made, "environ": environ, "database": url}


@pytest.fixture
def site(request: pytest.FixtureRequest, project: dict[str, Any], tmp_path: Path) -> Iterator[Site]:
    """The project, served by the command of its README, with two workers or another number."""
    port, log = free_port(), tmp_path / "log"
    environ = project["environ"] | {"PORT": str(port), "WEB_CONCURRENCY": getattr(request, "param", "2")}
    with running(project["project"], log, "gunicorn", ready="Booting worker", **environ) as server:
        site = Site(**project, server=server, port=port, log=log)
        wait_for(site.answers)
        yield site


@contextmanager
def proxied(site: Site, folder: Path) -> Iterator[int]:
    """Run Caddy as the project configures it, but in front of this one server, and yield its port."""
    program, port = caddy(), free_port()
    text, count = re.subn(
        r"dynamic a web 8000 \{.*?\}", f"to {HOST}:{site.port}", site.project.read("Caddyfile"), flags=re.DOTALL
    )
    assert count == 1
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    variables = {"CADDY_ADMIN": f"{HOST}:{free_port()}", "SITE_ADDRESS": f"http://:{port}", "HOME": str(folder)}
    with (folder / "caddy log").open("wb") as log:
        server = Popen(
            [program, "run", "--adapter", "caddyfile", "--config", "Caddyfile"],
            cwd=folder,
            env=os.environ | variables,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: server.poll() is not None or fetch_or_none(port))
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def fetch_or_none(port: int) -> tuple[int, str] | None:
    """Status and text of the start page, if somebody listens."""
    with suppress(OSError):
        return fetch(f"http://{HOST}:{port}/")
    return None


@pytest.mark.parametrize("project", DATABASES[:1], indirect=True)
def test_the_caddyfile_is_valid_and_formatted(site: Site) -> None:
    done = subprocess.run(
        [caddy(), "validate", "--adapter", "caddyfile", "--config", "Caddyfile"],
        cwd=site.project.path,
        env=os.environ | {"SITE_ADDRESS": ":80", "HOME": str(site.log.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not formatted" not in done.stderr


@pytest.mark.parametrize("project", DATABASES[:1], indirect=True)
@pytest.mark.parametrize("site", ["1"], indirect=True)
def test_slow_clients_block_nobody(site: Site, tmp_path: Path) -> None:
    """Some send a byte of their headers twice a second, some of their body: all to one worker with few threads."""
    form = b"Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
    begins = [b"GET / HTTP/1.1\r\n", b"POST /preferences HTTP/1.1\r\n" + form] * SLOW_CLIENTS
    with proxied(site, tmp_path) as port, ExitStack() as stack, ThreadPoolExecutor() as clients:
        slow = [stack.enter_context(socket.create_connection((HOST, port))) for _ in begins]
        for connection, begin in zip(slow, begins, strict=True):
            connection.sendall(begin)
        time.sleep(1)
        honest = clients.submit(fetch, f"http://{HOST}:{port}/")
        deadline = time.monotonic() + PATIENCE_WITH_SLOW_CLIENTS
        while not honest.done() and time.monotonic() < deadline:
            for connection in slow:
                with suppress(OSError):
                    connection.send(b"a")
            time.sleep(0.5)
        is_answered = honest.done()
        # Otherwise the test itself would wait for it.
        stack.close()
        assert is_answered
        assert honest.result()[0] == 200


@pytest.mark.parametrize("project", DATABASES[:1], indirect=True)
def test_no_header_of_a_client_moves_the_site(site: Site) -> None:
    """The client is on this machine, as a proxy that passes on what it is sent would be; PROXIES is not set."""
    address = f"http://{HOST}:{site.port}/"
    for header, value in HOSTILE_HEADERS:
        status, page = fetch(address, **{header: value})
        assert status == 200, header
        assert "evil" not in page, header
        assert f'href="{address}?lang=' in page, header


def test_everything_is_served(site: Site) -> None:
    for path in PAGES:
        status, headers, _text = site.ask(path)
        assert status == 200, path
        assert not headers.get("Server"), path
        assert "Set-Cookie" not in headers, path
    names = ",".join(f"{number:060}" for number in range(100))
    assert site.ask(f"/api/v1/products?filter[name][in]={names}")[0] == 200
    assert site.ask(f"/{'a' * 9000}")[0] == 414
    lines = site.log.read_text("utf-8").splitlines()
    assert all(line.startswith("{") and line.endswith("}") for line in lines), lines
    assert sum('"path": "/products/"' in line for line in lines) == 1


def test_log_lines_hold_one_id_and_no_secret(site: Site, tmp_path: Path) -> None:
    """Somebody logs in, and asks for a new password, whose mail the worker of the background tasks sends."""
    settings = dict(line.split("=", 1) for line in site.project.read(".env").splitlines() if re.match(r"\w+=", line))
    email, password = settings["ADMIN_EMAIL"], settings["ADMIN_PASSWORD"]
    address, opener = f"http://{HOST}:{site.port}", visitor()
    opener.addheaders = [("X-Request-ID", "told-by-the-proxy")]
    command = FEATURES["tasks"]["processes"]["worker"]["command"].split()
    log = tmp_path / "worker log"
    with running(site.project, log, *command, "--pool=solo", ready=" ready.", **site.environ):
        for secret in ("not the password", password):
            submit(visitor(), f"{address}/login", email=email, password=secret)
        assert submit(opener, f"{address}/reset", email=email)[0] == 200
        wait_for(lambda: "succeeded" in log.read_text("utf-8"))
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    assert [line["request_id"] for line in lines if "succeeded" in line["message"]] == ["told-by-the-proxy"]
    said = site.log.read_text("utf-8") + log.read_text("utf-8")
    assert "told-by-the-proxy" in site.log.read_text("utf-8")
    for secret in (email, password, "not the password", settings["SECRET_KEY"], settings["TOTP_SECRET"]):
        assert secret not in said


def test_a_worker_that_dies_is_replaced(site: Site) -> None:
    victim = site.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(site.workers()) == 2 and victim not in site.workers())
    assert {site.ask("/")[0] for _ in range(8)} == {200}


def test_a_request_in_flight_is_finished_before_the_server_stops(site: Site) -> None:
    """The other half of a form comes after the server was told to stop; meanwhile, others ask for pages."""
    form = b"email=nobody%40example.com&password=wrong"
    with closing(HTTPConnection(HOST, site.port, timeout=30)) as slow, ThreadPoolExecutor(CLIENTS) as clients:
        slow.putrequest("POST", "/login")
        slow.putheader("Content-Type", "application/x-www-form-urlencoded")
        slow.putheader("Content-Length", str(len(form)))
        slow.endheaders(form[:10])
        others = [clients.submit(until_it_is_gone, site) for _ in range(CLIENTS)]
        time.sleep(0.5)
        site.server.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        slow.send(form[10:])
        assert slow.getresponse().status == 400  # there is no CSRF token in it
        answered = [other.result(timeout=60) for other in others]
    assert site.server.wait(timeout=30) == 0
    assert min(answered) > 0
    # Whatever a worker has begun was answered; what had not reached one was not begun.
    assert sum(answered) == site.log.read_text("utf-8").count('"GET /products/ 200"')


def until_it_is_gone(site: Site) -> int:
    """Ask for pages until there is nobody to ask; how many whole answers there were."""
    answered = 0
    while True:
        with closing(HTTPConnection(HOST, site.port, timeout=30)) as connection:
            try:
                connection.request("GET", "/products/")
                answer = connection.getresponse()
            except (ConnectionError, TimeoutError):
                return answered
            assert answer.status == 200
            assert answer.read().rstrip().endswith(b"</html>")
            answered += 1


CHUNKS = [
    b"zz\r\nab\r\n",
    b"-1\r\nab\r\n",
    b"3\r\nabcXX0\r\n\r\n",
    b"ff\r\nabc",
    b"3\r\na=b\r\n",
    b"1;\0=\r\na\r\n0\r\n\r\n",
    b"",
]
KINDS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]


@pytest.mark.parametrize("project", DATABASES[:1], indirect=True)
def test_malformed_body_is_a_bad_request(site: Site) -> None:
    """Broken chunks, and a client that stops in the middle of a body."""
    ways = [("Transfer-Encoding: chunked", chunks) for chunks in CHUNKS]
    for way, body in [*ways, ("Content-Length: 100", b"a=b"), ("Content-Length: 100", b"")]:
        for kind in KINDS:
            answer = send_raw(site, kind, way, body)
            assert answer.startswith("HTTP/1.1 400 "), (way, body, kind, answer[:200])
            assert "content-security-policy:" in answer.lower()
            assert "x-request-id:" in answer.lower()
    assert "Traceback" not in site.log.read_text("utf-8")


def send_raw(site: Site, kind: str, length: str, body: bytes) -> str:
    """Send a body as it stands, and nothing after it; what comes back."""
    lines = "POST /login HTTP/1.1", f"Host: {HOST}", "Connection: close", f"Content-Type: {kind}", length
    with socket.create_connection((HOST, site.port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read().decode()


@contextmanager
def locked(url: str) -> Iterator[Callable[[], int]]:
    """Let everybody wait who reads products; yield what ends the connections of those, and how many they are."""
    name = urlsplit(url).path[1:]
    if url.startswith("postgresql"):
        find = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
        with psycopg.connect(host=HOST, user="postgres", dbname=name) as connection:
            connection.execute("LOCK TABLE products")

            def end_all() -> int:
                # Otherwise, what was seen once is seen until the transaction ends.
                connection.execute("SELECT pg_stat_clear_snapshot()")
                return len(connection.execute(find, [name]).fetchall())

            yield end_all
        return
    with pymysql.connect(host=HOST, user="root", database=name) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES products WRITE")

        def end() -> int:
            find = "SELECT id FROM information_schema.processlist WHERE db = %s AND state LIKE 'Waiting for table%%'"
            cursor.execute(find, [name])
            waiting = cursor.fetchall()
            for (number,) in waiting:
                cursor.execute(f"KILL {number}")
            return len(waiting)

        yield end


@pytest.mark.parametrize("project", SERVERS, indirect=True)
def test_a_lost_connection_is_one_moment_to_wait_for(site: Site) -> None:
    # No answer that is kept is asked for here.
    path = "/api/v1/products?filter[name][eq]="
    assert site.ask(f"{path}before")[0] == 200
    with ThreadPoolExecutor() as clients:
        with locked(site.database) as end_those_who_wait:
            waiting = clients.submit(site.ask, f"{path}meanwhile")
            wait_for(end_those_who_wait)
            status, headers, text = waiting.result(timeout=30)
        assert status == 503
        assert int(headers["Retry-After"]) > 0
        assert "SELECT" not in text
    for number in range(8):
        assert site.ask(f"{path}{number}")[0] == 200
    said = site.log.read_text("utf-8")
    assert said.count("The database can't be asked.") == 1


@pytest.mark.parametrize("project", DATABASES[:1], indirect=True)
def test_pages_that_write_wait_for_those_who_write_to_sqlite(site: Site) -> None:
    """Fresh tokens are used, and languages chosen, while others keep on writing through the API."""
    flask = str(site.project.path / ".venv/bin/flask")
    settings = dict(line.split("=", 1) for line in site.project.read(".env").splitlines() if re.match(r"\w+=", line))
    email, password = settings["ADMIN_EMAIL"], settings["ADMIN_PASSWORD"]
    tokens = [site.project.run(flask, "create-token", email, **site.environ).stdout.strip() for _ in range(6)]
    address = f"http://{HOST}:{site.port}"
    readers = [visitor() for _ in range(6)]
    for reader in readers:
        submit(reader, f"{address}/login", email=email, password=password)

    def write(number: int) -> int:
        row = json.dumps({"name": f"Category {number}"}).encode()
        headers = {"Authentication-Token": tokens[0], "Content-Type": "application/json"}
        with visitor().open(Request(f"{address}/api/v1/categories", row, headers)) as answer:  # noqa: S310
            return int(answer.status)

    def choose(number: int) -> int:
        languages = ("en", "es")
        with readers[number % len(readers)].open(f"{address}/language/{languages[number // 6 % 2]}") as page:
            return int(page.status)

    def use(token: str) -> int:
        return fetch(f"{address}/api/v1/me", **{"Authentication-Token": token})[0]

    with ThreadPoolExecutor(12) as clients:
        written = [clients.submit(write, number) for number in range(40)]
        read = [clients.submit(choose, number) for number in range(24)]
        read += [clients.submit(use, token) for token in tokens[1:]]
        assert {future.result() for future in read} == {200}
        assert {future.result() for future in written} == {201}
