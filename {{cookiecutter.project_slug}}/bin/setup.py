"""Set the project up: environment, secrets, migrations, database, translations, Git.

    python bin/setup.py

Run it once after cloning, after an update from the template, and whenever you like: what is
there already is left as it is, and only what is missing gets done. A step that fails stops
nothing but the steps that need it; the end of the output lists what is left, with the commands.

It needs Python 3.11 and nothing else. The first step makes the project's own environment,
with uv (https://docs.astral.sh/uv/) where that is installed and with venv and pip where it
isn't. The other steps need the project's packages, so they run inside it, in one process.
"""

from __future__ import annotations

import contextlib
import importlib
import io
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
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.operations.ops import MigrateOperation, MigrationScript, UpgradeOps
    from flask import Flask
    from sqlalchemy import URL

Result = TypeVar("Result")

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent.parent
STARTED_IN = Path.cwd()
AGAIN = "python bin/setup.py"
INSIDE = "--inside"  # says that the project's environment is there, and runs this
CONNECT_TIMEOUT = 3  # seconds; then a database server that doesn't answer is down
# Continuous integration checks what is committed: nothing is written there to mend it.
MENDS = not os.environ.get("CI")
LOGIN = {"ADMIN_EMAIL", "ADMIN_USERNAME", "ADMIN_PASSWORD"}
SETTING = re.compile(r"(?:^#.*\n)*^(\w+)=.*\n?", re.MULTILINE)  # with what explains it
NAMED = re.compile(r"^[# \t]*(?:export\s+)?(\w+)\s*=", re.MULTILINE)  # or commented out


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
        new = steps.run("settings", lambda: write_settings(steps.notes))
        steps.run("git", start_repository)
        return close(steps, new or [])
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
    notes = steps.notes
    new = steps.run("settings", lambda: write_settings(notes))
    app = steps.run("application", load_application)
    if app:
        migrated = steps.run("migrations", lambda: make_first_migration(app))
        if migrated and steps.run("database", lambda: upgrade_database(app)):
            if not first_time:
                steps.run("new tables", lambda: add_tables(app, notes))
            steps.run("first rows", lambda: flask(app, "seed"))
        if Path("babel.cfg").exists():
            steps.run("translations", lambda: make_translations(app, notes, first_time))
    steps.run("git", start_repository)
    return close(steps, new or [])


class Steps:
    """Runs the steps, shows their names and times, and remembers what to tell at the end."""

    def __init__(self) -> None:
        self.left: dict[str, StepError] = {}
        self.notes: list[str] = []

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
    """Install from uv.lock; a package that it lacks gets the version of constraints.txt.

    :raises StepError: something could not be fetched or installed
    """
    pins = [option for pin in new_pins() for option in ("--upgrade-package", pin)]
    # As locked; else with the pins, without asking the network if all is in uv's cache; else with
    # what fits, because the pins may contradict what the project has been upgraded to.
    for options in (["--locked"], [*pins, "--offline"], pins):
        with contextlib.suppress(StepError):
            call(uv, "sync", "--quiet", *options)
            return
    call(uv, "sync", "--quiet")


def new_pins() -> list[str]:
    """Return the lines of constraints.txt whose packages uv.lock lacks."""
    lock, pins = (read_text(name) for name in ("uv.lock", "constraints.txt"))
    locked = re.findall(r'^name = "(.+)"$', lock, re.MULTILINE)
    return [pin for pin in pins.splitlines() if pin.partition("==")[0] not in locked]


def read_text(name: str) -> str:
    """Return the text of a file, which is empty if the file is missing."""
    return Path(name).read_text(encoding="utf-8") if Path(name).exists() else ""


def install_with_pip() -> None:
    """Install with what Python brings along.

    :raises StepError: this Python is too old
    """
    try:
        project = read_pyproject()
    except ModuleNotFoundError:
        version = ".".join(map(str, sys.version_info[:2]))
        reason = f"Python 3.11 or newer is needed, and this is {version}"
        raise StepError(reason, "python3.11 bin/setup.py  # or newer") from None
    python = environment_python()
    quick = ["--quiet", "--disable-pip-version-check", "--retries=2"]
    pip = [str(python), "-m", "pip", "install", *quick]
    pins = ["--constraint", "constraints.txt"] if Path("constraints.txt").exists() else []
    if not any(python.parent.glob("pip*")):
        call(sys.executable, "-m", "venv", ".venv")
        call(*pip, *pins, "--upgrade", "pip")  # twice as fast as the one that Python brings
    if pins:
        pins += ["--build-constraint", "constraints.txt"]
    needed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    # Python compiles what gets imported, which is a third of what there is.
    call(*pip, *pins, "--no-compile", *needed)


