"""Fixtures that all tests share. Combinations of answers come from cookiecutter.json, by way of foundry.manifest."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from pytest_cookies.plugin import Cookies

from foundry.project import Project


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
