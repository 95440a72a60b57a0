"""Look at what is there before anything is written over it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(json.loads(r'[= cookiecutter.__project | tojson =]'))
PLURAL = "[= cookiecutter.__plural =]"


def main() -> None:
    """Refuse to write over tests, and tell of changes that could no longer be told from what is written."""
    package = Path.cwd()
    root = package.parents[1]
    names = (f"fixtures_{PLURAL}", f"test_{PLURAL}", f"test_{PLURAL}_admin", f"test_{PLURAL}_api")
    tests = [file for name in names if (file := root / "tests" / f"{name}.py").exists()]
    if tests and not any(package.iterdir()):  # a package that is there is written over only when that was asked for
        found = ", ".join(f"tests/{test.name}" for test in tests)
        sys.exit(f"{found}: there already; delete or rename what is in the way, or add --overwrite-if-exists.")
    if root == PROJECT and has_changes(root):
        print("Git knows of changes that are not committed: a commit now would let you take this step back alone.")


def has_changes(folder: Path) -> bool:
    """Tell whether Git knows of changes that are not committed; without Git there are none."""
    git = shutil.which("git")
    command = [git, "status", "--porcelain"]
    return bool(git and subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)


if __name__ == "__main__":
    main()
