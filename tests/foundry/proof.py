"""Projects that are run by the hundred: forked from a few interpreters, and not again what is proven."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import combinations, groupby, product
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile
from typing import Any, Literal

import pytest
import slipcover

from foundry.environment import Environment
from foundry.layers import Wardrobe, layers_of
from foundry.manifest import ALL, DATABASES, TEMPLATE, TOGGLES, Combination, combine, subsets
from foundry.project import clean_environ
from foundry.render import render, shared_work
from foundry.services import database, redis

INSIDE = TEMPLATE / "tests" / "inside"
CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
STORE = Path(os.environ.get("FLASK_FOUNDRY_STORE") or CACHES / "cookiecutter-flask-foundry")
TOGETHER = 5  # toggles that the projects of a group share: sixteen fork from one interpreter
DAY = 86_400  # seconds
EVER = 10**10  # seconds since the epoch


@dataclass(frozen=True)
class Result:
    """How one combination went, in which step it failed if it did, what was said, and the seconds of each step."""

    name: str
    state: Literal["passed", "failed", "proven before", "skipped"] = "passed"
    step: str = ""
    said: str = ""
    times: dict[str, float] = field(default_factory=dict)


def everything() -> list[Combination]:
    """Every combination of the application's features on SQLite, and on each server what covers every three of them."""
    on_servers = [combine(chosen, engine) for engine in DATABASES[1:] for chosen in triples(TOGGLES)]
    return [*map(combine, subsets(TOGGLES)), *on_servers]


def triples(names: list[str]) -> Iterator[list[str]]:
    """Yield few subsets in which any three names are met in each of their eight states, on or off."""
    rows = list(product((True, False), repeat=len(names)))
    wanted = set().union(*map(_met, rows))
    while wanted:
        best = max(rows, key=lambda row: len(_met(row) & wanted))
        wanted -= _met(best)
        yield [name for name, on in zip(names, best, strict=True) if on]


def _met(row: tuple[bool, ...]) -> set[tuple[tuple[int, bool], ...]]:
    """The states that any three names have in a row."""
    return set(combinations(enumerate(row), 3))


def _place(combination: Combination) -> tuple[tuple[bool, ...], tuple[bool, ...], str]:
    """Where a combination stands in the order of running, the largest first; the first part tells its group."""
    states = (combination.database == DATABASES[0], *(name not in combination.features for name in TOGGLES))
    return states[: TOGETHER + 1], states[TOGETHER + 1 :], combination.database


def _rotated(items: list[Any], places: int) -> list[Any]:
    """These, beginning so many places later."""
    return [*items[places % len(items) :], *items[: places % len(items)]]


def part_of(names: Iterable[Combination], part: int, parts: int) -> list[Combination]:
    """The combinations of one of several equal parts, counted from one; each has large ones and small ones."""
    return sorted(names, key=lambda name: hashlib.sha256(str(name).encode()).digest())[part - 1 :: parts]


