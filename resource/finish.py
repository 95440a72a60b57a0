"""Brings a project in step with its new models and texts; run by the Python of the project, in its root.

    python finish.py FOLDER COMMAND ...

FOLDER holds the catalogues of the template, and each COMMAND is one of ``flask``, such as ``"db upgrade"``. They share
one process, as an application takes longer to start than any of them takes. Ends with 0, or with the number of the
first command that is left, counted from one: it failed, or it would run a migration that somebody should read before.
"""

import ast
import logging
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from app import create_app

MIGRATIONS = Path("migrations", "versions")
TABLE = r"(?:'(?P<table>\w+)', )?"
# What a migration calls that should be read before it runs, and why.
RISKS = {
    r"drop_table\((?P<table>)'(?P<name>\w+)'": "it deletes {}",
    rf"drop_column\({TABLE}'(?P<name>\w+)'": "it deletes {}",
    rf"add_column\({TABLE}[\w.]*Column\('(?P<name>\w+)'(?!.*server_default).*\bnullable=False": (
        "it adds {}, which rows that are there have no value for"
    ),
    rf"alter_column\({TABLE}'(?P<name>\w+)'.*\btype_=": "it changes the type of {}",
    rf"alter_column\({TABLE}'(?P<name>\w+)'.*\bnullable=False": "it requires {}, which rows that are there may lack",
}


class LastMessage(logging.Handler):
    """Keeps the last message that was logged, and no line of it is written."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.text = record.getMessage()


def main() -> int:
    """Run the commands, and tell what somebody has to know of them."""
    template, *commands = sys.argv[1:]
    before = set(MIGRATIONS.glob("*.py"))
    left = run(commands, Path(template), before)
    if risks := list(losses(before)):
        print("Read the migration before you run it:", *risks, sep="\n  ")
    return left


def run(commands: list[str], template: Path, before: set[Path]) -> int:
    """Run commands, and return the number of the first that can't be run; 0 if there is none."""
    logged = LastMessage()
    logging.basicConfig(handlers=[logged])
    app = create_app()
    runner = app.test_cli_runner()
    for number, command in enumerate(commands, start=1):
        if command == "db upgrade" and any(losses(before)):
            return number
        done = runner.invoke(args=shlex.split(command))
        if done.exit_code:
            error = done.exception
            said = logged.text or done.output.strip().rpartition("\n")[2]
            # The database's own words come first, those of SQLAlchemy after them.
            reason = said if isinstance(error, SystemExit) else f"{type(error).__name__}: {error}".partition("\n")[0]
            print(f"flask {command} failed", reason, sep=": ")
            return number
        if command == "translate update":
            with app.app_context():
                fill(template)
    return 0


def losses(before: set[Path]) -> Iterator[str]:
    """Yield what the migrations that are new would do to rows that are there."""
    for migration in sorted(set(MIGRATIONS.glob("*.py")) - before):
        for table, call in calls(migration):
            for pattern, told in RISKS.items():
                if found := re.match(rf"\w+\.{pattern}", call):
                    yield told.format(".".join(filter(None, [found["table"] or table, found["name"]])))


def calls(migration: Path) -> Iterator[tuple[str, str]]:
    """Yield what is called to upgrade, each with the table that it is about if the call does not name it."""
    for function in ast.parse(migration.read_bytes()).body:
        if isinstance(function, ast.FunctionDef) and function.name == "upgrade":
            for statement in function.body:
                batch = re.match(r"with op\.batch_alter_table\('(\w+)'", ast.unparse(statement))
                for node in ast.walk(statement):
                    if isinstance(node, ast.Call):
                        yield batch[1] if batch else "", ast.unparse(node)


def fill(template: Path) -> None:
    """Translate what the template has translated already.

    A project has the texts of its own features only, so that it may lack even “Search”, which a resource brings.
    """
    from app.i18n.files import catalogue_files, read, written  # noqa: PLC0415 not every project has it

    for file in catalogue_files():
        known = template / file.relative_to(Path("app", "translations").resolve())
        if known.exists():
            catalogue, translations = read(file), read(known)
            for message in catalogue:
                same = translations.get(message.id, message.context)
                if message.id and same and not any(message.string):
                    message.string = same.string
            file.write_bytes(written(catalogue))  # in the order that it has


if __name__ == "__main__":
    sys.exit(main())
