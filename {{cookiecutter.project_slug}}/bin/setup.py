"""Set the project up: environment, secrets, migrations, database, translations, Git.

    python bin/setup.py

Run it once after cloning, and again whenever you like: what is there already is left as it
is, and only what is missing gets done. A step that fails stops nothing but the steps that
need it; the end of the output lists what is left, with the commands.

It needs Python 3.11 and nothing else. The first step makes the project's own environment,
with uv (https://docs.astral.sh/uv/) where that is installed and with venv and pip where it
isn't. The other steps need the project's packages, so they run inside it, in one process.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import textwrap
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy import URL

Result = TypeVar("Result")

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent.parent
STARTED_IN = Path.cwd()
AGAIN = "python bin/setup.py"
INSIDE = "--inside"  # says that the project's environment is there, and runs this
CONNECT_TIMEOUT = 3  # seconds; then a database server that doesn't answer is down


class StepError(Exception):
    """A step could not be finished; the ``commands`` are what is left to do about it."""

    def __init__(self, reason: str, *commands: str) -> None:
        super().__init__(reason)
        self.commands = commands


def main() -> int:
    """Do what is missing; return 0, or 1 when something is left to do."""
    # A console that isn't UTF-8 shows a question mark for what it can't show.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    os.chdir(ROOT)
    steps = Steps()
    try:
        if INSIDE in sys.argv:
            return set_up_inside(steps)
        if steps.run("environment", make_environment):
            return continue_inside()
        fresh = steps.run("settings", write_env_file)
        steps.run("git", start_repository)
        return close(steps, show_login=bool(fresh))
    except KeyboardInterrupt:
        if INSIDE not in sys.argv:
            print("\n\nStopped. Go on with:\n")
            print_commands(*where_to_go(), AGAIN)
        return 130


def continue_inside() -> int:
    """Run this again with the project's own interpreter, and return its exit status."""
    command = [str(environment_python()), __file__, INSIDE]
    environment = child_environment()
    done = subprocess.run(command, cwd=STARTED_IN, env=environment, check=False)
    return done.returncode


def set_up_inside(steps: Steps) -> int:
    """Do all that needs the project's packages."""
    logging.disable(logging.INFO)  # Alembic tells each thing it looks at
    first_time = not Path("migrations").exists()
    notes: str | None = None
    fresh = steps.run("settings", write_env_file)
    app = steps.run("application", load_application)
    if app:
        migrated = steps.run("migrations", lambda: make_first_migration(app))
        if migrated and steps.run("database", lambda: upgrade_database(app)):
            steps.run("first rows", lambda: flask(app, "seed"))
        if Path("babel.cfg").exists():
            notes = steps.run("translations", lambda: make_translations(app, first_time))
    steps.run("git", start_repository)
    return close(steps, show_login=bool(fresh), notes=notes)


class Steps:
    """Runs the steps, shows their names and times, and remembers what is left to do."""

    def __init__(self) -> None:
        self.left: dict[str, StepError] = {}

    def run(self, name: str, step: Callable[[], Result]) -> Result | None:
        """Return what ``step`` returns, or None when it can't be finished."""
        print(f"  {name:<14}", end="", flush=True)
        begin = time.perf_counter()
        try:
            result = step()
        except StepError as error:
            self.left[name] = error
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the others go on
            self.left[name] = StepError(brief(error), AGAIN)
        else:
            print(f"{time.perf_counter() - begin:5.1f} s", flush=True)
            return result
        print("not done", flush=True)
        return None


# Outside: with any Python, before the project's packages are there.


def make_environment() -> bool:
    """Install what pyproject.toml asks for into .venv, at the versions of the pins.

    :raises StepError: something could not be fetched or installed
    """
    uv = shutil.which("uv")
    if uv:
        sync_with_uv(uv)
    else:
        install_with_pip()
    return True


def sync_with_uv(uv: str) -> None:
    """Install from uv.lock; it is made from constraints.txt, and takes its place."""
    constraints = Path("constraints.txt")
    command = [uv, "sync", "--quiet"]
    if constraints.exists() and not Path("uv.lock").exists():
        for pin in constraints.read_text(encoding="utf-8").splitlines():
            command += ["--upgrade-package", pin]
    try:
        call(*command, "--offline")  # two seconds faster when all is in uv's cache
    except StepError:
        call(*command)
    constraints.unlink(missing_ok=True)


