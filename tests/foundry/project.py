"""A rendered project, with the few things that tests do with one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from foundry.manifest import FEATURES

# What would lead a command of the project to another environment than its own, or to somebody's database.
STRANGERS = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT", "COV_CORE_SOURCE"}
STRANGERS |= {"DATABASE_URL", "TEST_DATABASE_URL", "APP_ENV", "FLASK_APP", "FLASK_DEBUG", "SECRET_KEY"}
STRANGERS |= {setting["name"] for feature in FEATURES.values() for setting in feature["settings"]}


def clean_environ(**extra: str) -> dict[str, str]:
    """This process's variables as a new shell would have them, and some more."""
    kept = {
        k: v for k, v in os.environ.items() if k not in STRANGERS and not k.startswith(("PYTEST_", "FLASK_FOUNDRY"))
    }
    return kept | extra


@dataclass(frozen=True)
class Project:
    """A project on disk."""

    path: Path

    def files(self) -> list[str]:
        """All of its files, with slashes, sorted."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())

    def read(self, name: str) -> str:
        """The text of one of its files."""
        return (self.path / name).read_text(encoding="utf-8")

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it; the caller looks at the exit code."""
        return subprocess.run(
            command,
            cwd=self.path,
            env=clean_environ(**environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=600,
            check=False,
        )

    def failure(self, *command: str, **environ: str) -> str:
        """Run a command that should succeed; what it says if it does not."""
        result = self.run(*command, **environ)
        said = f"{result.stdout[-6000:]}\n{result.stderr[-3000:]}"
        return f"{' '.join(command)} ended with {result.returncode}\n{said}" if result.returncode else ""


def checks(project: Project) -> list[str]:
    """The commands by which the project's README says it is checked."""
    _, _, told = project.read("README.md").partition("Check it before you share it")
    block = told.split("```")[1].removeprefix("sh\n")
    return [command for line in block.splitlines() for command in line.split(" && ")]


def run_tool(*command: str, cwd: Path, accepted: tuple[int, ...] = (0,), **environ: str) -> str:
    """Run one of the template's own tools and return what it says, or fail with it."""
    tool = Path(sys.executable).with_name(command[0])
    result = subprocess.run(
        [tool, *command[1:]], cwd=cwd, env=clean_environ(**environ), capture_output=True, encoding="utf-8", check=False
    )
    said = f"{' '.join(command)}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    assert result.returncode in accepted, said
    return result.stdout
