"""The prompts and features of cookiecutter.json, and every combination of answers that follows from them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parents[2]
TREE = TEMPLATE / "{{cookiecutter.project_slug}}"
MANIFEST: dict[str, Any] = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
FEATURES: dict[str, dict[str, Any]] = MANIFEST["_features"]
SERVICES: dict[str, dict[str, Any]] = MANIFEST["_services"]
SHARED: dict[str, list[str]] = MANIFEST["_shared"]
DATABASES: list[str] = MANIFEST["database"]
# Left in the template folder by whoever runs or lints something there, and rendered like the rest.
STRAY = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
TOGGLES = [name for name, feature in FEATURES.items() if feature["files"][0].startswith("app/")]
EXTRAS = [name for name in FEATURES if name not in TOGGLES]


@dataclass(frozen=True)
class Combination:
    """One set of answers to the prompts that turn something on or off."""

    features: frozenset[str]
    database: str = DATABASES[0]

    @property
    def off(self) -> list[str]:
        """The features that are not chosen, in the order of the manifest."""
        return [name for name in FEATURES if name not in self.features]

    @property
    def answers(self) -> dict[str, Any]:
        """What Cookiecutter is given; nothing is set up."""
        return {"database": self.database, "setup": False} | {name: name in self.features for name in FEATURES}

    def __str__(self) -> str:
        """Read like `admin+mail`, `bare`, `postgresql-all-but-i18n`, `all-no-docker`."""
        parts = [] if self.database == DATABASES[0] else [self.database]
        parts.append(self._toggles())
        parts += [f"no-{name}" for name in EXTRAS if name not in self.features]
        return "-".join(parts)

    def _toggles(self) -> str:
        on = [name for name in TOGGLES if name in self.features]
        off = [name for name in TOGGLES if name not in self.features]
        if not on:
            return "bare"
        if not off:
            return "all"
        return f"all-but-{off[0]}" if len(off) == 1 else "+".join(on)


def combine(toggles: Iterable[str], database: str = DATABASES[0], extras: Iterable[str] = EXTRAS) -> Combination:
    """Name a combination by what is on."""
    return Combination(frozenset(toggles) | frozenset(extras), database)


def all_but(*names: str, database: str = DATABASES[0]) -> Combination:
    """Everything on except these."""
    return combine((name for name in TOGGLES if name not in names), database)


ALL = all_but()
BARE = combine(())


def subsets(names: list[str]) -> Iterator[list[str]]:
    """Every subset, the empty one first."""
    for chosen in product((False, True), repeat=len(names)):
        yield [name for name, on in zip(names, chosen, strict=True) if on]


def batches(extras: Iterable[str] = EXTRAS) -> dict[str, list[Combination]]:
    """All combinations of toggles and databases, with these extras, in parts that two workers can share evenly."""
    first, rest = TOGGLES[:3], TOGGLES[3:]
    missing = [f"no-{name}" for name in EXTRAS if name not in extras]
    return {
        "+".join([database, *head, *missing]): [combine(head + tail, database, extras) for tail in subsets(rest)]
        for database in DATABASES
        for head in subsets(first)
    }


def owners(path: str) -> set[str]:
    """The features that list this path of the template, or a folder that it is in."""
    return {
        name
        for name, feature in FEATURES.items()
        if any(path == owned or path.startswith(f"{owned}/") for owned in feature["files"])
    }


def belongs(path: str, combination: Combination) -> bool:
    """Whether the projects of this combination have this file."""
    on = combination.features
    return owners(path) <= on and (path not in SHARED or bool(on.intersection(SHARED[path])))


def template_files() -> list[str]:
    """Every file of the template folder, relative to it."""
    paths = (path.relative_to(TREE) for path in TREE.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path.as_posix() for path in paths if not STRAY.intersection(path.parts))
