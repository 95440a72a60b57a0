"""Projects are set up and checked as their own README says, each in an environment of exactly what it declares."""

import shlex
from collections.abc import Iterator

import pytest
from conftest import Bake
from foundry.environment import Environment, Installed
from foundry.manifest import ALL, BARE, DATABASES, FEATURES, TOGGLES, Combination, all_but, combine
from foundry.project import checks
from foundry.services import databases

# Where features meet, or one stands in for the other: the likeliest places for a combination to break.
MEETINGS = [
    ["admin", "catalog"],
    ["admin", "catalog", "i18n"],
    ["admin", "catalog", "security"],
    ["admin", "i18n"],
    ["admin", "i18n", "security"],
    ["admin", "security"],
    ["api", "catalog"],
    ["api", "security"],
    ["caching", "catalog"],
    ["caching", "catalog", "i18n"],
    ["catalog", "security"],
    ["debug_toolbar", "security"],
    ["i18n", "security"],
    ["mail", "security"],
    ["mail", "security", "tasks"],
    ["mail", "tasks"],
]
TOOLS = {"djlint", "mypy", "pytest", "ruff"}


def chosen() -> Iterator[Combination]:
    """Everything and nothing on each database, each feature alone, all but one, and the meetings."""
    for engine in DATABASES:
        yield all_but(database=engine)
        yield combine((), engine)
    for name in TOGGLES:
        yield all_but(name)
        yield combine([name])
    yield from map(combine, MEETINGS)
    yield all_but("security", "i18n")


# What is tried each day; `make test-every` tries the others too.
DAILY = {ALL, BARE, combine(["mail"])}
# The longest first, so that all workers are busy until the end.
CHOSEN = [
    pytest.param(combination, marks=[] if combination in DAILY else [pytest.mark.every], id=str(combination))
    for combination in sorted(dict.fromkeys(chosen()), key=lambda combination: -len(combination.features))
]


@pytest.mark.parametrize("combination", CHOSEN)
def test_a_project_sets_itself_up_and_passes_its_own_checks(
    combination: Combination, bake: Bake, environment: Environment, installed: Installed
) -> None:
    on_server = combination.database != DATABASES[0]
    # There, none of the languages is the one that the code is written in.
    project = bake(**combination.answers, **({"languages": "es, pt_BR"} if on_server else {}))
    assert installed.distributions, "uv has seen every distribution once, and needs no network from here on"
    with databases(combination) as variables:
        environ = environment.environ | variables
        fail(project.failure("python3", "bin/setup.py", **environ))
        commands = [shlex.split(command) for command in checks(project)]
        own_checks = {check.split()[0] for name in combination.features for check in FEATURES[name]["checks"]}
        assert {command[2] for command in commands} == TOOLS | own_checks
        # The project's own tests take its migrations down and up on SQLite.
        moves = [["downgrade", "base"], ["upgrade"]] if on_server else []
        commands += [["uv", "run", "flask", "db", *move] for move in [*moves, ["check"]]]
        fail(*(project.failure(*command, UV_OFFLINE="1", **environ) for command in commands))


def fail(*failures: str) -> None:
    """Fail with those that say something."""
    if any(failures):
        pytest.fail("\n".join(filter(None, failures)), pytrace=False)
