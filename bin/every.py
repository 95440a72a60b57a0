"""Prove every combination: each project is set up, visited and tested, and what is proven is remembered.

    python bin/every.py                     all that has changed since it was last proven
    python bin/every.py --shard 3/8         the third of eight parts
    python bin/every.py --minutes 8         as many as can be begun in this time
    python bin/every.py --force admin+mail  this one, proven or not

All combinations of the application's features are run on SQLite; on each database server, so many that every
three features are met in each of their eight states. Stopped with Ctrl-C, it goes on where it was.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from foundry.proof import EVER, Proof, Result, everything, part_of


def main() -> int:
    """Run what is asked for and not proven yet; 0 when none of it has failed."""
    options = parse(sys.argv[1:])
    known = {str(combination): combination for combination in everything()}
    if unknown := set(options.names) - known.keys():
        some = ", ".join([*known][:5])
        print(f"There is no combination {', '.join(sorted(unknown))}. Some are: {some}", file=sys.stderr)
        return 2
    chosen = part_of([known[name] for name in options.names or known], *options.shard)
    report = Report(len(chosen))
    deadline = time.time() + options.minutes * 60 if options.minutes else EVER
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        Proof(Path(folder), report.add).run(chosen, options.workers, deadline, force=options.force)
    print(report.text())
    return 1 if report.failed else 0


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="COMBINATION", help="only these, such as bare, mail+admin, mysql-all"
    )
    parser.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help="the I-th of N equal parts")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="how many side by side (2)")
    parser.add_argument("--minutes", type=float, metavar="M", help="begin none after M minutes")
    parser.add_argument("--force", action="store_true", help="run also what is proven")
    return parser.parse_args(arguments)


def shard(text: str) -> tuple[int, int]:
    """Read a part, such as 3/8.

    :raises ArgumentTypeError: it is no part
    """
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text} is no part; write it as 3/8, for the third of eight")
    return int(part), int(parts)


def memory() -> str | None:
    """A folder in memory, if there is one: writing and removing many small files takes half the time there."""
    folder = Path("/dev/shm")  # noqa: S108
    return str(folder) if folder.is_dir() else None


@dataclass
class Report:
    """What is known by now."""

    total: int
    results: list[Result] = field(default_factory=list)
    begin: float = field(default_factory=time.time)

    def add(self, result: Result) -> None:
        """Take a result, and show how far it has got: in a bar, or where that can't be in a line now and then."""
        self.results.append(result)
        done, failed = len(self.results), len(self.failed)
        bar = "█" * (30 * done // self.total)
        line = f"{bar:░<30} {done}/{self.total}, {failed} failed  {result.name:<50.50}"
        if sys.stderr.isatty():
            print(line, end="\r", file=sys.stderr, flush=True)
        elif result.state == "failed" or done % 20 == 0:
            print(line.rstrip(), file=sys.stderr, flush=True)

    @property
    def failed(self) -> list[Result]:
        """Those that did not pass."""
        return [result for result in self.results if result.state == "failed"]

    def text(self) -> str:
        """What failed, each with its step and what was said; where the time went; and a line that sums it up."""
        lines = [f"\n{result.name}: {result.step}\n{result.said.rstrip()}" for result in self.failed]
        spent = Counter[str]()
        for result in self.results:
            spent.update(result.times)
        lines += ["", *(f"{seconds:8.0f} s  {step}" for step, seconds in spent.items())]
        states = Counter(result.state for result in self.results) | {"left": self.total - len(self.results)}
        summary = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        return "\n".join([*lines, f"{summary} of {self.total} in {(time.time() - self.begin) / 60:.1f} minutes"])


if __name__ == "__main__":
    sys.exit(main())
