"""Finds the modules by which a package takes part in a feature, such as its admin views."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType


def modules_named(name: str) -> Iterator[ModuleType]:
    """Import and yield each ``app/<package>/<name>.py``, in the order of the packages."""
    for path in sorted(Path(__file__).parent.glob(f"*/{name}.py")):
        yield import_module(f"{__package__}.{path.parent.name}.{name}")
