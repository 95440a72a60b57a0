"""What the tests share that watch the SQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Engine, event


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Return the list of the SQL that is sent to the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        # The tests themselves set savepoints, to take back what a test wrote, and SQLite locks then.
        if "SAVEPOINT" not in statement and not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def assert_queries(statements: list[str]) -> Callable[[int], AbstractContextManager[None]]:
    """Return a function for ``with``: the block has to send this many statements."""

    @contextmanager
    def check(number: int) -> Iterator[None]:
        statements.clear()
        yield
        if len(statements) != number:
            listed = "\n\n".join(statements)
            pytest.fail(f"{len(statements)} statements instead of {number}:\n\n{listed}")

    return check


@pytest.fixture
def assert_same_queries(
    statements: list[str], assert_queries: Callable[[int], AbstractContextManager[None]]
) -> Callable[[Callable[[], object], Callable[[], object]], None]:
    """Return a function: the first has to send as many statements after the second as before."""

    def check(ask: Callable[[], object], grow: Callable[[], object]) -> None:
        statements.clear()
        ask()
        number = len(statements)
        grow()
        with assert_queries(number):
            ask()

    return check
