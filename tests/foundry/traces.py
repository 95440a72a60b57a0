"""The words by which a feature that is off would show: all of them follow from the manifest."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from foundry.manifest import FEATURES, MANIFEST, TOGGLES, Combination
from foundry.tree import Tree

# A program that is the same for all and looks at what is there; the pins, that name what others depend on; and
# somebody else's program, which has words of its own.
SHARED = ("bin/setup.py", "constraints.txt", "app/api/static/swagger-ui/")
# The home page is everybody's; and what set-up makes is left alone by `cruft update`, whether it is there or not.
COMMON = {"pages.home", "app/translations"}
RECORD = "[tool.flask-foundry.answers]"  # the end of pyproject.toml, which says what was declined, too
Distributions = Mapping[str, list[str]]


def _spellings(requirements: Iterable[str], modules: Distributions) -> set[str]:
    """A distribution as it is written, its extras, and the modules that it brings."""
    found = set()
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        found |= {requirement.name, *requirement.extras}
        found |= {module for module, owners in modules.items() if name in map(canonicalize_name, owners)}
    return {word.casefold() for word in found}


def _words_of(name: str, modules: Distributions) -> set[str]:
    """Everything that speaks of one feature."""
    feature = FEATURES[name]
    words = {feature["extension"].casefold(), feature["endpoint"], feature["path"].rstrip("/")}
    words |= {setting["name"].casefold() for setting in feature["settings"]}
    words |= {f"app.{name}", f"app/{name}", f"test_{name}"} if name in TOGGLES else set()
    words |= {path.casefold() for path in feature["files"]}
    return (words | _spellings(feature["dependencies"], modules)) - {"", *COMMON}


def _living_words(combination: Combination, modules: Distributions) -> set[str]:
    """What the project rightly speaks of."""
    database = MANIFEST["_databases"][combination.database]["dependencies"]
    words = _spellings([*MANIFEST["_dependencies"], *MANIFEST["_dev_dependencies"], *database], modules)
    for name in combination.features:
        words |= _words_of(name, modules)
    return words


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./-]){re.escape(word)}(?![\w-])", re.IGNORECASE)


@cache
def _speaks_of(text: str, word: str) -> bool:
    return word in text.casefold() and _pattern(word).search(text) is not None


def traces(tree: Tree, modules: Distributions) -> Iterator[str]:
    """Words of features that are off."""
    living = _living_words(tree.combination, modules)
    for name in tree.combination.off:
        words = sorted(_words_of(name, modules) - living)
        for path, text in tree.files.items():
            if not path.startswith(SHARED):
                said = text.partition(RECORD)[0]
                yield from (f"{path} says {word!r}, {name} is off" for word in words if _speaks_of(said, word))
        if re.search(rf"\b{re.escape(FEATURES[name]['title'])}\b", tree.files["README.md"]):
            yield f"README.md says {FEATURES[name]['title']!r}, {name} is off"
