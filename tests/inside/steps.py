"""What is asked of a project, step by step; it is the project's environment that runs this."""

import gc
import os
import runpy
import sys
import tomllib
import warnings
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
    """Run the project's own tests; they have to cover what pyproject.toml says."""
    import pytest

    sys.path.insert(0, job["tools"])
    import slipcover

    sys.path.remove(job["tools"])
    _share_templates()
    _share_addresses()
    gc.set_threshold(50_000, 20, 100)
    settings = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["coverage"]
    run, report = settings["run"], settings["report"]
    meter = slipcover.Slipcover(
        branch=run["branch"], source=run["source"], omit=run["omit"], exclude_also=report["exclude_also"]
    )
    with slipcover.ImportManager(meter, slipcover.FileMatcher(sources=run["source"], omit=run["omit"])):
        options = ["-q", "--tb=short", "--no-cov", "--assert=plain", "-p", "no:cacheprovider"]
        status = pytest.main(options)
    return int(status) or _missed(meter.get_coverage(), report["fail_under"])


def _missed(coverage: Any, least: float) -> int:
    """Return 1 and name what is not covered, unless as much is as the project asks for, in percent."""
    if coverage["summary"]["percent_covered"] >= least:
        return 0
    for path, found in coverage["files"].items():
        if found["missing_lines"] or found["missing_branches"]:
            print(f"{path}: lines {found['missing_lines']}, branches {found['missing_branches']} are not covered")
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
