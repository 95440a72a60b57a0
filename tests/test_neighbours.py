"""Two projects on one machine: they share a Redis and a host name, and nothing else. Redis with TLS. Wrong settings."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import trustme
from foundry.manifest import combine
from foundry.project import Project
from foundry.server import fetch, free_port, serve, submit, visitor, wait_for, worker
from foundry.services import HOST, missing, redis
from test_end_to_end import generate

RUN = ["flask", "run", "--port", "{port}"]
EMAIL = "admin@example.com"
KEYS = "import sys, redis; print(*redis.from_url(sys.argv[1], decode_responses=True).keys(), sep='\\n')"
WRONG = {"DATABASE_URL": "postgres://host/name", "REDIS_URL": "localhost:6379", "SECRET_KEY": "abc"}
PROGRAMS = [
    ["flask", "routes"],
    ["flask", "run", "--port", "1"],
    ["flask", "db", "current"],
    ["flask", "--help"],
    ["gunicorn", "--bind", "127.0.0.1:0"],
    ["celery", "-A", "app.tasks.worker", "worker"],
    ["celery", "-A", "app.tasks.worker", "beat"],
]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> list[Project]:
    """Two projects with the same answers but their names."""
    combination = combine(["caching", "mail", "security", "tasks"])
    return [generate(combination, tmp_path_factory.mktemp(name), name=name) for name in ("One", "Other")]


def password(project: Project) -> str:
    """The password of the first administrator."""
    return dict(line.split("=", 1) for line in project.read(".env").splitlines() if "=" in line)["ADMIN_PASSWORD"]


def mails(project: Project) -> list[Path]:
    """The messages that were delivered."""
    return list(project.path.glob("instance/mail/*"))


def test_projects_share_a_redis_and_a_host_but_no_task_limit_or_cookie(projects: list[Project], tmp_path: Path) -> None:
    one, other = projects
    with redis() as url, ExitStack() as stack:
        sites = [stack.enter_context(serve(project, *RUN, REDIS_URL=url)) for project in projects]
        browser = visitor()
        for project, site in zip(projects, sites, strict=True):
            assert submit(browser, f"{site}/login", email=EMAIL, password=password(project))[0] == 200
        for site in sites:
            with browser.open(f"{site}/account") as page:
                assert page.url == f"{site}/account"
        wrong = {"email": "ada@example.com", "password": "a wrong password"}
        statuses = [submit(visitor(), f"{site}/login", **wrong)[0] for site in sites[:1] * 11 + sites[1:]]
        assert statuses == [200] * 10 + [429, 200]
        with worker(one, tmp_path / "one", REDIS_URL=url):
            assert submit(visitor(), f"{sites[1]}/reset", email=EMAIL)[0] == 200
            assert submit(visitor(), f"{sites[0]}/reset", email=EMAIL)[0] == 200
            wait_for(lambda: mails(one))
            with worker(other, tmp_path / "other", REDIS_URL=url):
                wait_for(lambda: mails(other))
                assert (tmp_path / "one").read_text("utf-8").count(" received") == 1
                assert one.run(str(one.path / ".venv/bin/flask"), "ping-worker", REDIS_URL=url).stdout == "One\n"
                keys = other.run(str(one.path / ".venv/bin/python"), "-c", KEYS, url).stdout.splitlines()
    assert any(key.startswith("other:tasks:") for key in keys)
    ours = ("flask-foundry-tests", "LIMITS:LIMITER/one/", "LIMITS:LIMITER/other/", "one:", "other:")
    assert [key for key in keys if not key.startswith(ours)] == []


@contextmanager
def redis_with_tls(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Run a Redis whose certificate is for this name; yield the settings with which it is trusted."""
    command = shutil.which("redis-server")
    if not command:
        missing("redis-server")
    authority, port = trustme.CA(), free_port()
    certificate = authority.issue_cert(name)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
    options = {
        "bind": HOST,
        "port": "0",
        "tls-port": str(port),
        "tls-cert-file": str(folder / "certificate.pem"),
        "tls-key-file": str(folder / "key.pem"),
        "tls-ca-cert-file": str(folder / "authority.pem"),
        "tls-auth-clients": "no",
        "dir": str(folder),
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    server = subprocess.Popen([str(command), *arguments], stdin=subprocess.DEVNULL)
    try:
        yield {"REDIS_URL": f"rediss://{HOST}:{port}/0", "SSL_CERT_FILE": str(folder / "authority.pem")}
    finally:
        server.kill()
        server.wait()


def states(project: Project, **environ: str) -> dict[str, str]:
    """What the site says of itself."""
    with serve(project, *RUN, **environ) as site:
        answer = json.loads(fetch(f"{site}/readyz")[1])
        submit(visitor(), f"{site}/login", email="ada@example.com", password="a wrong password")
    return {name: answer[name] for name in ("cache", "tasks")}


def test_redis_is_used_over_tls_if_its_certificate_is_valid(projects: list[Project], tmp_path: Path) -> None:
    project = projects[0]
    flask, python = str(project.path / ".venv/bin/flask"), str(project.path / ".venv/bin/python")
    with redis_with_tls(tmp_path, HOST) as trusted:
        url, authority = trusted["REDIS_URL"], trusted["SSL_CERT_FILE"]
        with worker(project, tmp_path / "worker", **trusted):
            ping = project.run(flask, "ping-worker", **trusted)
            assert ping.stdout == "One\n", ping.stderr
        ping = project.run(flask, "ping-worker", REDIS_URL=url)
        assert ping.returncode == 1
        assert "Traceback" not in ping.stderr
        assert states(project, **trusted) == {"cache": "ok", "tasks": "ok"}
        assert states(project, REDIS_URL=f"{url}?ssl_ca_certs={authority}") == {"cache": "ok", "tasks": "ok"}
        keys = project.run(python, "-c", KEYS, url, SSL_CERT_FILE=authority).stdout
        assert "LIMITS:LIMITER/one/" in keys
        assert states(project, REDIS_URL=url) == {"cache": "unreachable", "tasks": "unreachable"}


def test_a_redis_with_the_certificate_of_another_host_is_not_used(projects: list[Project], tmp_path: Path) -> None:
    with redis_with_tls(tmp_path, "redis.example.com") as environ:
        assert states(projects[0], **environ) == {"cache": "unreachable", "tasks": "unreachable"}


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_wrong_settings_are_a_line_each(program: list[str], projects: list[Project]) -> None:
    project = projects[0]
    result = project.run(str(project.path / ".venv/bin" / program[0]), *program[1:], **WRONG)
    assert result.returncode == 1
    _heading, *lines = result.stderr.splitlines()
    assert sorted(line.partition(": ")[0] for line in lines) == sorted(WRONG), result.stderr
    assert not result.stdout


@pytest.mark.parametrize("program", PROGRAMS[4:6], ids=" ".join)
def test_a_file_of_settings_in_another_encoding_is_named(
    program: list[str], projects: list[Project], tmp_path: Path
) -> None:
    project = projects[0]
    file = project.path / ".env"
    shutil.copy(file, tmp_path)
    try:
        file.write_text(file.read_text("utf-8"), "utf-16")
        result = project.run(str(project.path / ".venv/bin" / program[0]), *program[1:])
    finally:
        shutil.copy(tmp_path / ".env", file)
    assert result.returncode == 1
    assert result.stderr == f"{file} can't be read. Save it as text in UTF-8 without a byte order mark.\n"