def read_pyproject() -> dict[str, Any]:
    """Return what is in pyproject.toml."""
    import tomllib

    return tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))


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


def write_settings(notes: list[str]) -> list[str]:
    """Give .env the settings of its example, with new secrets; return the names of those.

    What is in it stays, byte for byte: a setting that it names nowhere is added at its end.
    """
    example = Path(".env.example").read_text(encoding="utf-8")
    settings = {found[1]: found[0] for found in SETTING.finditer(example)}
    if not Path(".env").exists():
        append_to_env(example)
        return [*settings]
    try:
        text = Path(".env").read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        raise StepError(".env can't be read. Save it as text in UTF-8", AGAIN) from None
    new = [name for name in settings if name not in NAMED.findall(text)]
    if new:
        end = "" if text.endswith("\n") or not text else "\n"
        append_to_env(end + "".join(settings[name] for name in new))
        notes.append(f"New in .env: {', '.join(new)}.")
    there = [found[1] for found in SETTING.finditer(text)]
    once = once_in_example()
    old = [name for name in there if name in once and name not in settings]
    if old:
        notes.append(
            f".env still has {', '.join(old)}, and .env.example no longer does.\n"
            "Delete what your own code doesn't read."
        )
    return new


def append_to_env(text: str) -> None:
    """Write at the end of .env, which only its owner may read."""
    file = os.open(".env", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    with os.fdopen(file, "a", encoding="utf-8", newline="\n") as env:
        env.writelines(with_secrets(line) for line in text.splitlines(keepends=True))


def once_in_example() -> set[str]:
    """Return the settings that .env.example has ever had, as far as Git knows."""
    command = ["git", "log", "--patch", "--format=", "--no-color", "--", ".env.example"]
    try:
        return set(re.findall(r"^\+(\w+)=", call(*command), re.MULTILINE))
    except (OSError, StepError):  # there is no Git, or no commit yet
        return set()


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
        with contextlib.suppress(DBAPIError):
            create_role(url)
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


def create_role(url: URL) -> None:
    """Create the role of ``url`` on a PostgreSQL that trusts this machine, as for development."""
    if url.get_backend_name() == "postgresql":
        superuser = url.set(username="postgres", password=None, database="postgres")
        password = (url.password or "").replace("'", "''")
        execute(superuser, f"CREATE ROLE \"{url.username}\" LOGIN CREATEDB PASSWORD '{password}'")


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


def add_tables(app: Flask, notes: list[str]) -> None:
    """Write and run the migration of what the features' models have and the database lacks.

    It drops nothing, and what other models lack waits for ``flask db migrate``.

    :raises StepError: the database refuses, and the migration is taken back
    """
    from alembic import command
    from alembic.script import Script

    tables = feature_tables(app) if MENDS else set()
    lacking: list[str] = []
    unused: list[str] = []

    def choose(_context: object, _revision: object, scripts: list[MigrationScript]) -> None:
        operations = cast("UpgradeOps", scripts[0].upgrade_ops)
        unused.extend(changes(operations, "remove"))
        operations.ops = additions(operations.ops, tables)
        lacking.extend(changes(operations, "add"))

    with app.app_context(), contextlib.redirect_stdout(io.StringIO()):
        config = app.extensions["migrate"].migrate.get_config(opts=["autogenerate"])
        script = command.revision(
            config, "Add what features need", autogenerate=True, process_revision_directives=choose
        )
    if isinstance(script, Script):
        file = Path(script.path)
        try:
            flask(app, "db", "upgrade")
        except StepError:
            file.unlink()
            raise
        what = ", ".join(lacking) or "indexes or constraints"
        notes.append(f"{os.path.relpath(file)} is new, and adds {what}.")
    if unused:
        notes.append(
            f"The database still has {', '.join(sorted(unused))}, and no model does. To drop that:\n\n"
            f'  {flask_command()} db migrate -m "Drop what no model has"\n'
            f"  {flask_command()} db upgrade"
        )


def additions(operations: list[MigrateOperation], tables: set[str]) -> list[MigrateOperation]:
    """Return those of the operations that add something to these tables."""
    from alembic.operations import ops

    kept: list[MigrateOperation] = []
    for op in operations:
        if isinstance(op, ops.ModifyTableOps) and op.table_name in tables:
            kinds = (ops.AddColumnOp, ops.AddConstraintOp, ops.CreateIndexOp)
            # A constraint that has changed would have to be dropped first.
            changed = {
                part.constraint_name for part in op.ops if isinstance(part, ops.DropConstraintOp)
            }
            op.ops = [
                part
                for part in op.ops
                if isinstance(part, kinds) and getattr(part, "constraint_name", "") not in changed
            ]
            kept += [op] if op.ops else []
        elif isinstance(op, ops.CreateTableOp) and op.table_name in tables:
            kept.append(op)
    return kept


def changes(operations: UpgradeOps, verb: str) -> list[str]:
    """Return the tables and the columns that operations add, or remove."""
    found = []
    for change in operations.as_diffs():
        if change[0] == f"{verb}_table":
            found.append(change[1].name)
        elif change[0] == f"{verb}_column":
            found.append(f"{change[2]}.{change[3].name}")
    return found


def feature_tables(app: Flask) -> set[str]:
    """Return the tables of the models that come from the template."""
    tool = read_pyproject()["tool"]
    features = tool.get("flask-foundry", {}).get("answers", {})
    packages = tuple(f"app.{name}." for name in features)
    every = app.extensions["sqlalchemy"].Model.registry.mappers
    mappers = [mapper for mapper in every if mapper.class_.__module__.startswith(packages)]
    related = [other.secondary for mapper in mappers for other in mapper.relationships]
    tables = [table for mapper in mappers for table in mapper.tables]
    return {table.name for table in tables + related if table is not None}


def make_translations(app: Flask, notes: list[str], first_time: bool) -> None:
    """Make the catalogues that are missing, bring the others up to date, and compile them.

    The first time, some have texts that this project never had. From then on, they are the
    work of people: the translation of a text that is gone is kept, as a comment.
    """
    flask(app, "translate", "init")
    catalogues = Path("app/translations").glob("*/LC_MESSAGES/*.po")
    if first_time:
        flask(app, "translate", "update", "--ignore-obsolete")
    elif MENDS and not is_up_to_date(app):
        flask(app, "translate", "update")
    elif all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues):
        return
    if untranslated := flask(app, "translate", "compile"):
        notes.append(untranslated.rstrip())


