"""The image and compose.yaml, built and run by the Docker engine that is there: `make test-containers`."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from foundry.manifest import BARE, TEMPLATE, Combination, all_but, combine
from foundry.project import Project, clean_environ
from foundry.server import fetch, submit, visitor, wait_for
from test_end_to_end import generate

SITE = "http://127.0.0.1:8000"
REPLICAS = 3
DOCKER = ["docker"]
# No server is there that would take mail, so the worker writes it to files; the others could send none.
OVERRIDE = {"services": {"worker": {"environment": {"MAIL_BACKEND": "file"}}}}
# The superuser logs in where the server runs, and nowhere else.
SUPERUSER = {
    "postgresql": ["psql", "--username=postgres", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"],
    "mysql": ["mariadb", "--skip-column-names"],
}
DATABASES = ["app", "my_flask_app", "my_flask_app_test"]
# Tables of a volume from the time when the application was the superuser.
OLD: dict[str, dict[str, Any]] = {
    "postgresql": {
        "variables": ["POSTGRES_PASSWORD={password}", "POSTGRES_DB=app"],
        "url": "postgresql://postgres:{password}@database/app",
        "client": "psql --username=postgres --dbname=app",
        "schema": """
            CREATE TYPE mood AS ENUM ('glad'); CREATE SEQUENCE alone; CREATE TABLE old (id serial, mood mood);
            CREATE TABLE newer (id int GENERATED ALWAYS AS IDENTITY); CREATE VIEW seen AS SELECT * FROM old;
            CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; INSERT INTO old VALUES (DEFAULT, 'glad');
            CREATE DATABASE my_flask_app;
        """,
        "changes": """
            INSERT INTO old VALUES (DEFAULT, 'glad'); SELECT nextval('alone'), one(); ALTER TYPE mood ADD VALUE 'sad';
            ALTER TABLE old ADD note text; DROP VIEW seen; DROP FUNCTION one; DROP TABLE newer;
        """,
        "upgrade": [
            "psql --username=postgres --dbname=app -v ON_ERROR_STOP=1",
            "psql --username=postgres --dbname=my_flask_app -v ON_ERROR_STOP=1",
        ],
        "last": 'psql --username=postgres -c "ALTER ROLE postgres PASSWORD NULL"',
        "login": "PGPASSWORD=$POSTGRES_PASSWORD exec psql --host=database --username={user} --dbname=app",
        "heading": "PostgreSQL",
    },
    "mysql": {
        "variables": ["MARIADB_ROOT_PASSWORD={password}", "MARIADB_DATABASE=app"],
        "url": "mysql://root:{password}@database/app",
        "client": "MYSQL_PWD={password} mariadb --user=root app",
        "schema": "CREATE TABLE old (id int AUTO_INCREMENT PRIMARY KEY); INSERT INTO old VALUES ();",
        "changes": "INSERT INTO old VALUES (); ALTER TABLE old ADD note text; CREATE DATABASE my_flask_app_test;",
        "upgrade": ["MYSQL_PWD=$MARIADB_PASSWORD exec mariadb --user=root"],
        "last": "true",
        "login": "MYSQL_PWD=$MARIADB_PASSWORD exec mariadb --host=database --user={user} app",
        "heading": "MariaDB",
    },
}


@dataclass(frozen=True)
class Stack:
    """A project whose containers are up."""

    project: Project

    def compose(self, *command: str, **environ: str) -> str:
        """What `docker compose` says."""
        return docker("compose", *command, cwd=self.project.path, **environ)

    def tried(self, *command: str, given: str = "") -> tuple[int, str]:
        """The exit status of `docker compose exec`, and all that it says."""
        result = subprocess.run(
            [*DOCKER, "compose", "exec", "-T", *command],
            cwd=self.project.path,
            env=clean_environ(),
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return result.returncode, result.stdout

    def asked(self, engine: str, statement: str) -> list[str]:
        """What the database's superuser is answered, line by line."""
        status, said = self.tried("database", *SUPERUSER[engine], given=statement)
        assert status == 0, said
        return said.splitlines()

    def setting(self, name: str) -> str:
        """The value of a variable in .env."""
        lines = self.project.read(".env").splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))

    def answered(self, path: str) -> set[str]:
        """The containers that have answered this path."""
        lines = self.compose("logs", "--no-color", "web").splitlines()
        return {line.split()[0] for line in lines if f'"path": "{path}"' in line}


