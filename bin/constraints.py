"""Write the project's constraints.txt, the versions of all features that are tested together.

    python bin/constraints.py

Reads the requirements of the manifest in cookiecutter.json and lets uv choose the newest
versions that fit together, on every platform. Each line keeps uv's note of the packages that
asked for it, by which the hook leaves a project only the lines that it needs. The names are
also what no project may be called, so `_reserved_slugs` in cookiecutter.json is written anew.
"""

import json
import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parent.parent
MANIFEST = TEMPLATE / "cookiecutter.json"
CONSTRAINTS = TEMPLATE / "{{cookiecutter.project_slug}}" / "constraints.txt"

# No database can have the name of one that its server needs itself.
SYSTEM_DATABASES = ["information-schema", "mysql", "performance-schema", "postgres", "sys", "template0", "template1"]
# Not a file of this name, whatever its ending, can be made on Windows.
DEVICES = ["aux", "con", "nul", "prn", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))]


def main() -> None:
    """Write both files."""
    manifest = MANIFEST.read_text(encoding="utf-8")
    pins = resolve(sorted(set(requirements(json.loads(manifest)))))
    CONSTRAINTS.write_text(pins, encoding="utf-8", newline="\n")
    names = re.findall(r"^[a-z0-9-]+(?===)", pins, re.MULTILINE)
    taken = sorted({*names, *DEVICES, *SYSTEM_DATABASES})
    MANIFEST.write_text(reserve(manifest, taken), encoding="utf-8", newline="\n")


def requirements(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield every requirement that a project can have, whatever is chosen."""
    yield from manifest["_dependencies"]
    yield from manifest["_dev_dependencies"]
    yield from manifest["_installers"]
    for part in [*manifest["_databases"].values(), *manifest["_features"].values()]:
        yield from part["dependencies"] + part.get("build_dependencies", [])


def resolve(needed: list[str]) -> str:
    """Return the pinned lines for ``needed``.

    :raises subprocess.CalledProcessError: uv finds no versions that fit together
    """
    options = ["--universal", "--python-version", "3.11", "--annotation-style", "line", "--no-header"]
    uv = ["uv", "pip", "compile", "--quiet", "--no-emit-index-url", "--no-emit-find-links", *options, "-"]
    return subprocess.run(uv, input="\n".join(needed), stdout=subprocess.PIPE, text=True, check=True).stdout


def reserve(manifest: str, names: list[str]) -> str:
    """Return the text of ``manifest`` with ``names`` as its reserved slugs, all else as it stands."""
    lines = textwrap.fill(
        json.dumps(names)[1:-1], 110, initial_indent=" " * 4, subsequent_indent=" " * 4, break_on_hyphens=False
    )
    return re.sub(r'("_reserved_slugs": \[)[^]]*\]', rf"\1\n{lines}\n  ]", manifest, count=1)


if __name__ == "__main__":
    main()
