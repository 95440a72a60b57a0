"""The translations that projects start with."""

import subprocess
import sys

from foundry.manifest import TEMPLATE


def test_the_shipped_catalogues_are_complete_and_up_to_date() -> None:
    command = [sys.executable, "bin/catalogues.py", "--check"]
    done = subprocess.run(command, cwd=TEMPLATE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
