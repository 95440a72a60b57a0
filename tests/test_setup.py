"""What bin/setup.py promises, each time in a real project made by a real run of Cookiecutter."""

import os
import re
import shutil
import socket
import sqlite3
import sys
import tomllib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from conftest import Bake
from foundry.manifest import TEMPLATE, TREE
from foundry.services import need
from setup_helpers import ALL, BARE, Run, cookiecutter, environ, execute, program_folder, set_up

SHIPPED = sorted(path.name for path in (TREE / "app" / "translations").iterdir())
LANGUAGES = ["en", *SHIPPED, "nl"]
INSTALLERS = {"pip", "setuptools"}  # pinned, because set-up uses them, and no part of what is locked


@pytest.fixture(scope="session")
def with_uv(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a run that finds uv and git."""
    return environ(program_folder(tmp_path_factory.mktemp("programs"), "uv", "git"))


@pytest.fixture(scope="session")
def without_uv(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a run that finds git, but not uv."""
    return environ(program_folder(tmp_path_factory.mktemp("programs"), "git"))


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory, with_uv: dict[str, str]) -> Run:
    """A project with everything on, set up with uv in a folder that has spaces, accents and CJK."""
    folder = tmp_path_factory.mktemp("work") / "Büro & räume 数据"
    folder.mkdir()
    run = cookiecutter(folder, with_uv, ALL | {"languages": ", ".join(LANGUAGES)})
    assert run.status == 0, run.output
    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    empty = tmp_path / "work"
    empty.mkdir()
    return empty


def python(project: Path) -> str:
    """Return the interpreter of a project's own environment."""
    return str(project / ".venv" / "bin" / "python")


def answer(project: Path, env: dict[str, str], path: str = "/") -> str:
    """Return the HTTP status with which a project answers."""
    code = f"from app import create_app; print(create_app().test_client().get({path!r}).status_code)"
    return execute([python(project), "-c", code], project, env).stdout.splitlines()[-1]


def test_one_command_ends_in_a_project_that_answers(ready: Run, with_uv: dict[str, str]) -> None:
    steps = ["environment", "settings", "application", "migrations", "database", "first rows", "translations", "git"]
    assert [step for step in steps if ready.step(step) == "not done"] == []
    assert "Still to do" not in ready.output
    assert "Warning" not in ready.output
    assert f"cd {ready.project.name}\n  uv run flask run" in ready.output
    assert answer(ready.project, with_uv) == "200"
    assert answer(ready.project, with_uv, "/readyz") == "200"


def test_a_project_starts_on_the_versions_that_were_tested_together(
    ready: Run, bake: Bake, with_uv: dict[str, str]
) -> None:
    tested = dict(re.findall(r"^(\S+)==(\S+)", bake(**ALL).read("constraints.txt"), re.MULTILINE))
    packages = tomllib.loads(ready.read("uv.lock"))["package"]
    locked = {package["name"]: package["version"] for package in packages}
    assert locked.pop("my-flask-app") == "0.1.0"
    assert locked == {name: version for name, version in tested.items() if name not in INSTALLERS}
    assert execute(["uv", "lock", "--check", "--offline"], ready.project, with_uv).returncode == 0


