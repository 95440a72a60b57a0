"""Break the template in known ways, one at a time, and see that the tests notice.

    python bin/mutate.py                 all of tests/mutations.toml
    python bin/mutate.py admin token     those whose names have one of these words

First the tests that they name have to pass. Then each is tried in a copy of the template, and its tests have to fail.
One that escapes asks for a better test.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

TEMPLATE = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*cache", "demo", "__pycache__")
WORKERS = 2


@dataclass(frozen=True)
class Mutation:
    """A change of one file, and the tests that fail because of it.

    :param caught_by: ``static`` and a part of the combinations, ``every`` and a combination, or ``pytest`` and what
        it is to run
    """

    name: str
    file: str
    old: str
    new: str
    caught_by: str

    @property
    def command(self) -> list[str]:
        """The command that has to fail."""
        kind, _, what = self.caught_by.partition(" ")
        pytest = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        if kind == "static":
            return [*pytest, "tests/test_static.py", "-k", f"[{what}]"]
        if kind == "every":
            return [sys.executable, "bin/every.py", "--force", what]
        return [*pytest, *what.split()]

    def apply(self, folder: Path) -> str:
        """Change the copy in this folder, and return what the file held.

        :raises ValueError: there is no such text in it any more
        """
        path = folder / self.file
        before = path.read_text("utf-8")
        if self.old not in before:
            raise ValueError(f"{self.file} has no {self.old!r} any more: bring tests/mutations.toml up to date.")
        path.write_text(before.replace(self.old, self.new), "utf-8")
        return before


def mutations() -> list[Mutation]:
    """All that are known."""
    known = tomllib.loads((TEMPLATE / "tests" / "mutations.toml").read_text("utf-8"))["mutations"]
    return [Mutation(**entry) for entry in known]


def main() -> int:
    """Try them; 0 when none escapes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only those with one of these words in their names")
    words = parser.parse_args().words
    chosen = [one for one in mutations() if not words or any(word in one.name for word in words)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        copies: Queue[Path] = Queue()
        for number in range(WORKERS):
            copies.put(copy_template(Path(folder, str(number))))
        commands = dict.fromkeys(tuple(mutation.command) for mutation in chosen)
        if not all(list(pool.map(lambda command: holds(command, copies), commands))):
            return 1
        caught = list(pool.map(lambda mutation: attempt(mutation, copies), chosen))
    print(f"\n{sum(caught)} of {len(caught)} were noticed")
    return 0 if all(caught) and caught else 1


def copy_template(folder: Path) -> Path:
    """Copy the template; its tests make their environments in the copy."""
    return Path(shutil.copytree(TEMPLATE, folder, ignore=LEFT_OUT))


def attempt(mutation: Mutation, copies: "Queue[Path]") -> bool:
    """Break a copy, run the tests, and mend it; tell whether they have noticed."""
    with taken(copies) as folder:
        before = mutation.apply(folder)
        done = run(mutation.command, folder)
        (folder / mutation.file).write_text(before, "utf-8")
    is_caught = done.returncode == 1 and "1 failed" in done.stdout
    tell("noticed" if is_caught else "ESCAPED", mutation.name, None if is_caught else done)
    return is_caught


def holds(command: Sequence[str], copies: "Queue[Path]") -> bool:
    """Tell whether these tests pass while nothing is broken: else they could fail for any reason."""
    with taken(copies) as folder:
        done = run(command, folder)
    if done.returncode:
        tell("NOT WHOLE", " ".join(command[1:]), done)
    return not done.returncode


@contextmanager
def taken(copies: "Queue[Path]") -> Iterator[Path]:
    """Take a copy, and give it back."""
    folder = copies.get()
    try:
        yield folder
    finally:
        copies.put(folder)


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy; what is proven of it is nobody else's business."""
    environ = os.environ | {"FLASK_FOUNDRY_STORE": str(folder / "proven")}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False)


def tell(what: str, name: str, done: subprocess.CompletedProcess[str] | None) -> None:
    """Print a line, and the end of what the tests have said, where that is of interest."""
    said = f"\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}" if done else ""
    print(f"{what}  {name}{said}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
