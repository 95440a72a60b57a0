"""Look after changes that could not be told from what is about to be written, or would be lost by it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(json.loads(r'[= cookiecutter.__project | tojson =]'))
PLURAL = "[= cookiecutter.__plural =]"


def main() -> None:
    """Look at the project, unless the package is written elsewhere."""
    if Path.cwd().parents[1] != PROJECT:
        return
    if lost := changes(f"app/{PLURAL}", f"tests/*{PLURAL}*.py"):
        sys.exit(
            f"Git knows of changes that are not committed, and would be lost: {', '.join(lost)}. "
            "Commit them, and run this again."
        )
    if changes("."):
        print("Git knows of changes that are not committed: a commit now would let you take this step back alone.")


def changes(*paths: str) -> list[str]:
    """Return the files with changes that are not committed; without Git there are none."""
    git = shutil.which("git")
    command = [git, "status", "--porcelain", "-z", "--", *paths]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False) if git else None
    return [line[3:] for line in done.stdout.split("\0") if line] if done else []


if __name__ == "__main__":
    main()