def docker(*command: str, cwd: Path, **environ: str) -> str:
    """Run the command, and return what it says."""
    result = subprocess.run(
        [*DOCKER, *command], cwd=cwd, env=clean_environ(**environ), capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, f"docker {' '.join(command)}\n{result.stdout[-4000:]}\n{result.stderr[-6000:]}"
    return result.stdout


@pytest.fixture(scope="session", autouse=True)
def engine(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip all of it where no engine answers, unless one has to be there."""
    if not shutil.which("docker") or subprocess.run([*DOCKER, "info"], capture_output=True, check=False).returncode:
        give_up = pytest.fail if os.environ.get("FLASK_FOUNDRY_REQUIRE_CONTAINERS") else pytest.skip
        give_up("no Docker engine is there")
    docker("compose", "version", cwd=tmp_path_factory.getbasetemp())


@contextmanager
def up(
    combination: Combination, folder: Path, *options: str, private: bool = False, **settings: str
) -> Iterator[Stack]:
    """Make a project with these settings, perhaps readable for its owner only, and let its containers run."""
    project = generate(combination, folder, DATABASE_URL="sqlite:///before.db")
    for name, value in settings.items():
        path = project.path / ".env"
        path.write_text(
            re.sub(rf"^{name}=.*$", f"{name}={value}", path.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
        )
    if private:
        for path in project.path.rglob("*"):
            if ".venv" not in path.parts:  # which shares its files with others
                path.chmod(path.stat().st_mode & 0o700)
    (project.path / "compose.override.yaml").write_text(json.dumps(OVERRIDE if options else {}), encoding="utf-8")
    stack = Stack(project)
    try:
        try:
            stack.compose("up", "--build", "--detach", "--wait", *options)
        except AssertionError as failure:
            failure.add_note(stack.compose("logs", "--tail", "30"))
            raise
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "20")


@contextmanager
def old_volume(engine: str, folder: Path) -> Iterator[Stack]:
    """Make a project whose volume is from the time when the application was the database's superuser."""
    project = generate(combine(["catalog"], engine), folder, DATABASE_URL="sqlite:///before.db")
    (project.path / "compose.override.yaml").write_text("{}", encoding="utf-8")
    stack, old = Stack(project), OLD[engine]
    password = stack.setting("DATABASE_PASSWORD")
    service = json.loads(stack.compose("config", "--format", "json"))["services"]["database"]
    variables = [f"--env={variable.format(password=password)}" for variable in old["variables"]]
    volume = f"my_flask_app_database:{service['volumes'][0]['target']}"
    try:
        docker("run", "--detach", "--name=old", f"--volume={volume}", *variables, service["image"], cwd=project.path)
        script = f"until {old['client']} -c 'SELECT 1' || {old['client']} -e 'SELECT 1'; do sleep 1; done; sleep 3"
        docker("exec", "old", "sh", "-c", script.format(password=password), cwd=project.path)
        for statement in re.findall(r"[^;]+;", old["schema"]):
            flag = "-c" if engine == "postgresql" else "-e"
            command = f'{old["client"]} {flag} "$0"'.format(password=password)
            docker("exec", "old", "sh", "-c", command, statement, cwd=project.path)
        docker("rm", "--force", "old", cwd=project.path)
        yield stack
    finally:
        subprocess.run([*DOCKER, "rm", "--force", "old"], capture_output=True, check=False)
        stack.compose("down", "--volumes", "--timeout", "20")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything on, with PostgreSQL, behind the proxy."""
    folder = tmp_path_factory.mktemp("stack")
    with up(all_but(database="postgresql"), folder, "--scale", f"web={REPLICAS}") as stack:
        yield stack


def test_a_small_project_needs_no_other_container(tmp_path: Path) -> None:
    """The first of these tests: the others keep their containers."""
    with up(BARE, tmp_path, private=True, TRUSTED_HOSTS="example.com") as stack:
        assert fetch(f"{SITE}/readyz")[0] == 200
        assert fetch(SITE, Host="example.com")[0] == 200
        assert fetch(SITE)[0] == 400
        services = stack.compose("ps", "--services").split()
        assert sorted(services) == ["proxy", "web"]


def test_health_check_follows_the_port(tmp_path: Path) -> None:
    """`docker run` with the port and the host name that a platform gives."""
    project = generate(BARE, tmp_path)
    docker("build", "--quiet", "--tag", "health", ".", cwd=project.path)
    environ = {"DATABASE_URL": "sqlite:////tmp/app.db", "SECRET_KEY": "x" * 40, "TRUSTED_HOSTS": "example.com"}
    environ |= {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "PORT": "9000"}
    options = [f"--env={name}={value}" for name, value in environ.items()]
    container = docker("run", "--detach", "--rm", *options, "health", cwd=project.path).strip()
    try:
        wait_for(lambda: "starting" not in health(container, project.path))
        assert health(container, project.path) == "healthy"
    finally:
        docker("stop", container, cwd=project.path)


def health(container: str, folder: Path) -> str:
    """The state that Docker's health check has found."""
    return docker("inspect", "--format", "{{.State.Health.Status}}", container, cwd=folder).strip()


@pytest.mark.parametrize("engine", OLD)
def test_a_volume_of_the_superuser_becomes_one_of_the_application(engine: str, tmp_path: Path) -> None:
    guide = (TEMPLATE / "docs/database-role.md").read_text("utf-8")
    [upgrade] = re.findall(rf"## {OLD[engine]['heading']}\n.*?```sql\n(.*?)```", guide, re.DOTALL)
    old = OLD[engine]
    with old_volume(engine, tmp_path) as stack:
        stack.compose("up", "--detach", "--wait", "database")
        url = old["url"].format(password=stack.setting("DATABASE_PASSWORD"))
        stack.compose("run", "--build", "--rm", f"--env=DATABASE_URL={url}", "migrate")
        for command in old["upgrade"]:
            status, said = stack.tried("database", "sh", "-c", command, given=upgrade)
            assert status == 0, said
        stack.tried("database", "sh", "-c", old["last"])
        status, said = stack.tried("database", "sh", "-c", old["login"].format(user="app"), given=old["changes"])
        assert (status, "ERROR" in said) == (0, False), said
        superuser = {"postgresql": "postgres", "mysql": "root"}[engine]
        assert stack.tried("database", "sh", "-c", old["login"].format(user=superuser))[0] != 0
        stack.compose("up", "--build", "--detach", "--wait")
        assert "list-group" in fetch(f"{SITE}/products/")[1]
        stack.compose("exec", "web", "flask", "db", "downgrade", "base")


def test_the_application_is_no_superuser_of_mariadb(tmp_path: Path) -> None:
    with up(combine(["catalog"], "mysql"), tmp_path) as stack:
        assert "list-group" in fetch(f"{SITE}/products/")[1]
        grants = stack.asked("mysql", "SHOW GRANTS FOR app")
        assert "GRANT USAGE ON *.*" in grants[0]
        assert {line.split(" ON ")[1].split(".")[0].replace("\\", "") for line in grants[1:]} == {
            f"`{name}`" for name in DATABASES
        }
        login = "MYSQL_PWD=$MARIADB_PASSWORD exec mariadb --host=database --user="
        assert stack.tried("database", "sh", "-c", f"{login}app my_flask_app_test")[0] == 0
        assert stack.tried("database", "sh", "-c", f"{login}root")[0] != 0


def test_the_application_is_no_superuser_of_postgresql(stack: Stack) -> None:
    rights = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles"
    assert stack.asked("postgresql", f"{rights} WHERE rolname = 'app'") == ["f|f|f|f|f"]
    owned = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = 'app' ORDER BY datname"
    assert stack.asked("postgresql", owned) == DATABASES
    tables = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert stack.asked("postgresql", f"\\connect app\n{tables}")[-1] == "app"
    login = "PGPASSWORD=$POSTGRES_PASSWORD exec psql --host=database --dbname=my_flask_app --username="
    assert stack.tried("database", "sh", "-c", f"{login}app")[0] == 0
    assert stack.tried("database", "sh", "-c", f"{login}postgres")[0] != 0


def test_the_port_of_the_database_is_a_setting(stack: Stack) -> None:
    config = json.loads(stack.compose("config", "--format", "json", DATABASE_PORT="5999"))
    [port] = config["services"]["database"]["ports"]
    assert (port["host_ip"], port["published"]) == ("127.0.0.1", "5999")


def test_redis_is_not_published_and_asks_for_its_password(stack: Stack) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 6379))
    published = json.loads(stack.compose("ps", "redis", "--format", "json"))["Publishers"]
    assert not [port for port in published or () if port["PublishedPort"]]
    assert "NOAUTH" in stack.tried("-e", "REDISCLI_AUTH=", "redis", "redis-cli", "dbsize")[1]
    assert "WRONGPASS" in stack.tried("-e", "REDISCLI_AUTH=guess", "redis", "redis-cli", "dbsize")[1]
    assert stack.tried("redis", "redis-cli", "ping") == (0, "PONG\n")


