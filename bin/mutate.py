"""Break the template in known ways, one at a time, and see that the tests notice.

    python bin/mutate.py                 all of tests/mutations.toml
    python bin/mutate.py admin token     those whose names have one of these words

Each is tried in a copy of the template, by the tests that it names, which have to fail. One that escapes asks for
a better test.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
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
        caught = list(pool.map(lambda mutation: attempt(mutation, copies), chosen))
    print(f"\n{sum(caught)} of {len(caught)} were noticed")
    return 0 if all(caught) and caught else 1


def copy_template(folder: Path) -> Path:
    """Copy the template; the environments of the tests are shared, for nothing is changed in them."""
    shutil.copytree(TEMPLATE, folder, ignore=LEFT_OUT)
    (folder / ".cache").symlink_to(TEMPLATE / ".cache")
    return folder


def attempt(mutation: Mutation, copies: "Queue[Path]") -> bool:
    """Break a copy, run the tests, and mend it; tell whether they have noticed."""
    folder = copies.get()
    before = mutation.apply(folder)
    # What is proven of a copy is nobody else's business; and each has environments of its own.
    environ = os.environ | {"XDG_CACHE_HOME": str(folder / "proven"), "PYTEST_XDIST_WORKER": f"mutated-{folder.name}"}
    try:
        done = subprocess.run(
            mutation.command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False
        )
    finally:
        (folder / mutation.file).write_text(before, "utf-8")
        copies.put(folder)
    is_caught = done.returncode == 1 and "1 failed" in done.stdout
    print(f"{'noticed' if is_caught else 'ESCAPED'}  {mutation.name}", flush=True)
    if not is_caught:
        print(f"{done.stdout[-1500:]}\n{done.stderr[-1500:]}", flush=True)
    return is_caught


if __name__ == "__main__":
    sys.exit(main())
