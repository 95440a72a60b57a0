"""Fixtures that all tests share. Combinations of answers come from cookiecutter.json, by way of foundry.manifest."""

import os
from typing import Any, Protocol

import pytest
from foundry.environment import Environment, Installed
from foundry.manifest import TEMPLATE
from foundry.project import Project
from pytest_cookies.plugin import Cookies
from xdist.scheduler import LoadScopeScheduling

# Files whose tests share a costly fixture when they have the same parameters.
TOGETHER = ("tests/test_browser.py", "tests/test_mail_server.py", "tests/test_static.py")


class Scheduling(LoadScopeScheduling):
    """Hands each test to the worker that is free, but tests that share a costly fixture to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        return f"{file}[{name.partition('[')[2]}" if file in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Replace `--dist=loadgroup`, which does not see its groups under pytest 9.2."""
    return Scheduling(config, log)


class Bake(Protocol):
    """Renders a project with these answers."""

    def __call__(self, **answers: Any) -> Project:
        """Answer the prompts; what is not given has its default, but nothing is set up."""


@pytest.fixture
def bake(cookies: Cookies, capfd: pytest.CaptureFixture[str]) -> Bake:
    """Render with Cookiecutter itself, as a user would, and make sure that it went well."""

    def bake(**answers: Any) -> Project:
        result = cookies.bake(extra_context={"setup": False} | answers)
        assert result.exit_code == 0, f"{result.exception}\n{capfd.readouterr().err}"
        return Project(result.project_path)

    return bake


@pytest.fixture(scope="session")
def environment() -> Environment:
    """This worker's environment; it is kept, so that the next run finds most of it in place."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    return Environment(TEMPLATE / ".cache" / "environments" / worker)


@pytest.fixture(scope="session")
def installed(environment: Environment) -> Installed:
    """What there is when all that any project declares is installed; uv's cache is warm from then on."""
    environment.hold_everything()
    return environment.look()