def test_redis_is_not_healthy_when_it_refuses_its_own_check(stack: Stack) -> None:
    check = json.loads(stack.compose("config", "--format", "json"))["services"]["redis"]["healthcheck"]["test"]
    assert stack.tried("redis", "sh", "-c", check[1])[0] == 0
    assert stack.tried("-e", "REDISCLI_AUTH=guess", "redis", "sh", "-c", check[1])[0] != 0


def test_no_password_is_in_a_command_line(stack: Stack) -> None:
    said = stack.compose("top")
    for container in stack.compose("ps", "--quiet").split():
        parts = "{{json .Path}} {{json .Args}} {{json .Config.Cmd}} {{json .Config.Healthcheck}}"
        said += docker("inspect", "--format", parts, container, cwd=stack.project.path)
    for name in ("DATABASE_PASSWORD", "REDIS_PASSWORD"):
        assert stack.setting(name) not in said


def test_every_replica_is_reached_through_the_proxy(stack: Stack) -> None:
    for _ in range(60):
        status, page = fetch(f"{SITE}/products/")
        assert status == 200
        assert "My Flask App" in page
    assert len(stack.answered("/products/")) == REPLICAS
    status, state = fetch(f"{SITE}/readyz")
    assert (status, json.loads(state)["status"]) == (200, "ok")