def settings(project: Path) -> dict[str, str]:
    """Return what is in .env."""
    lines = (project / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_secrets_are_random_and_for_the_owner_alone(ready: Run) -> None:
    values = settings(ready.project)
    assert len(values["SECRET_KEY"]) == 64
    assert len(values["ADMIN_PASSWORD"]) == 16
    assert "change-me" not in "".join(values.values())
    instance = ready.project / "instance"
    for private in (ready.project / ".env", instance, *instance.iterdir()):
        assert private.stat().st_mode & 0o777 == (0o700 if private.is_dir() else 0o600), private


def test_the_credentials_are_told_once_and_let_the_administrator_in(ready: Run, with_uv: dict[str, str]) -> None:
    values = settings(ready.project)
    told = f"Log in as {values['ADMIN_EMAIL']} with the password {values['ADMIN_PASSWORD']}"
    assert ready.output.count(told) == 1
    assert values["ADMIN_PASSWORD"] not in set_up(ready.project, with_uv).output


def test_a_repository_is_there_without_a_commit(ready: Run, with_uv: dict[str, str]) -> None:
    assert (ready.project / ".git").is_dir()
    assert execute(["git", "rev-parse", "HEAD"], ready.project, with_uv).returncode != 0
    status = execute(["git", "status", "--porcelain", "--untracked-files=all"], ready.project, with_uv).stdout
    assert "uv.lock" in status
    assert re.search(r" \.env$|instance|\.venv/|\.pot$", status, re.MULTILINE) is None


def test_each_language_has_a_catalogue(ready: Run) -> None:
    found = {path.parent.parent.name: path for path in ready.project.glob("app/translations/*/*/messages.mo")}
    assert set(found) == set(LANGUAGES)
    for file in found.values():
        assert not re.search("fuzzy|^#~", file.with_suffix(".po").read_text(encoding="utf-8"), re.MULTILINE)


def test_only_a_language_that_the_template_does_not_have_is_left_to_translate(ready: Run) -> None:
    lines = re.findall(r"^(\w+): (\d+) of (\d+) texts are not translated yet, in (.+)$", ready.output, re.MULTILINE)
    [(language, lacking, texts, file)] = lines
    assert language == "nl"
    assert lacking == texts
    assert (ready.project / file).exists()


def test_the_catalogues_pass_the_check_until_the_text_changes(ready: Run, with_uv: dict[str, str]) -> None:
    check = [python(ready.project), "-m", "flask", "translate", "check"]
    assert execute(check, ready.project, with_uv).returncode == 0
    page = ready.project / "app/pages/templates/pages/home.html"
    before = page.read_text(encoding="utf-8")
    page.write_text("{{ _('New text') }}" + before, encoding="utf-8")
    set_up(ready.project, with_uv | {"CI": "true"})
    done = execute(check, ready.project, with_uv)
    page.write_text(before, encoding="utf-8")
    assert done.returncode == 1
    assert "es: 'New text' is missing" in done.stdout


def kept(project: Path) -> dict[str, bytes]:
    """Return the files of a project that a person or Git cares for."""
    passing = re.compile(r"/(\.venv|\.git|__pycache__|instance)/|\.mo$")
    files = [path for path in project.rglob("*") if path.is_file() and not passing.search(path.as_posix())]
    return {str(path.relative_to(project)): path.read_bytes() for path in files}


def rows(project: Path) -> list[str]:
    """Return all that is in the database of a project, as SQL."""
    [file] = project.glob("instance/*.db")
    connection = sqlite3.connect(file)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_running_it_again_loses_nothing(ready: Run, with_uv: dict[str, str], tmp_path: Path) -> None:
    catalogue = ready.project / "app/translations/nl/LC_MESSAGES/messages.po"
    head, entry = catalogue.read_text(encoding="utf-8").split('msgstr ""\n\n', 1)
    catalogue.write_text(f'{head}msgstr "Meu"\n\n{entry}', encoding="utf-8")
    before = kept(ready.project), rows(ready.project)
    (tmp_path / "flask.py").write_text("raise SystemExit('not mine')")
    foreign = {"PYTHONPATH": str(tmp_path), "VIRTUAL_ENV": str(tmp_path)}
    run = set_up(ready.project, with_uv | foreign)
    assert run.status == 0, run.output
    assert (kept(ready.project), rows(ready.project)) == before


def test_no_step_warns_of_anything(bake: Bake, ready: Run, with_uv: dict[str, str]) -> None:
    # In an environment that is there already: packages that have to be built warn of a lot.
    project = bake(**ALL).path
    shutil.copy(ready.project / "uv.lock", project)
    strict = {"PYTHONWARNINGS": "error", "UV_PROJECT_ENVIRONMENT": str(ready.project / ".venv")}
    run = set_up(project, with_uv | strict)
    assert run.status == 0, run.output
    assert "Warning" not in run.output
    assert list(project.glob("migrations/versions/*.py"))
    assert not (project / ".venv").exists()


def test_a_colleague_who_clones_gets_the_same(ready: Run, with_uv: dict[str, str], tmp_path: Path) -> None:
    private = shutil.ignore_patterns(".env", ".git", ".venv", "__pycache__", "instance", "*.mo")
    clone = Path(shutil.copytree(ready.project, tmp_path / "clone", ignore=private))
    before = kept(clone)
    run = set_up(clone, with_uv)
    assert run.status == 0, run.output
    assert "Ready. Start it with:\n\n  uv run flask run\n" in run.output
    assert answer(clone, with_uv) == "200"
    assert settings(clone)["SECRET_KEY"] != settings(ready.project)["SECRET_KEY"]
    assert kept(clone) == before | {".env": (clone / ".env").read_bytes()}


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_it_speaks_to_any_console(encoding: str, ready: Run, with_uv: dict[str, str]) -> None:
    run = set_up(ready.project, with_uv | {"PYTHONIOENCODING": encoding})
    assert run.status == 0, run.output


def test_babel_knows_every_language_that_is_accepted(ready: Run, with_uv: dict[str, str]) -> None:
    program = """
import re
import shutil
from babel import Locale, UnknownLocaleError, localedata
for identifier in localedata.locale_identifiers():
    parts = re.fullmatch("([a-z]+)(_[A-Z][a-z]{3})?(_[A-Z]{2}|_[0-9]{3})?", identifier)
    language, script, region = parts.groups("") if parts else ("", "", "")
    for code in filter(None, [language, language + script, language + region, identifier if parts else ""]):
        try:
            Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
        print(code)
"""
    # The hook is no Python before it is rendered, but this much of it is.
    source = (TEMPLATE / "hooks" / "pre_gen_project.py").read_text(encoding="utf-8")
    table = re.search(r'^LOCALES = """$(.*?)^"""$', source, re.MULTILINE | re.DOTALL)
    assert table
    language, accepted = "", set()
    for word in table[1].split():
        language = word if word[0].islower() else language
        accepted.add(word if word is language else f"{language}_{word}")
    known = set(execute([python(ready.project), "-c", program], ready.project, with_uv).stdout.split())
    assert accepted == known


def test_without_uv_pip_sets_up_the_same(folder: Path, without_uv: dict[str, str]) -> None:
    run = cookiecutter(folder, without_uv, BARE | {"catalog": True, "i18n": True})
    assert run.status == 0, run.output
    assert "Still to do" not in run.output
    assert "\n  .venv/bin/flask run\n" in run.output
    assert answer(run.project, without_uv) == "200"
    pins = set(re.findall(r"^\S+==\S+", run.read("constraints.txt"), re.MULTILINE))
    freeze = execute([python(run.project), "-m", "pip", "freeze", "--all"], run.project, without_uv).stdout
    installed = {line.lower().replace("_", "-") for line in freeze.splitlines()}
    # Python 3.11 puts its own setuptools into an environment; nothing uses it.
    assert {line for line in installed if not line.startswith("setuptools==")} <= pins
    again = set_up(run.project, without_uv)
    assert again.status == 0, again.output
    assert not (run.project / "uv.lock").exists()


def offline_uv(empty: Path) -> dict[str, str]:
    """Variables under which uv can fetch nothing."""
    return {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(empty)}


def offline_pip(_empty: Path) -> dict[str, str]:
    """Variables under which pip can fetch nothing."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}


@pytest.mark.parametrize(("tools", "offline"), [("with_uv", offline_uv), ("without_uv", offline_pip)])
def test_offline_the_project_stays_and_the_rest_is_listed(
    tools: str,
    offline: Callable[[Path], dict[str, str]],
    folder: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    env = request.getfixturevalue(tools) | offline(tmp_path / "empty")
    run = cookiecutter(folder, env, BARE)
    assert run.status == 0
    assert run.step("environment") == "not done"
    assert re.search(r"Still to do:\n\n  cd my_flask_app\n\n1\. environment: .+\n\n  python bin/setup.py\n", run.output)
    assert "Traceback" not in run.output
    assert settings(run.project)["SECRET_KEY"]
    assert "Log in as" not in run.output
    assert (run.project / "constraints.txt").exists()


def test_what_was_left_is_done_by_the_next_run(folder: Path, tmp_path: Path, with_uv: dict[str, str]) -> None:
    offline = with_uv | offline_uv(tmp_path / "empty")
    project = cookiecutter(folder, offline, BARE).project
    secrets = (project / ".env").read_bytes()
    assert set_up(project, offline).status == 1
    run = set_up(project, with_uv)
    assert run.status == 0, run.output
    assert answer(project, with_uv) == "200"
    assert (project / ".env").read_bytes() == secrets


def test_without_git_only_the_repository_is_left(folder: Path, tmp_path: Path) -> None:
    run = cookiecutter(folder, environ(program_folder(tmp_path / "programs", "uv")), BARE)
    assert run.status == 0
    assert run.step("git") == "not done"
    assert "  cd my_flask_app\n\n1. git: Git is not installed\n\n  git init\n" in run.output
    assert "\n2. " not in run.output


def test_in_a_repository_no_other_is_made(folder: Path, with_uv: dict[str, str], tmp_path: Path) -> None:
    execute(["git", "init"], folder, with_uv)
    run = cookiecutter(folder, with_uv | offline_uv(tmp_path / "empty"), BARE)
    assert run.status == 0
    assert not (run.project / ".git").exists()


def test_an_old_python_without_uv_is_told_the_way_out(bake: Bake, without_uv: dict[str, str], tmp_path: Path) -> None:
    project = bake(**BARE).path
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['tomllib'] = None")
    run = set_up(project, without_uv | {"PYTHONPATH": str(tmp_path)})
    assert run.status == 1
    assert "Python 3.11 or newer is needed" in run.output
    assert "python3.11 bin/setup.py" in run.output


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize(("database", "docker"), [("postgresql", True), ("mysql", False)], ids=["postgresql", "mysql"])
def test_without_the_server_the_migration_is_written_and_the_list_tells_how_to_go_on(
    database: str,
    docker: bool,
    folder: Path,
    with_uv: dict[str, str],
) -> None:
    down = {"DATABASE_URL": f"{database}://someone:secret@127.0.0.1:{free_port()}/shop"}
    run = cookiecutter(folder, with_uv | down, BARE | {"catalog": True, "database": database, "docker": docker})
    assert run.status == 0
    assert run.step("database") == "not done"
    assert "first rows" not in run.output
    start = "docker compose up -d database" if docker else "# start the database server"
    assert re.search(
        rf"Still to do:\n\n  cd my_flask_app\n\n1\. database: .+\n\n  {start}.*\n  python bin/setup.py\n", run.output
    )
    assert "secret" not in run.output
    [migration] = run.project.glob("migrations/versions/*.py")
    assert "op.create_table('products'" in migration.read_text(encoding="utf-8")


Database = tuple[str, str, Callable[[str], list[Any]]]


@pytest.fixture(params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A running server: the answer that chooses it, a URL of a database that it lacks, and a way to ask there."""
    name = f"foundry_setup_{uuid.uuid4().hex[:12]}"
    connect = {"postgresql": postgresql, "mysql": mariadb}[request.param]
    try:
        url, ask = connect(name)
    except (psycopg.OperationalError, pymysql.OperationalError) as error:
        if os.environ.get("FLASK_FOUNDRY_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"{request.param} does not run here: {error}")
    yield request.param, url, lambda statement: ask(statement, name)
    ask(f"DROP DATABASE IF EXISTS {name}", "")


def postgresql(name: str) -> tuple[str, Callable[[str, str], list[Any]]]:
    """Return a URL on the local PostgreSQL, and a way to ask it."""
    address = "postgresql://postgres@127.0.0.1:5432"

    def ask(statement: str, database: str) -> list[Any]:
        with psycopg.connect(f"{address}/{database or 'postgres'}", autocommit=True, connect_timeout=3) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    ask("SELECT 1", "")
    return f"{address}/{name}", ask


def mariadb(name: str) -> tuple[str, Callable[[str, str], list[Any]]]:
    """Return a URL on the local MariaDB or MySQL, and a way to ask it."""

    def ask(statement: str, database: str) -> list[Any]:
        with (
            pymysql.connect(host="127.0.0.1", user="root", database=database or None) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            return list(cursor.fetchall())

    ask("SELECT 1", "")
    return f"mysql://root@127.0.0.1:3306/{name}", ask


def test_postgresql_that_trusts_this_machine_gets_the_role_of_the_project(
    folder: Path, with_uv: dict[str, str]
) -> None:
    need("postgresql")
    name = f"foundry_role_{uuid.uuid4().hex[:12]}"
    _, ask = postgresql(name)
    env = with_uv | {"DATABASE_URL": f"postgresql://{name}:it's secret@127.0.0.1:5432/{name}"}
    try:
        run = cookiecutter(folder, env, BARE | {"database": "postgresql", "catalog": True})
        assert "Ready." in run.output, run.output
        assert ask("SELECT count(*) FROM alembic_version", name) == [(1,)]
        assert (name, False, True) in ask("SELECT rolname, rolsuper, rolcreatedb FROM pg_roles", "")
    finally:
        ask(f"DROP DATABASE IF EXISTS {name}", "")
        ask(f"DROP ROLE IF EXISTS {name}", "")


def test_a_server_gets_the_database_the_tables_and_the_first_rows(
    server: Database, folder: Path, with_uv: dict[str, str]
) -> None:
    database, url, ask = server
    env = with_uv | {"DATABASE_URL": url}
    answers = BARE | {"security": True, "catalog": True, "database": database}
    run = cookiecutter(folder, env, answers)
    assert "Still to do" not in run.output, run.output
    assert ask("SELECT COUNT(*) FROM users") == [(1,)]
    versions = ask("SELECT version_num FROM alembic_version")
    assert set_up(run.project, env).status == 0
    assert ask("SELECT COUNT(*) FROM users") == [(1,)]
    assert ask("SELECT version_num FROM alembic_version") == versions
    migrated = execute([python(run.project), "-m", "flask", "db", "migrate"], run.project, env)
    assert "No changes" in migrated.stdout, migrated.stdout


@pytest.mark.parametrize("target", ["os.kill(os.getppid(), signal.SIGINT)", "os.killpg(0, signal.SIGINT)"])
def test_ctrl_c_during_set_up_keeps_the_project(target: str, folder: Path, tmp_path: Path) -> None:
    programs = program_folder(tmp_path / "programs", "git")
    uv = programs / "uv"
    uv.write_text(f"#!{sys.executable}\nimport os, signal, time\n{target}\ntime.sleep(30)\n", encoding="utf-8")
    uv.chmod(0o755)
    command = [sys.executable, "-c", "import os, sys; os.setsid(); os.execv(sys.executable, sys.argv[1:])"]
    run = cookiecutter(folder, environ(programs), BARE, prefix=command)
    assert "Stopped. Go on with:\n\n  cd my_flask_app\n  python bin/setup.py\n" in run.output
    assert (run.project / "bin" / "setup.py").exists()
    assert "Traceback" not in run.output
    if "getppid" in target:
        assert run.status == 0
