"""Brings a project in step with its new models and texts; run by the Python of the project, in its root.

    python finish.py FOLDER COMMAND ...

FOLDER holds the catalogues of the template, and each COMMAND is one of ``flask``, such as ``"db upgrade"``. They share
one process, as an application takes longer to start than any of them takes. Ends with 0, or with the number of the
command that failed, counted from one.
"""

import logging
import shlex
import sys
from pathlib import Path

from app import create_app


class LastMessage(logging.Handler):
    """Keeps the last message that was logged, and no line of it is written."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.text = record.getMessage()


def main() -> int:
    """Run the commands until one fails, and tell why it did."""
    template, *commands = sys.argv[1:]
    logged = LastMessage()
    logging.basicConfig(handlers=[logged])
    app = create_app()
    runner = app.test_cli_runner()
    for number, command in enumerate(commands, start=1):
        done = runner.invoke(args=shlex.split(command))
        if done.exit_code:
            error = done.exception
            if isinstance(error, SystemExit):
                reason = logged.text or done.output.strip().rpartition("\n")[2]
            else:
                # The database's own words come first, those of SQLAlchemy after them.
                reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            print(f"flask {command} failed", reason, sep=": ", flush=True)
            return number
        if command == "translate update":
            with app.app_context():
                fill(Path(template))
    return 0


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