class Proof:
    """Runs combinations and keeps which of them have passed, by what they are made of.

    A project that has passed is not run again while each of its files, the packages and the steps are the same.

    :param folder: where projects are rendered; each group is removed when it is done
    :param told: called with each result
    """

    def __init__(self, folder: Path, told: Callable[[Result], None]) -> None:
        """Make the environment, and lay it in layers."""
        environment = Environment.kept("every")
        environment.hold_everything()
        [library] = environment.path.glob("lib/*/site-packages")
        wardrobe = Wardrobe(library)
        with shared_work():
            sources = [path.read_text("utf-8") for path in render(ALL, folder / "sources").rglob("*.py")]
        self.folder = folder
        self.told = told
        self.python = str(environment.bin / "python")
        self.layers = {
            name: {"path": str(layer.path), "modules": layer.modules}
            for name, layer in wardrobe.lay(folder / "layers", sources).items()
        }
        self.foundation = [sys.version, slipcover.__version__, repr(wardrobe.versions())]
        self.foundation += [path.read_text("utf-8") for path in sorted(INSIDE.glob("*.py"))]
        self.tools = folder / "tools"
        self.tools.mkdir()
        measuring = Path(slipcover.__file__).parent
        (self.tools / measuring.name).symlink_to(measuring)
        self.lock = threading.Lock()

    def run(self, chosen: Iterable[Combination], workers: int, deadline: float = EVER, *, force: bool = False) -> None:
        """Run those that are not proven.

        :param workers: how many at a time
        :param deadline: after this time, in seconds since the epoch, none is begun
        :param force: run those that are proven too
        """
        groups = [list(members) for _, members in groupby(sorted(chosen, key=_place), key=lambda it: _place(it)[0])]
        if deadline < EVER:
            # Where time is short and nothing is remembered, each day begins elsewhere.
            day = int(time.time() // DAY)
            groups = [_rotated(members, day) for members in _rotated(groups, day)]
        with shared_work(), ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda group: self._prove(group, deadline, force=force), groups))

    def _prove(self, group: list[Combination], deadline: float, *, force: bool) -> None:
        """Run the projects of a group, all forked from one interpreter."""
        if time.time() > deadline:
            return
        pending: dict[str, tuple[Path, Path]] = {}
        shared: dict[str, str] = {}  # one database of Redis
        with ExitStack() as stack:
            jobs = []
            for combination in group:
                try:
                    if "tasks" in combination.features and not shared:
                        shared["REDIS_URL"] = stack.enter_context(redis())
                    project, key = self._render(combination)
                    if key.exists() and not force:
                        times = json.loads(key.read_text(encoding="utf-8"))
                        self.told(Result(str(combination), "proven before", times=times))
                        shutil.rmtree(project.parent)
                    else:
                        jobs.append(self.job(combination, project, stack, **shared))
                        pending[str(combination)] = project, key
                except pytest.skip.Exception as reason:
                    self.told(Result(str(combination), "skipped", said=str(reason)))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 the others are run all the same
                    self.told(Result(str(combination), "failed", "render", f"{type(error).__name__}: {error}"))
            try:
                for result in self.fork(jobs, deadline) if jobs else ():
                    project, key = pending.pop(result.name)
                    remember(result, key)
                    shutil.rmtree(project.parent)
                    self.told(result)
            except RuntimeError as error:
                for name in pending:
                    self.told(Result(name, "failed", "import", str(error)))

    def _render(self, combination: Combination) -> tuple[Path, Path]:
        """Render a project; return where it is, and the file that is there when it has passed."""
        with self.lock:  # rendering changes the working directory
            project = render(combination, self.folder)
        digest = hashlib.sha256("\0".join(self.foundation).encode())
        for path in sorted(path for path in project.rglob("*") if path.is_file()):
            digest.update(f"\0{path.relative_to(project)}\0".encode() + path.read_bytes())
        return project, STORE / "proven" / digest.hexdigest()

    def job(self, combination: Combination, project: Path, stack: ExitStack, **environ: str) -> dict[str, Any]:
        """What the interpreter has to know of a project."""
        environ = clean_environ(PYTHON=self.python, **environ)
        if combination.database != DATABASES[0]:
            for name in ("DATABASE_URL", "TEST_DATABASE_URL"):
                environ[name] = stack.enter_context(database(combination.database))
        own = {"name": str(combination), "project": str(project), "layers": layers_of(combination)}
        return own | {"environ": environ, "tools": str(self.tools)}

    def fork(self, jobs: list[dict[str, Any]], deadline: float = EVER) -> Iterator[Result]:
        """Start an interpreter that sees nothing but the layers, and yield the results as they come.

        :raises RuntimeError: it could not import what the projects import
        """
        order = {"layers": self.layers, "deadline": deadline, "jobs": jobs}
        command = [self.python, "-I", "-S", "-W", "error", str(INSIDE / "forks.py")]
        with (
            TemporaryFile("w+") as errors,
            subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=errors, text=True) as process,
        ):
            assert process.stdin
            assert process.stdout
            json.dump(order, process.stdin)
            process.stdin.close()
            for line in process.stdout:
                yield Result(**json.loads(line))
            if process.wait():
                errors.seek(0)
                raise RuntimeError(errors.read())


def remember(result: Result, key: Path) -> None:
    """Note that a combination has passed, and how long its steps took."""
    key.parent.mkdir(parents=True, exist_ok=True)
    if result.state == "passed":
        key.write_text(json.dumps(result.times), encoding="utf-8")