def install_with_pip() -> None:
    """Install with what Python brings along.

    :raises StepError: this Python is too old
    """
    try:
        import tomllib
    except ModuleNotFoundError:
        version = ".".join(map(str, sys.version_info[:2]))
        reason = f"Python 3.11 or newer is needed, and this is {version}"
        raise StepError(reason, "python3.11 bin/setup.py  # or newer") from None
    python = environment_python()
    quick = ["--quiet", "--disable-pip-version-check", "--retries=2"]
    pip = [str(python), "-m", "pip", "install", *quick]
    if not any(python.parent.glob("pip*")):
        call(sys.executable, "-m", "venv", ".venv")
        call(*pip, "--upgrade", "pip")  # twice as fast as the one that Python brings
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    if Path("constraints.txt").exists():
        needed += ["--constraint", "constraints.txt"]
    # Python compiles what gets imported, which is a third of what there is.
    call(*pip, "--no-compile", *needed)


def environment_python() -> Path:
    """Return where the interpreter of the project's environment is, or will be."""
    folder = os.environ.get("UV_PROJECT_ENVIRONMENT") if shutil.which("uv") else None
    program = "Scripts/python.exe" if WINDOWS else "bin/python"
    return ROOT / (folder or ".venv") / program


def child_environment() -> dict[str, str]:
    """Return the environment without what would mix another one's packages in."""
    foreign = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: text for name, text in os.environ.items() if name not in foreign}