def is_up_to_date(app: Flask) -> bool:
    """Tell whether the catalogues have the text of the code."""
    try:
        flask(app, "translate", "check")
    except StepError:
        return False
    return True


# At the end.


def close(steps: Steps, new: list[str]) -> int:
    """Tell what was done, and what is left to do, or how to run the application.

    :param new: the settings that are new in .env
    """
    for note in steps.notes:
        print(f"\n{note}")
    if steps.left:
        print("\nStill to do:\n")
        print_commands(*where_to_go())
        for number, (name, error) in enumerate(steps.left.items(), 1):
            print(f"{number}. {name}: {error}\n")
            print_commands(*error.commands)
    else:
        print("\nReady. Start it with:\n")
        print_commands(*where_to_go(), f"{flask_command()} run")
    if LOGIN.intersection(new) and (login := credentials()):
        print(f"Log in as {' with the password '.join(login)} (from .env).\n")
    return 1 if steps.left else 0


def flask_command() -> str:
    """Return how ``flask`` is called in this project."""
    folder = Path(".venv", "Scripts" if WINDOWS else "bin")
    return "uv run flask" if shutil.which("uv") else str(folder / "flask")


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
    lines = Path(".env").read_text(encoding="utf-8", errors="replace").splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
    asked = NAMED.findall(Path(".env.example").read_text(encoding="utf-8"))
    user = values.get("ADMIN_EMAIL" if "ADMIN_EMAIL" in asked else "ADMIN_USERNAME")
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
