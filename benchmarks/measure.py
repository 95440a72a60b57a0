"""What the benchmarks share: a scratch folder, the CPU time of a command, and the median of a few runs."""

import os
import resource
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
EVERYTHING = ["tasks=true"]  # the one feature that is off by default
RUNS = 5


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="foundry-") as folder:
        yield Path(folder)


def environ(**extra: str) -> dict[str, str]:
    """This shell's variables, without the environment that it may have activated."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}} | extra


def cpu_of(command: list[str], cwd: Path | None = None) -> float:
    """Run a command and return the CPU seconds that it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, env=environ(), check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def medians(what: str, run: Callable[[], float], runs: int = RUNS) -> None:
    """Run once to warm the caches, then print the median of some more runs."""
    run()
    seconds = [run() for _ in range(runs)]
    print(f"{what:<40}{statistics.median(seconds):6.2f} s  ({min(seconds):.2f} to {max(seconds):.2f}, {runs} runs)")