def call(*command: str) -> str:
    """Run a program in the project's folder, and return what it wrote.

    :raises StepError: it failed
    """
    done = subprocess.run(
        command,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise StepError(brief(done.stdout), AGAIN)
    return done.stdout


def write_env_file() -> bool:
    """Write .env from its example, with new secrets; tell whether it was written.

    A .env that is there stays as it is, byte for byte.
    """
    if Path(".env").exists():
        return False
    example = Path(".env.example").read_text(encoding="utf-8")
    file = os.open(".env", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(file, "w", encoding="utf-8", newline="\n") as env:
        env.writelines(with_secrets(line) for line in example.splitlines(keepends=True))
    return True


def with_secrets(line: str) -> str:
    """Return a line of .env with a random secret for each value that says change-me."""
    name, separator, value = line.partition("=")
    if line.startswith("#") or not separator:
        return line
    length = 12 if name.endswith("PASSWORD") else 48  # somebody may have to type it
    value = re.sub("change-me", lambda _: secrets.token_urlsafe(length), value)
    return f"{name}={value}"


def start_repository() -> None:
    """Make the folder a Git repository, unless it is in one.

    :raises StepError: Git is not installed
    """
    git = shutil.which("git")
    if not git:
        raise StepError("Git is not installed", "git init")
    try:
        call(git, "rev-parse", "--is-inside-work-tree")
    except StepError:
        call(git, "-c", "init.defaultBranch=main", "init", "--quiet")


# Inside: with the project's packages, in one process, for each start of Python costs time.


def load_application() -> Flask:
    """Return the application."""
    sys.path[0] = str(ROOT)
    app: Flask = importlib.import_module("app").create_app()
    return app


def flask(app: Flask, *arguments: str) -> str:
    """Run a command of ``flask``, and return what it wrote.

    :raises StepError: the command failed
    """
    from flask.cli import FlaskGroup

    done = app.test_cli_runner().invoke(FlaskGroup(), arguments)
    if done.exit_code:
        ended = isinstance(done.exception, SystemExit)
        reason = brief(done.output if ended else done.exception)
        raise StepError(f"flask {' '.join(arguments)}: {reason}", AGAIN)
    return done.output


def make_first_migration(app: Flask) -> bool:
    """Write the migration that makes the tables of all models, if there is none yet.

    It is told against an empty database in memory: so it is the same whether the server
    runs or not, and whatever tables that has.
    """
    from sqlalchemy import create_engine

    if any(Path("migrations/versions").glob("*.py")):
        return True
    if not Path("migrations/env.py").exists():
        flask(app, "db", "init")
    with app.app_context():
        engines = app.extensions["sqlalchemy"].engines
    real = engines[None]
    engines[None] = create_engine("sqlite://")
    try:
        flask(app, "db", "migrate", "--message", "Initial tables")
    finally:
        engines[None].dispose()
        engines[None] = real
    return True


def upgrade_database(app: Flask) -> bool:
    """Bring the database to the newest migration; make it first, if only it is missing.

    :raises StepError: the server can't be reached, or refuses
    """
    with app.app_context():
        url: URL = app.extensions["sqlalchemy"].engine.url
    if url.host:
        reach_database(url)
    flask(app, "db", "upgrade")
    return True


def reach_database(url: URL) -> None:
    """Connect to the database, and create it when the server has none of its name.

    :raises StepError: neither is possible
    """
    from sqlalchemy.exc import DBAPIError

    try:
        execute(url, "SELECT 1")
    except DBAPIError as error:
        try:
            create_database(url)
        except DBAPIError:
            what = error.orig.args[-1] if error.orig else error
            raise StepError(brief(what), *start_database(), AGAIN) from error


def start_database() -> list[str]:
    """Return what to do about a database that can't be reached."""
    if Path("compose.yaml").exists():
        return ["docker compose up -d database  # or correct DATABASE_URL in .env"]
    return ["# start the database server, or correct DATABASE_URL in .env"]


def create_database(url: URL) -> None:
    """Create the database of ``url``, from the one that each server has."""
    if url.get_backend_name() == "postgresql":
        execute(url.set(database="postgres"), f'CREATE DATABASE "{url.database}"')
    else:
        encoding = "CHARACTER SET utf8mb4"
        statement = f"CREATE DATABASE `{url.database}` {encoding}"
        execute(url.set(database="information_schema"), statement)


def execute(url: URL, statement: str) -> None:
    """Execute one statement, outside a transaction."""
    from sqlalchemy import create_engine

    timeout = {"connect_timeout": CONNECT_TIMEOUT}
    engine = create_engine(url, connect_args=timeout, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def make_translations(app: Flask, first_time: bool) -> str:
    """Make the catalogues that are missing, and return what is left to translate in them.

    Those that are there are the work of people, and wait for ``flask translate update``, but
    the first time: then some have texts that this project never had.
    """
    flask(app, "translate", "init")
    if first_time:
        flask(app, "translate", "update", "--ignore-obsolete")
    catalogues = Path("app/translations").glob("*/LC_MESSAGES/*.po")
    if all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues):
        return ""
    return flask(app, "translate", "compile")


# At the end.


def close(steps: Steps, *, show_login: bool, notes: str | None = None) -> int:
    """Tell what is left to do, or how to run the application."""
    if notes:
        print(f"\n{notes}", end="")
    if steps.left:
        print("\nStill to do:\n")
        print_commands(*where_to_go())
        for number, (name, error) in enumerate(steps.left.items(), 1):
            print(f"{number}. {name}: {error}\n")
            print_commands(*error.commands)
    else:
        uv, folder = shutil.which("uv"), Path(".venv", "Scripts" if WINDOWS else "bin")
        print("\nReady. Start it with:\n")
        print_commands(*where_to_go(), f"{'uv run flask' if uv else folder / 'flask'} run")
    if show_login and (login := credentials()):
        print(f"Log in as {' with the password '.join(login)} (from .env).\n")
    return 1 if steps.left else 0


def print_commands(*commands: str) -> None:
    """Show lines to type, with an empty line after them."""
    for command in commands:
        print(f"  {command}")
    if commands:
        print(flush=True)


def where_to_go() -> list[str]:
    """Return the command that leads to the project, if this was started elsewhere."""
    if STARTED_IN == ROOT:
        return []
    folder = os.path.relpath(ROOT, STARTED_IN)
    return [f"cd {folder if WINDOWS else shlex.quote(folder)}"]


def credentials() -> list[str]:
    """Return the administrator's name and password, if .env has them."""
    lines = Path(".env").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    user = values.get("ADMIN_EMAIL") or values.get("ADMIN_USERNAME")
    password = values.get("ADMIN_PASSWORD")
    return [user, password] if user and password else []


def brief(problem: object) -> str:
    """Return an error, or the output that tells one, on one short line."""
    text = str(problem) or type(problem).__name__
    begin = re.search(r"^(error|fatal)\b", text, re.IGNORECASE | re.MULTILINE)
    line = textwrap.shorten(text[begin.start() if begin else 0 :], 240)
    if isinstance(problem, BaseException):
        place = traceback.extract_tb(problem.__traceback__)[-1]
        line += f" ({place.filename}, line {place.lineno})"
    return line


if __name__ == "__main__":
    sys.exit(main())
