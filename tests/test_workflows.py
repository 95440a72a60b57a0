"""What a project has for GitHub, its image and its commits: read by the linters of each, and run as it stands there."""

from typing import Any

import pytest
import yaml
from conftest import Bake
from foundry.environment import Environment
from foundry.manifest import ALL, BARE, TEMPLATE, Combination, all_but
from foundry.project import checks, run_tool

# What no test runs for a workflow, and why.
ELSEWHERE = {
    "docker build .": "tests/containers builds the image",
    "uv run --with pip-audit pip-audit --strict --skip-editable": "it asks the network what is known",
}
# What tests/test_executed.py runs, besides what the README says.
EXECUTED = {"python3 bin/setup.py", "uv run flask db check"}
COMBINATIONS = [ALL, BARE, all_but(database="postgresql"), all_but("security", database="mysql")]


def commands(workflow: dict[str, Any]) -> list[str]:
    """All that the jobs of a workflow run."""
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_files_of_services_are_as_these_want_them(combination: Combination, bake: Bake) -> None:
    path = bake(**combination.answers).path
    run_tool("validate-pyproject", "pyproject.toml", cwd=path)
    for schema, file in {
        "compose-spec": "compose.yaml",
        "dependabot": ".github/dependabot.yml",
        "github-workflows": ".github/workflows/ci.yml",
    }.items():
        run_tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file, cwd=path)
    run_tool("zizmor", "--offline", "--no-progress", "--quiet", ".github", cwd=path)
    run_tool("hadolint", "Dockerfile", cwd=path)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_the_workflow_runs_what_is_tested_here(combination: Combination, bake: Bake) -> None:
    project = bake(**combination.answers)
    run = commands(yaml.safe_load(project.read(".github/workflows/ci.yml")))
    assert set(run) == {*checks(project), *EXECUTED, *ELSEWHERE}


def test_each_test_is_in_one_part_of_our_own_workflow() -> None:
    workflow = yaml.safe_load((TEMPLATE / ".github/workflows/ci.yml").read_text("utf-8"))
    parts = workflow["jobs"]["test"]["strategy"]["matrix"]["include"]
    named = [file for part in parts for file in part["tests"].split()]
    assert sorted(named) == sorted(str(path.relative_to(TEMPLATE)) for path in TEMPLATE.glob("tests/test_*.py"))


def test_a_commit_is_checked_without_a_network(bake: Bake, environment: Environment) -> None:
    environment.hold_everything()
    project = bake(**ALL.answers)
    offline = environment.environ | {
        "UV_OFFLINE": "1",
        "UV_NO_SYNC": "1",
        "PRE_COMMIT_HOME": str(project.path / ".cache"),
    }
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        assert not project.failure(*command)
    said = project.failure(str(environment.bin / "pre-commit"), "run", "--all-files", **offline)
    assert not said, said
    (project.path / "app" / "bad.py").write_text("import os,sys\n", encoding="utf-8")
    assert not project.failure("git", "add", "--all")
    assert project.failure(str(environment.bin / "pre-commit"), "run", "--all-files", **offline)
