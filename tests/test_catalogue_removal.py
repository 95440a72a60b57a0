"""The sample catalogue is removed by the words of the project's README, and nothing misses it."""

import re

import pytest
from conftest import Bake
from foundry.environment import Environment, Installed
from foundry.manifest import combine
from foundry.project import Project, checks
from foundry.services import need

# Wherever the catalogue shows itself.
FACES = combine(["admin", "api", "caching", "catalog"])
SENTENCE = re.compile(r"To remove it, run:\n\n```sh\n(.+?)```", re.DOTALL)


def remove(project: Project, **environ: str) -> None:
    """Do what the README says."""
    found = SENTENCE.search(project.read("README.md"))
    assert found
    failure = project.failure("bash", "-ec", found[1], **environ)
    assert not failure, failure


@pytest.mark.every
def test_the_catalogue_can_be_removed(bake: Bake, environment: Environment, installed: Installed) -> None:
    assert installed.distributions
    need("redis")
    project = bake(**FACES.answers)
    environ = environment.environ
    for command in ("python3 bin/setup.py", "uv run flask seed"):
        failure = project.failure("bash", "-ec", command, **environ)
        assert not failure, failure
    remove(project, **environ)
    failures = [project.failure("bash", "-ec", command, **environ) for command in checks(project)]
    assert not any(failures), "\n".join(failures)
    assert not project.failure("uv", "run", "flask", "db", "check", **environ)
    tables = "from app import create_app; from app.database import db; from sqlalchemy import inspect\n"
    tables += "with create_app().app_context(): print(*inspect(db.engine).get_table_names())"
    assert "products" not in project.run("uv", "run", "python", "-c", tables, **environ).stdout
    home = "from app import create_app; print(create_app().test_client().get('/').text)"
    shown = project.run("uv", "run", "python", "-c", home, **environ).stdout
    assert "REST API" in shown
    assert "Catalogue" not in shown
