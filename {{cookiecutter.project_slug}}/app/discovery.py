"""Finds the modules by which packages take part in something, such as their models."""

from importlib import import_module
from pathlib import Path
from types import ModuleType


def modules_named(name: str) -> list[ModuleType]:
    """Import each ``app/<package>/<name>.py``, and return them in the order of the packages."""
    paths = sorted(Path(__file__).parent.glob(f"*/{name}.py"))
    return [import_module(f"{__package__}.{path.parent.name}.{name}") for path in paths]
