"""The API keeps what its document promises, whatever schemathesis sends it, on every database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from foundry.manifest import DATABASES, TEMPLATE, combine
from foundry.project import Project, run_tool
from foundry.server import serve
from foundry.services import database
from test_end_to_end import generate

OWN = TEMPLATE / "tests" / "foundry"
SETTINGS = OWN / "schemathesis.toml"
TOKEN = "only-for-the-tests-" * 2
LIMIT = "1000000 per minute"
BRIEFLY = ["--phases", "fuzzing,stateful"]  # without a round of all that lies on the edge


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.every) for name in DATABASES])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Project, str]]:
    """A project with accounts, and its database."""
    with ExitStack() as stack:
        url = stack.enter_context(database(request.param))
        yield generate(combine(["api", "catalog", "security"], request.param), tmp_path, DATABASE_URL=url), url


def keeps_its_promises(project: Project, *options: str, **environ: str) -> None:
    """Serve the project, and fail with what schemathesis finds."""
    # Not Gunicorn, which itself refuses the longest of addresses.
    server = ["flask", "run", "--port", "{port}"]
    with serve(project, *server, FLASK_DEBUG="0", API_LIMIT=LIMIT, **environ) as address:
        document = f"{address}/api/v1/openapi.json"
        command = ["schemathesis", "--config-file", str(SETTINGS), "run", document, *options]
        run_tool(*command, cwd=project.path, SCHEMATHESIS_HOOKS=str(OWN / "api_hooks.py"))


def editor(project: Project, **environ: str) -> list[str]:
    """Return the options by which schemathesis is an editor."""
    flask = str(project.path / ".venv/bin/flask")
    made = project.run(flask, "create-token", "admin@example.com", "--days", "1", **environ)
    return ["--header", f"Authentication-Token: {made.stdout.strip()}"]


def test_the_api_keeps_its_promises_to_strangers_and_to_editors(stored: tuple[Project, str]) -> None:
    project, url = stored
    keeps_its_promises(project, *BRIEFLY, DATABASE_URL=url)
    keeps_its_promises(project, *editor(project, DATABASE_URL=url), DATABASE_URL=url)


@pytest.mark.every
def test_without_accounts_the_api_keeps_its_promises_to_who_has_the_token(tmp_path: Path) -> None:
    project = generate(combine(["api", "catalog"]), tmp_path)
    keeps_its_promises(project, *BRIEFLY, "--header", f"Authorization: Bearer {TOKEN}", API_TOKEN=TOKEN)
