"""Rendered projects held in memory: most files are the same in many combinations, so each text is kept once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundry.manifest import STRAY, Combination
from foundry.render import render, shared_work

BINARY = {".ico", ".png", ".mo", ".woff", ".woff2"}
_texts: dict[str, str] = {}


@dataclass(frozen=True)
class Tree:
    """One rendered project: the text of each file by its path."""

    combination: Combination
    files: dict[str, str]

    def select(self, *suffixes: str, under: str = "") -> Iterator[tuple[str, str]]:
        """Path and text of the files that end so, in a folder if one is named."""
        for path, text in self.files.items():
            if path.endswith(suffixes) and path.startswith(under):
                yield path, text


@dataclass(frozen=True)
class Batch:
    """Projects rendered side by side into one folder."""

    folder: Path
    trees: list[Tree]

    def check(self, check: Callable[[Tree], Iterable[str]]) -> None:
        """Fail with what a check finds: each finding once, with the projects that it is found in."""
        __tracebackhide__ = True
        found: dict[str, list[str]] = {}
        for tree in self.trees:
            for problem in check(tree):
                found.setdefault(problem, []).append(str(tree.combination))
        if found:
            pytest.fail("\n".join(f"{problem}  [{some(where)}]" for problem, where in found.items()), pytrace=False)


def some(names: list[str]) -> str:
    """The first of these names, and how many more there are."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def read_tree(combination: Combination, root: Path) -> Tree:
    """Read a rendered project."""
    files = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not STRAY.intersection(path.parts):
            text = "" if path.suffix in BINARY else path.read_bytes().decode("utf-8")
            files[path.relative_to(root).as_posix()] = _texts.setdefault(text, text)
    return Tree(combination, files)


def render_batch(combinations: Iterable[Combination], folder: Path) -> Batch:
    """Render these combinations, one folder each."""
    with shared_work():
        return Batch(folder, [read_tree(combination, render(combination, folder)) for combination in combinations])
