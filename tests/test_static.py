"""Every combination of the application's features and databases is rendered and read."""

import re
import tempfile
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import Bake
from foundry import requirements, syntax, traces
from foundry.environment import Environment, Installed
from foundry.manifest import (
    ALL,
    BARE,
    DATABASES,
    EXTRAS,
    FEATURES,
    MANIFEST,
    TOGGLES,
    Combination,
    all_but,
    batches,
    belongs,
    combine,
    subsets,
    template_files,
)
from foundry.project import run_tool
from foundry.render import memory, render, shared_work
from foundry.tree import Batch, Tree, render_batch
from packaging.requirements import Requirement

LANGUAGES = MANIFEST["languages"].split(", ")
TRANSLATED = re.compile("app/translations/([^/]+)/")
# Without those of the languages that nobody chooses here.
TEMPLATE_FILES = [
    path for path in template_files() if all(language in LANGUAGES for language in TRANSLATED.findall(path))
]


def parts() -> Iterator[Any]:
    """All combinations in parts: on SQLite those with every extra, and, to be asked for, all others."""
    for extras in reversed(list(subsets(EXTRAS))):
        for name, part in batches(extras).items():
            is_daily = extras == EXTRAS and part[0].database == DATABASES[0]
            yield pytest.param(part, id=name, marks=[] if is_daily else [pytest.mark.every])


FEW = [combine(on, database, ()) for database in DATABASES for on in (TOGGLES, ())]


@pytest.fixture(scope="module", params=[*parts(), pytest.param(FEW, id="few")])
def batch(request: pytest.FixtureRequest) -> Iterator[Batch]:
    """Some of the combinations, rendered; they are removed at the end, for all together would be gigabytes."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        yield render_batch(request.param, Path(folder))


def unexpected_files(tree: Tree) -> Iterator[str]:
    """Files that should not be there, or should be."""
    expected = {path for path in TEMPLATE_FILES if belongs(path, tree.combination)}
    expected |= {path.replace("translations", "i18n/shipped") for path in expected if TRANSLATED.match(path)}
    yield from (f"{path} is there" for path in sorted(tree.files.keys() - expected))
    yield from (f"{path} is missing" for path in sorted(expected - tree.files.keys()))


def test_each_project_has_exactly_the_files_of_its_features(batch: Batch) -> None:
    batch.check(unexpected_files)


def test_no_template_tag_is_left(batch: Batch) -> None:
    batch.check(syntax.leftover_tags)


def test_every_file_is_what_its_name_says(batch: Batch) -> None:
    batch.check(syntax.faults)


def test_every_template_that_is_named_is_there(batch: Batch, installed: Installed) -> None:
    batch.check(partial(syntax.missing_templates, installed=installed.templates))


def test_every_module_of_its_own_that_is_imported_is_there(batch: Batch) -> None:
    batch.check(syntax.missing_modules)


def test_what_is_imported_is_declared_and_what_is_declared_is_used(batch: Batch, installed: Installed) -> None:
    batch.check(partial(requirements.mismatches, distributions=installed.distributions))


def test_what_is_off_leaves_no_trace(batch: Batch, installed: Installed) -> None:
    batch.check(partial(traces.traces, modules=installed.distributions))


def ruff(batch: Batch, *command: str) -> None:
    """Let ruff look at these projects, each by its own configuration."""
    options = ["--no-cache", "--output-format=concise", "."]
    lines = run_tool("ruff", *command, *options, cwd=batch.folder, accepted=(0, 1)).splitlines()
    places = (line.split("/", 2) for line in lines if line.count("/") > 1)
    found = {(combination, finding) for combination, _, finding in places}
    batch.check(lambda tree: sorted(what for name, what in found if name == str(tree.combination)))


def test_ruff_finds_nothing(batch: Batch) -> None:
    ruff(batch, "check")


def test_ruff_would_format_nothing(batch: Batch) -> None:
    ruff(batch, "format", "--check")


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and mode of each file."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode) for path in files}


@pytest.mark.parametrize(
    "combination", [ALL, BARE, all_but("security", database="mysql"), combine(["admin", "mail"], "postgresql")], ids=str
)
def test_the_fast_way_of_rendering_gives_what_cookiecutter_gives(
    combination: Combination, bake: Bake, tmp_path: Path
) -> None:
    with shared_work():
        render(ALL, tmp_path / "before")  # what it leaves behind must not show
        fast = render(combination, tmp_path)
    assert contents(fast) == contents(bake(**combination.answers).path)


@pytest.mark.parametrize("combination", [ALL, BARE, all_but("security", database="mysql")], ids=str)
def test_deptry_finds_the_same(combination: Combination, bake: Bake, environment: Environment) -> None:
    # deptry asks the environment that it runs in which module is whose; a project may have cut it to its own needs.
    environment.hold_everything()
    path = bake(**combination.answers).path
    declared = tomllib.loads((path / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    unused = [name for text in declared if (name := Requirement(text).name).casefold() in requirements.NEVER_IMPORTED]
    known = f"DEP002={'|'.join(unused)},DEP003={'|'.join(requirements.PARTS_OF_FLASK)}"
    [library] = environment.path.glob("lib/*/site-packages")
    run_tool("deptry", ".", "--per-rule-ignores", known, cwd=path, PYTHONPATH=str(library))


def test_the_manifest_names_features_by_their_prompts() -> None:
    assert list(FEATURES) == [name for name in FEATURES if name in ALL.answers]
