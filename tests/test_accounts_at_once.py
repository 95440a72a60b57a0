"""Requests that arrive at the same time use no link and no code of an account twice, on real databases."""

from pathlib import Path

import pytest
from foundry.manifest import combine
from foundry.services import database
from test_end_to_end import generate

AT_ONCE = Path(__file__).parent / "inside" / "at_once.py"


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_link_or_code_is_accepted_once_however_many_bring_it_at_once(engine: str, tmp_path: Path) -> None:
    features = combine(["security", "mail", "api"], database=engine)
    with database(engine) as own, database(engine) as tests:
        project = generate(features, tmp_path, DATABASE_URL=own)
        python = str(project.path / ".venv/bin/python")
        assert not project.failure(python, "-W", "ignore", str(AT_ONCE), TEST_DATABASE_URL=tests)
