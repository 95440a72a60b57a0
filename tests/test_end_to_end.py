"""A new user's first minutes: the `cookiecutter` command, then the application in production and development."""

import os
import re
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from foundry.manifest import ALL, BARE, FEATURES, TEMPLATE, Combination, combine
from foundry.project import Project, run_tool
from foundry.server import fetch, serve, submit, visitor
from foundry.services import need, redis

TOOLS = Path(sys.executable).parent


def generate(combination: Combination, folder: Path, *, name: str = "My Flask App", **environ: str) -> Project:
    """Run the real command with the real hook, in an empty folder, and set the project up."""
    answers = {name: str(answer).lower() for name, answer in (combination.answers | {"setup": True}).items()}
    answers["project_name"] = name
    said = run_tool(
        *("cookiecutter", str(TEMPLATE), "--no-input", "--default-config", "--output-dir", str(folder)),
        *(f"{name}={answer}" for name, answer in answers.items()),
        cwd=folder,
        accepted=(0,),
        PATH=f"{TOOLS}:{os.environ['PATH']}",
        **environ,
    )
    assert "Still to do" not in said, said
    return Project(next(folder.iterdir()))


# Asks for the help of some commands, all in one process.
HELP = """
from flask.cli import FlaskGroup
from app import create_app
runner = create_app().test_cli_runner()
for command in {commands}:
    done = runner.invoke(FlaskGroup(), [*command.split(), "--help"])
    assert done.exit_code == 0, done.output
"""


def flask_commands(project: Project) -> set[str]:
    """The commands of flask, without their options, that the README tells to run."""
    return set(re.findall(r"^uv run (?:--no-dev )?flask((?: [a-z]\S+)+)", project.read("README.md"), re.MULTILINE))


@pytest.mark.parametrize("combination", [ALL, BARE], ids=str)
def test_one_command_gives_a_running_application(combination: Combination, tmp_path: Path) -> None:
    project = generate(combination, tmp_path)
    with serve(project, "flask", "run", "--port", "{port}") as address:
        for path in [feature["path"] for name, feature in FEATURES.items() if name in combination.features]:
            assert fetch(address + path)[0] in {200, 302}, path
        assert fetch(f"{address}/readyz")[0] == 200
        assert fetch(f"{address}/nothing-here")[0] == 404
        status, home = fetch(f"{address}/")
    assert status == 200
    assert "My Flask App" in home
    said = project.failure(".venv/bin/python", "-c", HELP.format(commands=sorted(flask_commands(project))))
    assert not said, said
    elsewhere = re.findall(r'(?:src|href)="((?:https?:)?//[^"]*)"', home)
    assert all(url.startswith(f"{address}/") for url in elsewhere), elsewhere


@pytest.mark.parametrize("combination", [ALL, BARE], ids=str)
def test_it_runs_in_production(combination: Combination, tmp_path: Path) -> None:
    if combination is ALL:
        need("redis")
    project = generate(combination, tmp_path)
    command = ["gunicorn", "--bind", "127.0.0.1:{port}"]
    environ = {"APP_ENV": "production", "FLASK_DEBUG": "0", "SECRET_KEY": secrets.token_urlsafe(48)}
    with serve(project, *command, **environ) as address:
        assert fetch(f"{address}/")[0] == 200
        assert fetch(f"{address}/readyz")[0] == 200
        assert fetch(f"{address}/dev/mailbox")[0] == 404
        assert "flDebug" not in fetch(f"{address}/")[1]


@pytest.mark.every
def test_attempts_to_log_in_are_counted_across_servers(tmp_path: Path) -> None:
    project = generate(combine(["security"]), tmp_path)
    command = ["flask", "run", "--port", "{port}"]
    attempt = {"email": "ada@example.com", "password": "a wrong password"}
    with redis() as url, ExitStack() as servers:
        sites = [servers.enter_context(serve(project, *command, REDIS_URL=url)) for _ in range(2)]
        statuses = [submit(visitor(), f"{sites[n % 2]}/login", **attempt)[0] for n in range(12)]
    assert statuses == [200] * 10 + [429] * 2


def test_a_project_in_production_refuses_to_start_without_a_secret(tmp_path: Path) -> None:
    project = generate(BARE, tmp_path)
    environ = {"APP_ENV": "production", "FLASK_DEBUG": "0", "SECRET_KEY": "change-me"}
    result = project.run(str(project.path / ".venv/bin/flask"), "routes", **environ)
    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr
