"""CPU time of rendering the default project, without setting it up. Aim: at most 0.5 s.

.venv/bin/python benchmarks/render.py
"""

import sys

from measure import TEMPLATE, cpu_of, medians, scratch


def render() -> float:
    """Render once, in a process of its own, as the `cookiecutter` command does."""
    with scratch() as folder:
        command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "--default-config"]
        return cpu_of([*command, "--output-dir", str(folder), "setup=false"])


if __name__ == "__main__":
    medians("rendering, CPU", render)