def test_a_session_is_known_to_every_replica(stack: Stack) -> None:
    opener = visitor()
    email = stack.setting("ADMIN_EMAIL")
    submit(opener, f"{SITE}/login", email=email, password=stack.setting("ADMIN_PASSWORD"))
    for _ in range(30):
        with opener.open(f"{SITE}/account") as page:
            assert email in page.read().decode()
    assert len(stack.answered("/account")) == REPLICAS


def test_attempts_to_log_in_are_counted_together(stack: Stack) -> None:
    opener = visitor()
    attempt = {"email": "nobody@example.com", "password": "a wrong password"}
    statuses = [submit(opener, f"{SITE}/login", **attempt)[0] for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert len(stack.answered("/login")) == REPLICAS


def test_the_worker_sends_the_mail(stack: Stack) -> None:
    email = stack.setting("ADMIN_EMAIL")
    assert submit(visitor(), f"{SITE}/reset", email=email)[0] == 200
    wait_for(lambda: "succeeded" in stack.compose("logs", "worker"))
    assert f"To: {email}" in stack.compose("exec", "worker", "sh", "-c", "cat instance/mail/*")


def test_a_container_can_change_nothing_of_its_own(stack: Stack) -> None:
    assert stack.compose("exec", "web", "id", "-u").strip() == "10001"
    tried = stack.compose("exec", "web", "sh", "-c", "touch app/x || touch /etc/x || echo refused")
    assert tried.strip() == "refused"
    found = stack.compose("exec", "web", "sh", "-c", "command -v uv gcc pytest ruff; ls /root/.cache 2>&1 || true")
    assert not [line for line in found.splitlines() if line.startswith("/")]


def test_no_secret_is_in_the_image(stack: Stack) -> None:
    history = docker("history", "--no-trunc", "my_flask_app", cwd=stack.project.path)
    inspected = docker("inspect", "my_flask_app", cwd=stack.project.path)
    for name in ("SECRET_KEY", "TOTP_SECRET", "ADMIN_PASSWORD", "DATABASE_PASSWORD", "REDIS_PASSWORD"):
        assert stack.setting(name) not in history + inspected
    assert '"org.opencontainers.image.title": "my_flask_app"' in inspected
    listed = stack.compose("exec", "web", "ls", "-A", "/srv").split()
    assert sorted(listed) == sorted(["app", "gunicorn.conf.py", "instance", "migrations"])


def test_a_proxy_that_knows_the_name_of_the_site_speaks_https(stack: Stack) -> None:
    """For localhost, Caddy issues the certificate itself, so nobody trusts it."""
    anyone = ssl._create_unverified_context()  # noqa: S323, SLF001
    try:
        stack.compose("up", "--detach", "--wait", "--no-deps", "proxy", SITE_ADDRESS="localhost")
        with urlopen("https://localhost:8443/products/", context=anyone) as page:
            assert page.status == 200
            assert page.headers["Strict-Transport-Security"]
            assert "Server" not in page.headers
    finally:
        stack.compose("up", "--detach", "--wait", "--no-deps", "proxy")


def test_servers_go_without_a_visitor_noticing(stack: Stack) -> None:
    """One server is left for the tests that follow."""
    with ThreadPoolExecutor(5) as visitors:
        asked = [visitors.submit(fetch, f"{SITE}/products/") for _ in range(100)]
        stack.compose("up", "--detach", "--no-recreate", "--scale", "web=1")
        asked += [visitors.submit(fetch, f"{SITE}/products/") for _ in range(100)]
        assert {answer.result()[0] for answer in asked} == {200}
    assert len(stack.compose("ps", "--quiet", "web").split()) == 1


def test_all_of_it_stops_when_asked(stack: Stack) -> None:
    """The last of these tests: who has to be killed ends with 137."""
    begin = time.monotonic()
    stack.compose("stop")
    assert time.monotonic() - begin < 15
    lines = stack.compose("ps", "--all", "--format", "json").splitlines()
    ended = {container["Service"]: container["ExitCode"] for container in map(json.loads, lines)}
    assert ended == dict.fromkeys(["beat", "database", "migrate", "proxy", "redis", "web", "worker"], 0)
