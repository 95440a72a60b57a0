"""What is asked of a project, step by step; it is the project's environment that runs this."""

import gc
import io
import json
import os
import runpy
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

Job = dict[str, Any]


def set_up(_job: Job) -> int:
    """Do what bin/setup.py does once the environment is there."""
    sys.argv = ["bin/setup.py", "--inside"]
    sys.path.insert(0, "bin")
    runpy.run_path("bin/setup.py", run_name="__main__")
    return 1  # it ends by itself


def open_pages(_job: Job) -> int:
    """Open every page, as each kind of visitor."""
    import crawl

    # The same visitors log in to hundreds of projects, whose counters would be one in a Redis that they share.
    os.environ["RATELIMIT_STORAGE_URI"] = "memory://"
    problems = crawl.problems(_application())
    print("\n".join(problems))
    return bool(problems)


def move(_job: Job) -> int:
    """Take the migrations down and up, and see that they make what the models say."""
    from flask.cli import FlaskGroup

    app = _application()
    for arguments in (["downgrade", "base"], ["upgrade"], ["check"]):
        done = app.test_cli_runner().invoke(FlaskGroup(), ["db", *arguments], catch_exceptions=False)
        if done.exit_code:
            print(done.output)
            return int(done.exit_code)
    return 0


def _application() -> Any:
    """The application as `flask run` has it, with its .env."""
    sys.path.insert(0, "")
    from app import create_app

    return create_app()


def run_tests(job: Job) -> int:
    """Run the project's own tests; its coverage has to reach what pyproject.toml says."""
    import pytest

    _share_templates()
    _share_addresses()
    gc.set_threshold(50_000, 20, 100)
    gate = Gate(job["contributors"])
    options = ["-q", "--tb=short", "--no-cov", "--assert=plain", "-p", "no:cacheprovider"]
    status = pytest.main(options, plugins=[gate])
    Path(job["project"]).with_name("traced.json").write_text(json.dumps(gate.traced), "utf-8")
    return int(status) or gate.missed()


class Gate:
    """Measures the coverage until nothing is left to be covered.

    Tracing takes as long as the tests themselves, and a few of them cover everything. Those that are known to cover
    something that others don't are run first, the quickest before the others; if they leave nothing, the rest need
    not be traced.

    :param known: the tests that have covered something in other projects, the quickest first
    """

    def __init__(self, known: list[str]) -> None:
        """Begin to trace, before anything of the project is imported."""
        import coverage

        self.place = {nodeid: place for place, nodeid in enumerate(known)}
        self.seconds: Counter[str] = Counter()
        # The seconds of each test that was traced, or none if it has covered nothing that others had not.
        self.traced: dict[str, float | None] = {}
        self.coverage = coverage.Coverage(data_file=None)
        self.is_tracing = True
        self.last = ""
        self.seen: dict[str, set[Any]] = {}
        self.coverage.start()

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Bring the tests that cover something to the front."""
        items.sort(key=lambda item: self.place.get(item.nodeid, len(self.place)))
        first = [item.nodeid for item in items if item.nodeid in self.place]
        self.last = first[-1] if first else ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note how long a test takes."""
        self.seconds[report.nodeid] += report.duration

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """See what a test has added, and after the last of the first ones whether it is enough."""
        if not self.is_tracing:
            return
        self.traced[nodeid] = self.seconds[nodeid] if self._has_grown() else None
        if nodeid == self.last:
            self.is_tracing = bool(self.missed())
            if self.is_tracing:
                self.coverage.start()

    def _has_grown(self) -> bool:
        """Whether lines or branches have been run that had not been; no public way tells it after each test."""
        collector = self.coverage._collector
        has_grown = False
        for path, ran in (collector.data if collector else {}).items():
            seen = self.seen.setdefault(path, set())
            if not seen.issuperset(ran):
                seen.update(ran)
                has_grown = True
        return has_grown

    def missed(self) -> int:
        """Stop tracing; return 1 and print the report, unless as much is covered as the project asks for."""
        if not self.is_tracing:
            return 0
        self.coverage.stop()
        report = io.StringIO()
        covered = self.coverage.report(file=report)
        if covered >= float(self.coverage.get_option("report:fail_under")):
            return 0
        print(report.getvalue())
        return 1


def _share_templates() -> None:
    """Let all applications of the tests share what Jinja has compiled."""
    from flask.templating import Environment
    from jinja2 import BytecodeCache

    class Shared(BytecodeCache):
        """Keeps the compiled templates of this process."""

        codes: dict[str, bytes] = {}  # noqa: RUF012

        def load_bytecode(self, bucket: Any) -> None:
            if bucket.key in self.codes:
                bucket.bytecode_from_string(self.codes[bucket.key])

        def dump_bytecode(self, bucket: Any) -> None:
            self.codes[bucket.key] = bucket.bytecode_to_string()

    plain = Environment.__init__

    def init(self: Any, *args: Any, **options: Any) -> None:
        plain(self, *args, **({"bytecode_cache": Shared()} | options))

    Environment.__init__ = init  # type: ignore[method-assign]


def _share_addresses() -> None:
    """Let all applications of the tests share what Werkzeug has compiled for the addresses of their pages."""
    from werkzeug.routing import Rule

    plain = Rule._compile_builder
    known: dict[Any, Any] = {}

    def compile_builder(rule: Any, *options: bool) -> Any:
        key = (options, rule.rule, *rule._trace)
        if rule.defaults or key not in known:
            known[key] = plain(rule, *options)
        return known[key]

    Rule._compile_builder = compile_builder  # type: ignore[assignment, method-assign]


STEPS: dict[str, Callable[[Job], int]] = {
    "set-up": set_up,
    "pages": open_pages,
    "migrations": move,
    "tests": run_tests,
}
warnings.simplefilter("error")
