"""Real runs of Cookiecutter and of a project's bin/setup.py, for the tests of hooks and set-up."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundry.manifest import FEATURES, STRAY, TEMPLATE
from foundry.project import clean_environ

BARE = dict.fromkeys(FEATURES, False)
ALL = dict.fromkeys(FEATURES, True)


@dataclass(frozen=True)
class Run:
    """What a command left: its exit status, all that it wrote, and the project."""

    status: int
    output: str
    project: Path

    def read(self, name: str) -> str:
        """Return the text of one of the project's files."""
        return (self.project / name).read_text(encoding="utf-8")

    def step(self, name: str) -> str:
        """Return what is told of a step: its time, or that it is not done."""
        told = re.findall(rf"^  {name} +(\d+\.\d s|not done)$", self.output, re.MULTILINE)
        assert len(told) == 1, self.output
        return str(told[0])


def environ(programs: Path, **extra: str) -> dict[str, str]:
    """Return the variables of a new shell that finds the programs of one folder only."""
    kept = clean_environ(PATH=str(programs), GIT_CONFIG_GLOBAL=os.devnull, PYTHONUTF8="0")
    return {name: text for name, text in kept.items() if name not in {"CI", "PYTHONDONTWRITEBYTECODE"}} | extra


def cookiecutter(
    folder: Path, env: dict[str, str], answers: dict[str, Any], template: Path = TEMPLATE, prefix: Sequence[str] = ()
) -> Run:
    """Run Cookiecutter in ``folder``, as a user would who gives the answers on the command line."""
    given = [f"{name}={answer}" for name, answer in answers.items()]
    before = set(folder.iterdir())
    command = [sys.executable, *cookiecutter_command(folder), str(template), "--no-input", *given]
    done = execute([*prefix, *command], folder, env)
    made = set(folder.iterdir()) - before
    return Run(done.returncode, done.stdout, made.pop() if made else folder / "nothing")


def cookiecutter_command(folder: Path) -> list[str]:
    """Return the arguments that run Cookiecutter and keep its notes out of the home folder."""
    notes = folder.parent / f"{folder.name}-notes"
    notes.mkdir(exist_ok=True)
    config = notes / "config.yaml"
    config.write_text(json.dumps({"replay_dir": str(notes), "cookiecutters_dir": str(notes)}), encoding="utf-8")
    return ["-m", "cookiecutter", "--config-file", str(config)]


def set_up(project: Path, env: dict[str, str], *options: str) -> Run:
    """Run bin/setup.py as a colleague would who has cloned the project."""
    done = execute([sys.executable, *options, "bin/setup.py"], project, env)
    return Run(done.returncode, done.stdout, project)


def execute(command: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command and return it, with both of its streams in one."""
    return subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=300,
        check=False,
    )


def commit(folder: Path, env: dict[str, str]) -> None:
    """Put all that is in a folder into a commit of its repository, even when nothing is new."""
    person = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"]
    change = [*person, "commit", "--quiet", "--allow-empty", "--message", "Change"]
    for arguments in (["init", "--quiet"], ["add", "--all"], change):
        done = execute(["git", *arguments], folder, env)
        assert done.returncode == 0, done.stdout


def copy_template(folder: Path) -> Path:
    """Return a copy of the template that a test may change."""
    left_out = shutil.ignore_patterns(".*cache", ".git", ".venv", "demo", *STRAY)
    return Path(shutil.copytree(TEMPLATE, folder / "template", ignore=left_out))


def program_folder(folder: Path, *programs: str) -> Path:
    """Return a folder for PATH that holds Python, these programs and nothing else."""
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    folder.mkdir(exist_ok=True)
    (folder / "python3").symlink_to(Path(sys.executable).resolve())
    for program in programs:
        found = shutil.which(program, path=here)
        assert found, f"the tests need {program}"
        (folder / program).symlink_to(found)
    return folder
