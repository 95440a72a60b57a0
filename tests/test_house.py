"""The rules that keep the template easy to see and to change."""

import ntpath
import re
import tomllib
from collections import Counter
from pathlib import PurePosixPath

import mutate
import pytest
from foundry.manifest import (
    DATABASES,
    FEATURES,
    MANIFEST,
    SHARED,
    STRAY,
    TEMPLATE,
    TOGGLES,
    TREE,
    owners,
    template_files,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILES = template_files()
# Cookiecutter clones the whole repository, on its users' systems.
PARTS = (TREE.name, "bin", "docs", "hooks", "resource", "tests")
EVERYTHING = [
    path.relative_to(TEMPLATE).as_posix()
    for part in PARTS
    for path in (TEMPLATE / part).rglob("*")
    if path.is_file() and not STRAY.intersection(path.parts)
]
TEXTS = {path: text for path in FILES if "\0" not in (text := (TREE / path).read_text("utf-8", "replace"))}
CONDITION = re.compile(r"\{%-?\s*(?:if|elif)\b[^%]*\bcookiecutter\b")
WITHOUT_CONDITIONS = ("app/__init__.py", "pyproject.toml")
OBSOLETE = ("Flask-Bootstrap", "Flask-Mail", "Flask-Restless", "Flask-Script", "Flask-User")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
ILLEGAL = set('<>:"\\|?*')


def requirements() -> list[str]:
    """All that any project may declare."""
    groups = [MANIFEST["_dependencies"], MANIFEST["_dev_dependencies"]]
    groups += [feature["dependencies"] for feature in FEATURES.values()]
    groups += [MANIFEST["_databases"][name]["dependencies"] for name in DATABASES]
    return [requirement for group in groups for requirement in group]


@pytest.mark.parametrize("path", TEXTS)
def test_a_file_has_few_conditions(path: str) -> None:
    none = path in WITHOUT_CONDITIONS or path.endswith(".html")
    assert len(CONDITION.findall(TEXTS[path])) <= (0 if none else 2)


def test_the_template_can_be_broken_in_each_known_way() -> None:
    gone = [one.name for one in mutate.mutations() if one.old not in (TEMPLATE / one.file).read_text("utf-8")]
    assert not gone


def test_the_toggles_are_booleans() -> None:
    assert {name: MANIFEST[name] for name in FEATURES} == {name: MANIFEST[name] is True for name in FEATURES}


def test_each_prompt_says_what_it_adds() -> None:
    asked = [name for name in MANIFEST if not name.startswith("_")]
    assert list(MANIFEST["__prompts__"]) == asked
    assert set(FEATURES) | {"setup"} == {name for name in asked if isinstance(MANIFEST[name], bool)}


def test_nothing_is_raw() -> None:
    assert not [path for path, text in TEXTS.items() if re.search(r"\{%-?\s*raw\b", text)]


def test_no_file_name_is_a_template() -> None:
    assert not [path for path in FILES if "{" in path]


def test_every_path_can_be_written_on_every_system() -> None:
    for path in EVERYTHING:
        assert len(path) <= 160, path
        for part in PurePosixPath(path).parts:
            assert not RESERVED.fullmatch(part), path
            assert not ILLEGAL & set(part), path
            assert part == part.rstrip(". "), path
            assert ntpath.basename(part) == part, path


def test_no_two_paths_differ_in_case_only() -> None:
    folders = {str(parent) for path in EVERYTHING for parent in PurePosixPath(path).parents}
    folded = Counter(path.casefold() for path in {*EVERYTHING, *folders})
    assert not [path for path, count in folded.items() if count > 1]


def test_nothing_is_a_link() -> None:
    assert not [path for path in EVERYTHING if (TEMPLATE / path).is_symlink()]


def test_lines_end_as_on_unix_and_the_last_one_ends() -> None:
    for path in TEXTS:
        content = (TREE / path).read_bytes()
        assert b"\r" not in content or path.endswith(".js"), path
        assert not content or content.endswith(b"\n") or "/static/" in path, path


def test_no_obsolete_package_is_required_or_imported() -> None:
    names = {canonicalize_name(Requirement(text).name) for text in requirements()}
    assert not names & {canonicalize_name(name) for name in OBSOLETE}
    modules = "|".join(name.casefold().replace("-", "_") for name in OBSOLETE)
    imports = re.compile(rf"^\s*(?:import|from)\s+(?:{modules})\b(?! import Bootstrap5)", re.MULTILINE)
    assert not [path for path, text in TEXTS.items() if imports.search(text)]
    pins = {line.partition("==")[0] for line in TEXTS["constraints.txt"].splitlines()}
    assert not pins & {canonicalize_name(name) for name in OBSOLETE if name != "Flask-Bootstrap"}


@pytest.mark.parametrize("name", FEATURES)
def test_what_the_manifest_names_is_there(name: str) -> None:
    for path in FEATURES[name]["files"]:
        assert (TREE / path).exists(), path


def test_what_features_share_is_there() -> None:
    assert [path for path in SHARED if not (TREE / path).exists()] == []


def test_a_file_that_is_named_after_a_feature_belongs_to_it() -> None:
    for path in FILES:
        stems = {PurePosixPath(part).stem.removeprefix("test_") for part in PurePosixPath(path).parts}
        assert not (stems & set(FEATURES)) - owners(path), path


def test_each_application_feature_has_its_module_and_its_test() -> None:
    for name in TOGGLES:
        assert {f"app/{name}", f"app/{name}.py"} & set(FEATURES[name]["files"]), name
        assert f"tests/test_{name}.py" in FEATURES[name]["files"], name


def test_the_pins_hold_what_the_projects_declare() -> None:
    pins = {line.partition("==")[0] for line in TEXTS["constraints.txt"].splitlines()}
    assert {canonicalize_name(Requirement(text).name) for text in requirements()} <= pins


def test_the_pins_of_this_repository_hold_its_tools() -> None:
    pyproject = tomllib.loads((TEMPLATE / "pyproject.toml").read_text("utf-8"))
    pins = {}
    for line in (TEMPLATE / "constraints.txt").read_text("utf-8").splitlines():
        name, _, version = line.partition(" ;")[0].partition("==")
        pins[name] = version
    for requirement in map(Requirement, pyproject["dependency-groups"]["dev"]):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("path", ["constraints.txt", "{{cookiecutter.project_slug}}/constraints.txt"])
def test_pins_hold_no_address(path: str) -> None:
    assert "://" not in (TEMPLATE / path).read_text("utf-8")
