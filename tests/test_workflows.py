"""What a project has for GitHub, its image and its commits: read by the linters of each, and run as it stands there."""

import re
import shlex

import pytest
import yaml
from conftest import Bake
from foundry.environment import Environment
from foundry.manifest import ALL, BARE, TEMPLATE, Combination, all_but, combine
from foundry.project import checks, run_tool
from foundry.services import need

WORKFLOW = ".github/workflows/ci.yml"
# Run below; what the README says is run by tests/test_executed.py, for each of its combinations.
EXECUTED = ["python3 bin/setup.py", "uv run flask db check"]
# What no test runs as it stands there.
AUDIT = "uv run --with pip-audit pip-audit --strict"  # it asks the network what is known
IMAGE = "docker build ."  # tests/containers does, where there is an engine

COMBINATIONS = [
    ALL,
    BARE,
    combine((), extras=["github_actions"]),
    all_but(database="postgresql"),
    all_but("security", database="mysql"),
]


def steps(workflow: str, key: str) -> list[str]:
    """What the jobs of a workflow run, or use."""
    jobs = yaml.safe_load(workflow)["jobs"].values()
    return [step[key] for job in jobs for step in job["steps"] if key in step]


def ours() -> str:
    """The template's own workflow."""
    return (TEMPLATE / WORKFLOW).read_text("utf-8")


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_files_of_services_are_as_these_want_them(combination: Combination, bake: Bake) -> None:
    path = bake(**combination.answers).path
    run_tool("validate-pyproject", "pyproject.toml", cwd=path)
    schemas = {"dependabot": ".github/dependabot.yml", "github-workflows": WORKFLOW}
    if "docker" in combination.features:
        schemas["compose-spec"] = "compose.yaml"
        run_tool("hadolint", "Dockerfile", cwd=path)
        users = re.findall(r"^USER (\S+)", (path / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        assert users[-1:] not in ([], ["0"], ["root"])
    for schema, file in schemas.items():
        run_tool("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file, cwd=path)
    run_tool("zizmor", "--offline", "--no-progress", "--quiet", ".github", cwd=path)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_containers_publish_the_proxy_and_the_database_only(combination: Combination, bake: Bake) -> None:
    project = bake(**combination.answers)
    if "docker" not in combination.features:
        assert "REDIS_PASSWORD" not in project.read(".env.example")
        return
    compose = yaml.safe_load(project.read("compose.yaml"))
    services = compose["services"]
    published = {name: ports for name, service in services.items() if (ports := service.get("ports"))}
    assert set(published) == {"proxy", "database"} & set(services)
    assert all("127.0.0.1:" in port for ports in published.values() for port in ports)
    assert ("REDIS_PASSWORD=change-me" in project.read(".env.example")) == ("redis" in services)
    if "redis" in services:
        assert "requirepass" in compose["configs"]["redis"]["content"]
        assert "PASSWORD" not in services["redis"]["command"]


def test_a_database_has_the_name_of_the_project_once(bake: Bake) -> None:
    answers = combine((), "postgresql").answers
    content = [
        yaml.safe_load(bake(**answers, project_slug=slug).read("compose.yaml"))["configs"]["database"]["content"]
        for slug in ("app", "my-shop")
    ]
    assert [re.findall('CREATE DATABASE "(.*)"', text) for text in content] == [
        ["app", "app_test"],
        ["app", "my_shop", "my_shop_test"],
    ]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_the_workflow_runs_what_is_tested_here(combination: Combination, bake: Bake) -> None:
    project = bake(**combination.answers)
    image = {IMAGE} if "docker" in combination.features else set()
    assert set(steps(project.read(WORKFLOW), "run")) == {*checks(project), *EXECUTED, AUDIT} | image


def test_a_project_uses_the_actions_of_our_own_workflow(bake: Bake) -> None:
    assert set(steps(bake(**ALL.answers).read(WORKFLOW), "uses")) <= set(steps(ours(), "uses"))


def test_each_test_is_in_one_part_of_our_own_workflow() -> None:
    parts = yaml.safe_load(ours())["jobs"]["test"]["strategy"]["matrix"]["include"]
    named = [file for part in parts for file in part["tests"].split()]
    assert sorted(named) == sorted(str(path.relative_to(TEMPLATE)) for path in TEMPLATE.glob("tests/test_*.py"))


def test_our_own_versions_are_kept_up_to_date() -> None:
    run_tool("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml", cwd=TEMPLATE)
    run_tool("zizmor", "--offline", "--no-progress", "--quiet", ".github/dependabot.yml", cwd=TEMPLATE)


def test_the_first_commit_of_a_project_is_checked_without_a_network(bake: Bake, environment: Environment) -> None:
    need("redis")
    environment.hold_everything()
    project = bake(**ALL.answers)
    environ = environment.environ | {"PRE_COMMIT_HOME": str(project.path / ".cache")}
    for command in EXECUTED:
        said = project.failure(*shlex.split(command), **environ)
        assert not said, said
    offline = environ | {"UV_OFFLINE": "1"}
    assert not project.failure("git", "add", "--all")
    said = project.failure("uv", "run", "pre-commit", "run", "--all-files", **offline)
    assert not said, said
    (project.path / "app" / "bad.py").write_text("import os,sys\n", encoding="utf-8")
    assert not project.failure("git", "add", "--all")
    assert "ruff check" in project.failure("uv", "run", "pre-commit", "run", "--all-files", **offline)
