"""Prove every combination: all are rendered and read, and those of the application are set up, visited and tested.

    python bin/every.py                     all that has changed since it was last proven
    python bin/every.py --shard 3/8         the third of eight parts
    python bin/every.py --minutes 8         those that `make test` doesn't render, and as many of those that are run
                                            as can be begun in this time
    python bin/every.py --force mail+admin  this one, proven or not
    python bin/every.py --record            all, and what came of it is written into README.md

Every answer to the prompts that turn something on or off is rendered. Of these, all combinations of the
application's features are run on SQLite; on each database server, so many that every three features are met in
each of their eight states; what has passed is remembered, so that it goes on where it was when it is stopped. Then
projects change their mind about each feature (tests/test_updates.py), and some are set up in environments of their
own (tests/test_executed.py): these are not remembered. `make test-every` runs this in the right environment.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
sys.path.append(str(TEMPLATE / "tests"))

from foundry.manifest import DATABASES, EXTRAS, TOGGLES  # noqa: E402
from foundry.proof import EVER, Proof, Result, everything, part_of  # noqa: E402
from foundry.render import memory  # noqa: E402
from foundry.tree import some  # noqa: E402

STATIC = "tests/test_static.py"


def main() -> int:
    """Run what is asked for and not proven yet; 0 when none of it has failed."""
    options = parse(sys.argv[1:])
    known = {parts(str(combination)): combination for combination in everything()}
    if unknown := {name for name in options.names if parts(name) not in known}:
        examples = ", ".join(map(str, [*known.values()][:5]))
        print(f"There is no combination {', '.join(sorted(unknown))}. Some are: {examples}", file=sys.stderr)
        return 2
    # Where time is short, those that `make test` renders are left to it.
    rest = ["-m", "every"] if options.minutes else []
    rendered = Part() if options.names else run_tests(options, STATIC, *rest)
    chosen = part_of([known[parts(name)] for name in options.names] or known.values(), *options.shard)
    report = Report(len(chosen))
    deadline = time.time() + options.minutes * 60 if options.minutes else EVER
    try:
        with tempfile.TemporaryDirectory(dir=memory()) as folder:
            Proof(Path(folder), report.add).run(chosen, options.workers, deadline, force=options.force)
    finally:
        print(report.text(), flush=True)
    if options.record and rendered.passed and report.is_complete:
        record(rendered, report, options.workers)
    others = Part()
    if not (options.names or options.minutes):
        others = run_tests(options, "tests", f"--ignore={STATIC}", "-m", "every")
        print(f"\nrendered: {rendered}; run: {report.summary}; the other tests: {others}")
    return 0 if rendered.passed and others.passed and not report.failed else 1


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="COMBINATION", help="run only these, such as bare, mail+admin, mysql-all"
    )
    parser.add_argument("--shard", type=shard, default=(1, 1), metavar="I/N", help="the I-th of N equal parts")
    parser.add_argument("--workers", type=workers, default=2, metavar="N", help="how many side by side: 2, or auto")
    parser.add_argument("--minutes", type=float, metavar="M", help="begin none after M minutes")
    parser.add_argument("--force", action="store_true", help="run also what is proven")
    parser.add_argument("--record", action="store_true", help="write into README.md what came of all")
    options = parser.parse_args(arguments)
    if options.record and (options.names or options.minutes or options.shard != (1, 1)):
        parser.error("only a run of all is recorded: --record without names, --minutes and --shard")
    return options


def parts(name: str) -> tuple[str, ...]:
    """What a combination's name is made of, in whatever order."""
    return tuple(sorted(name.replace("-", "+").split("+")))


def shard(text: str) -> tuple[int, int]:
    """Read a part, such as 3/8.

    :raises ArgumentTypeError: it is no part
    """
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text} is no part; write it as 3/8, for the third of eight")
    return int(part), int(parts)


