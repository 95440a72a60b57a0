"""Runs projects, each in processes that are forked from one that has imported what it needs.

An interpreter that has to start and to import Flask, SQLAlchemy and the extensions takes longer than most of what a
project is asked here. So one process imports what all projects have in common, forks another that imports what a
feature adds, and so on; the last ones run a project. None of them can import more than the layers that it stands on
(foundry.layers). Only libraries are shared: each step of a project imports the project's own code anew.

This file is run by the environment's interpreter, without its site-packages: python -I -S forks.py < jobs
"""

import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))

import steps

PATIENCE = 600  # seconds; then a step hangs
Job = dict[str, Any]


def fork(work: Callable[[], int]) -> int:
    """Run this in a process of its own, and return its exit status."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        status = 1
        try:
            status = work()
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else bool(stop.code)
        except BaseException:  # noqa: BLE001 a process must not go on as its parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Runner:
    """Runs jobs on the layers that they ask for."""

    def __init__(self, order: dict[str, Any]) -> None:
        """Take the layers, and the time after which no job is begun, in seconds since the epoch."""
        self.layers: dict[str, Any] = order["layers"]
        self.deadline: float = order["deadline"]

    def climb(self, jobs: list[Job], height: int = 0) -> int:
        """Run the jobs that stand on the layers laid so far, and lay the next ones for the others."""
        for job in jobs:
            if len(job["layers"]) == height and time.time() < self.deadline:
                self.run(job)
        higher = [job for job in jobs if len(job["layers"]) > height]
        for name, members in groupby(higher, key=lambda job: str(job["layers"][height])):
            above = list(members)
            if time.time() < self.deadline and fork(lambda: self.lay(name, above, height)):  # noqa: B023 it is called at once
                raise RuntimeError(f"{name} can't be imported")
        return 0

    def lay(self, name: str, jobs: list[Job], height: int) -> int:
        """Import one layer's modules, and go on from there."""
        sys.path.append(self.layers[name]["path"])
        for module in self.layers[name]["modules"]:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()  # what is there stays, and need not be looked at by each child
        return self.climb(jobs, height + 1)

    def run(self, job: Job) -> None:
        """Take one project through its steps, up to the first that fails, and tell how it went, in a line of JSON."""
        folder = Path(job["project"]).parent
        result = {"name": job["name"]}
        times = {}
        for name, step in steps.STEPS.items():
            log = folder / f"{name}.log"
            started = time.time()
            status = fork(lambda: enter(job, step, log))  # noqa: B023 it is called at once
            times[name] = round(time.time() - started, 3)
            if status:
                said = log.read_text("utf-8", errors="replace")
                result |= {"state": "failed", "step": name, "said": said[-6000:] or f"it ended with {status}"}
                break
        print(json.dumps(result | {"times": times}), flush=True)


def enter(job: Job, step: Callable[[Job], int], log: Path) -> int:
    """Run a step as the project's own command would: in its folder, with its variables."""
    signal.alarm(PATIENCE)
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(job["project"])
    os.environ.clear()
    os.environ.update(job["environ"])
    sys.executable = sys._base_executable = job["environ"]["PYTHON"]  # type: ignore[attr-defined]
    return step(job)


if __name__ == "__main__":
    order = json.load(sys.stdin)
    sys.exit(Runner(order).climb(order["jobs"]))
