"""CPU time until an application with everything on can answer: import and create_app. Aim: at most 1.2 s.

.venv/bin/python benchmarks/boot.py
"""

import os
import subprocess
import sys
from pathlib import Path

from measure import EVERYTHING, TEMPLATE, cpu_of, environ, medians, scratch

BOOT = "from app import create_app; create_app()"


if __name__ == "__main__":
    with scratch() as folder:
        generate = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "--default-config", *EVERYTHING]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        subprocess.run(generate, cwd=folder, env=environ(PATH=path), check=True, stdout=subprocess.DEVNULL)
        project = next(folder.iterdir())
        python = str(project / ".venv/bin/python")
        medians("bare interpreter, CPU", lambda: cpu_of([python, "-c", "pass"]))
        medians("import and create_app, CPU", lambda: cpu_of([python, "-c", BOOT], project))