def workers(text: str) -> int:
    """Read a number of processes; auto is one for each core.

    :raises ArgumentTypeError: it is no number
    """
    if text == "auto":
        return os.cpu_count() or 1
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is no number of processes; write it as 2, or auto")
    return int(text)


@dataclass
class Part:
    """Some of the tests: whether they passed, and how long they took, in minutes."""

    passed: bool = True
    minutes: float = 0.0

    def __str__(self) -> str:
        """Sum it up."""
        return f"{'passed' if self.passed else 'FAILED'} in {self.minutes:.1f} minutes"


def run_tests(options: argparse.Namespace, *arguments: str) -> Part:
    """Run tests of pytest, also those that are too many for every day."""
    begin = time.time()
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "--every", *arguments]
    command += ["--numprocesses", str(options.workers), "--shard", "/".join(map(str, options.shard))]
    status = subprocess.run(command, cwd=TEMPLATE, check=False).returncode
    nothing_to_run = status == 5  # noqa: PLR2004 pytest's: this part has no such test
    return Part(status == 0 or nothing_to_run, (time.time() - begin) / 60)


@dataclass
class Report:
    """What is known by now of the projects that are run."""

    total: int
    results: list[Result] = field(default_factory=list)
    begin: float = field(default_factory=time.time)

    def add(self, result: Result) -> None:
        """Take a result, and show how far it has got: in a bar, or where that can't be in a line now and then."""
        self.results.append(result)
        if result.state == "failed":
            print(f"\n{result.name}: {result.step}", file=sys.stderr, flush=True)
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

    @property
    def minutes(self) -> float:
        """How long it has taken."""
        return (time.time() - self.begin) / 60

    @property
    def is_complete(self) -> bool:
        """Whether each of them has passed, now or before."""
        passed = [result for result in self.results if result.state in {"passed", "proven before"}]
        return len(passed) == self.total

    @property
    def seconds(self) -> float:
        """How long all of them have taken, one after the other, also those that have passed before."""
        return sum(sum(result.times.values()) for result in self.results)

    @property
    def summary(self) -> str:
        """How many came to what."""
        states = Counter(result.state for result in self.results) | {"left": self.total - len(self.results)}
        counts = ", ".join(f"{count} {state}" for state, count in states.items() if count)
        return f"{counts} of {self.total} in {self.minutes:.1f} minutes"

    def text(self) -> str:
        """What failed, each fault once, with the combinations and the step; where the time went; and the summary."""
        faults: dict[tuple[str, str], list[str]] = {}
        for result in self.failed:
            faults.setdefault((result.step, result.said.rstrip()), []).append(result.name)
        lines = [f"\n{some(names)}: {step}\n{said}" for (step, said), names in faults.items()]
        spent = Counter[str]()
        for result in self.results:
            spent.update(result.times)
        lines += ["", *(f"{seconds:8.0f} s  {step}" for step, seconds in spent.items())]
        return "\n".join([*lines, self.summary])


def record(rendered: Part, report: Report, side_by_side: int) -> None:
    """Write what was proven into README.md, in place of what stands there."""
    readme = TEMPLATE / "README.md"
    answers = 2 ** len(TOGGLES + EXTRAS) * len(DATABASES)
    on_sqlite = 2 ** len(TOGGLES)
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    servers = f"{report.total - on_sqlite} on PostgreSQL and MariaDB"
    rows = [
        f"| {datetime.now(UTC):%Y-%m-%d}, {side_by_side} processes, {python} | combinations | minutes |",
        "| --- | ---: | ---: |",
        f"| rendered and read | {answers:,} | {rendered.minutes:.0f} |",
        f"| set up, visited and tested | {on_sqlite} on SQLite, {servers} | {report.seconds / 60 / side_by_side:.0f} |",
    ]
    table = "\n".join(["<!-- proven -->", *rows, "<!-- /proven -->"])
    text = re.sub("<!-- proven -->.*<!-- /proven -->", table, readme.read_text("utf-8"), flags=re.DOTALL)
    readme.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
