"""Rendering many projects: Cookiecutter's own code, with what is the same for every project done once.

Stock Cookiecutter compiles each file and each file name anew for every project, and starts two interpreters for
the hooks. Here one Jinja environment keeps what it has compiled, and the hooks, the very same files, run in this
process. tests/test_static.py compares the results of both, byte by byte.
"""

import contextlib
import io
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from binaryornot.check import is_binary
from cookiecutter.environment import StrictEnvironment
from cookiecutter.exceptions import FailedHookException, UndefinedVariableInTemplate
from cookiecutter.main import cookiecutter

from foundry.manifest import MANIFEST, TEMPLATE, Combination

if TYPE_CHECKING:
    from jinja2 import Template


def memory() -> Path | None:
    """A folder in memory with room for many projects: writing and removing small files takes half the time there."""
    folder = Path("/dev/shm")  # noqa: S108
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > 2e9 else None


class SharedEnvironment(StrictEnvironment):
    """Cookiecutter's environment, which compiles each text and each file of the template once."""

    def __init__(self) -> None:
        """Set up as Cookiecutter does for this template."""
        super().__init__(context={"cookiecutter": MANIFEST}, keep_trailing_newline=True, **MANIFEST["_jinja2_env_vars"])
        self.from_string = cache(super().from_string)
        self.get_template = cache(super().get_template)


def _run_hook(env: SharedEnvironment, script: str, cwd: str, context: dict[str, Any]) -> None:
    """Run a hook as Cookiecutter would, but in this process."""
    hook: Template = env.from_string(Path(script).read_text(encoding="utf-8"))
    code = compile(hook.render(**context), script, "exec")
    path, output = sys.path[:], io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        with contextlib.chdir(cwd), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            exec(code, {"__name__": "__main__", "__file__": script})  # noqa: S102
    except SystemExit as stop:
        if stop.code:
            raise FailedHookException(str(stop.code)) from stop
    finally:
        sys.path[:] = path


@contextlib.contextmanager
def shared_work() -> Iterator[None]:
    """Let Cookiecutter compile templates and look at files once for all projects rendered meanwhile."""
    env = SharedEnvironment()
    with (
        patch("cookiecutter.generate.create_env_with_context", lambda _context: env),
        patch("cookiecutter.prompt.create_env_with_context", lambda _context: env),
        patch("cookiecutter.generate.is_binary", cache(is_binary)),
        patch("cookiecutter.hooks.run_script_with_context", lambda *args: _run_hook(env, *args)),
        patch("cookiecutter.main.dump"),  # the answers, kept for --replay
    ):
        yield


def render(combination: Combination, folder: Path) -> Path:
    """Render one combination into a folder of its own name."""
    try:
        output = cookiecutter(
            str(TEMPLATE),
            no_input=True,
            default_config=True,
            extra_context=combination.answers,
            output_dir=str(folder / str(combination)),
        )
    except UndefinedVariableInTemplate as error:
        # Its own text holds the whole manifest.
        raise AssertionError(f"{combination}: {error.message}: {error.error.message}") from None
    return Path(output)
