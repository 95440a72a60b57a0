"""One environment cut into layers: what every project declares, and what each feature and database adds.

A project that may import exactly what it declares gets the layers of its features, and no environment has to be
made for it. A layer is a folder of links into the environment that holds everything.
"""

import ast
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from foundry.manifest import FEATURES, MANIFEST, Combination

BASE = "base"


def declared() -> dict[str, list[str]]:
    """What each layer is made of: the requirements by the layer's name, in the order in which they are laid."""
    databases = {name: database["dependencies"] for name, database in MANIFEST["_databases"].items()}
    features = {name: feature["dependencies"] for name, feature in FEATURES.items()}
    layers = {BASE: [*MANIFEST["_dependencies"], *MANIFEST["_dev_dependencies"]]} | databases | features
    return {name: requirements for name, requirements in layers.items() if requirements}


def layers_of(combination: Combination) -> list[str]:
    """The layers that a project stands on, the lowest first."""
    return [name for name in declared() if name in {BASE, combination.database, *combination.features}]


@dataclass(frozen=True)
class Layer:
    """A folder to import from, and the modules that projects import from it."""

    path: Path
    modules: tuple[str, ...]


class Wardrobe:
    """The layers of one environment.

    :param library: its site-packages, where all that any project declares is installed
    """

    def __init__(self, library: Path) -> None:
        """Read what is installed."""
        found = distributions(path=[str(library)])
        self.library = library
        self.installed = {str(canonicalize_name(distribution.name)): distribution for distribution in found}

    def versions(self) -> list[tuple[str, str]]:
        """The versions of all distributions."""
        return sorted((name, distribution.version) for name, distribution in self.installed.items())

    def closure(self, requirements: Iterable[str]) -> set[str]:
        """The names of distributions that these requirements need, with all that those need."""
        pending = [Requirement(text) for text in requirements]
        seen: set[tuple[str, str]] = set()
        while pending:
            requirement = pending.pop()
            if requirement.marker and not requirement.marker.evaluate():
                continue
            name = str(canonicalize_name(requirement.name))
            for extra in sorted({"", *requirement.extras} - {extra for known, extra in seen if known == name}):
                seen.add((name, extra))
                pending += self._needs(name, extra)
        return {name for name, _ in seen}

    def _needs(self, name: str, extra: str) -> Iterator[Requirement]:
        for text in self.installed[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                requirement.marker = None
                yield requirement

    def lay(self, folder: Path, sources: Iterable[str]) -> dict[str, Layer]:
        """Link each layer into a folder of its own.

        :param sources: the code of a project that has everything, by whose imports modules are told to their layers
        """
        imported = set().union(*map(_imports, sources))
        layers: dict[str, Layer] = {}
        for name, requirements in declared().items():
            path = folder / name
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
            known = {entry for layer in layers.values() for entry in layer.path.iterdir()}
            for top in set().union(*(_tops(self.installed[found]) for found in self.closure(requirements))):
                path.joinpath(top).symlink_to(self.library / top)
            brought = {entry.stem for entry in path.iterdir()} - {entry.stem for entry in known}
            layers[name] = Layer(path, tuple(sorted(name for name in imported if name.partition(".")[0] in brought)))
        return layers


def _tops(distribution: Distribution) -> set[str]:
    """The files and folders of a distribution that lie in site-packages itself."""
    tops = {file.parts[0] for file in distribution.files or ()}
    return {top for top in tops if top not in {"..", "__pycache__"} and not top.endswith(".pth")}


def _imports(source: str) -> set[str]:
    """The modules that a file imports when it is imported itself; what it imports for the type checker is left out."""
    statements = ast.parse(source).body
    plain = {alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names}
    absolute = (node.module for node in statements if isinstance(node, ast.ImportFrom) and not node.level)
    return plain.union(filter(None, absolute))
