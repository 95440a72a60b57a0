"""A virtual environment that holds exactly what a project declares, at the versions that the template pins."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from uv import find_uv_bin

from foundry.manifest import DATABASES, FEATURES, MANIFEST, TEMPLATE, TREE
from foundry.project import clean_environ

WHAT_IS_INSTALLED = """
import json, pathlib, sys, sysconfig
from importlib.metadata import packages_distributions
library = pathlib.Path(sysconfig.get_path("purelib"))
templates = [path.relative_to(library).as_posix() for path in library.glob("*/**/templates/**/*") if path.is_file()]
json.dump({"distributions": packages_distributions(), "templates": templates}, sys.stdout)
"""


@dataclass(frozen=True)
class Installed:
    """What an environment offers: the distributions behind each module, and the names of Jinja templates."""

    distributions: dict[str, list[str]]
    templates: frozenset[str]


def template_names(path: str) -> tuple[str, str, str]:
    """The names that a template of a package may have."""
    package, _, name = path.partition("/templates/")
    # Flask-Admin keeps its templates one folder deeper, by the version of Bootstrap; ours extend them by a prefix.
    deeper = name.partition("/")[2]
    return name, deeper, f"{package}/{deeper}"


@dataclass(frozen=True)
class Environment:
    """One virtual environment, made to fit one project after the other: uv changes only what differs."""

    path: Path

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.path / "bin"

    @classmethod
    def kept(cls, name: str) -> "Environment":
        """The environment of this name, which stays from one run to the next."""
        return cls((TEMPLATE / ".cache" / "environments" / name).resolve())

    def hold(self, *requirements: str, offline: bool = True) -> None:
        """Install these requirements, for the Python that runs the tests, and remove all else."""
        where = ["--offline"] if offline else []
        pins = TREE / "constraints.txt"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_suffix(".lock")):  # two programs may want the same one
            self._uv("venv", "--quiet", "--allow-existing", "--python", sys.executable, str(self.path))
            self._uv("pip", "install", "--quiet", "--exact", *where, "--constraints", str(pins), *requirements)

    def hold_everything(self) -> None:
        """Install what any project may declare; from then on all is in uv's cache."""
        groups = [MANIFEST["_dependencies"], MANIFEST["_dev_dependencies"]]
        groups += [feature["dependencies"] for feature in FEATURES.values()]
        groups += [MANIFEST["_databases"][name]["dependencies"] for name in DATABASES]
        self.hold(*(requirement for group in groups for requirement in group), offline=False)

    @property
    def environ(self) -> dict[str, str]:
        """The variables with which a project uses this environment as its own, and keeps its caches here too."""
        return {
            "MYPY_CACHE_DIR": str(self.path / ".mypy_cache"),
            "PATH": f"{Path(find_uv_bin()).parent}:{os.environ['PATH']}",
            "UV_PROJECT_ENVIRONMENT": str(self.path),
        }

    def look(self) -> Installed:
        """Tell what is installed."""
        answer = subprocess.check_output([self.bin / "python", "-c", WHAT_IS_INSTALLED], env=clean_environ())
        found = json.loads(answer)
        names = (name for path in found["templates"] for name in template_names(path))
        return Installed(found["distributions"], frozenset(names))

    def _uv(self, *arguments: str) -> None:
        command = [find_uv_bin(), *arguments]
        result = subprocess.run(
            command, env=clean_environ(VIRTUAL_ENV=str(self.path)), capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"uv {' '.join(arguments)}\n{result.stderr}"
