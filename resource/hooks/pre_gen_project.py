"""Tell of changes that could no longer be told from what is about to be written."""

import json
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(json.loads(r'[= cookiecutter.__project | tojson =]'))


def main() -> None:
    """Look at the project, unless the package is written elsewhere."""
    if Path.cwd().parents[1] == PROJECT and has_changes(PROJECT):
        print("Git knows of changes that are not committed: a commit now would let you take this step back alone.")


def has_changes(folder: Path) -> bool:
    """Tell whether Git knows of changes that are not committed; without Git there are none."""
    git = shutil.which("git")
    command = [git, "status", "--porcelain", "--", "."]
    return bool(git and subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)


if __name__ == "__main__":
    main()
