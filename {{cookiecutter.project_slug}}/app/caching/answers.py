"""Answers of slow queries, kept until the tables change that they are made from.

Each table has a generation: a random word in the cache that is part of the names of the answers.
Once a change is committed, the table gets a new one, and all processes ask for other names; so
does who began to compute before the change, and can't keep an old answer under a new name. What
is changed past the ORM, by ``text("UPDATE …")``, a trigger or a cascade of the database, is not
noticed, and seen when the answers expire.
"""

import functools
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from time import sleep
from typing import TypeVar, cast

from flask_caching import Cache
from sqlalchemy import UpdateBase, event, inspect
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session

from ..database import db

MONTH = 30 * 24 * 60 * 60  # seconds, as all of these
PATIENCE = 10  # how long the others wait for who computes an answer, and may have died
PAUSE = 0.05
CHANGED = "changed_tables"
EVERYTHING = "*"  # in the place of a table
SOURCES = {".html", ".mo", ".py"}

Answer = TypeVar("Answer")

cache = Cache()
# Tables that have changed, or may have, while the cache could not be reached.
unsent: set[str] = set()


def remember(
    models: Iterable[type[DeclarativeBase]],
    key: object,
    compute: Callable[[], Answer],
    seconds: int = 300,
) -> Answer:
    """Return the answer from the cache, or compute it, while others who want it wait.

    :param models: what the answer is made from; it is forgotten when one of their tables changes
    :param key: what else decides the answer, where it matters the language and the permission
    :raises TypeError: the answer is no plain data, see ``Serializer``
    """
    tables = (model.__tablename__ for model in models)
    name = sha256(repr((key, version(*tables))).encode()).hexdigest()
    kept: tuple[Answer] | None = cache.get(name)
    while not kept:
        if cache.add(f"{name}:lock", True, PATIENCE):
            try:
                kept = cache.get(name) or (compute(),)
                cache.set(name, kept, seconds)
            finally:
                cache.delete(f"{name}:lock")
        else:
            sleep(PAUSE)
            kept = cache.get(name)
    return kept[0]


def version(*tables: str) -> str:
    """Return a word that is another one after each change of the tables, and in each release.

    It is used once when it can't be known, or when the visitor is to see what is not committed.
    """
    names = [f"generation:{table}" for table in (EVERYTHING, *tables)]
    forget(unsent.copy())
    found = cache.get_many(*names)
    if None in found:
        for name in names:
            cache.add(name, token_hex(8), MONTH)
        found = cache.get_many(*names)
    if None in found:
        unsent.update((EVERYTHING, *tables))
    session = db.session
    changes = (unsent, session.info.get(CHANGED), session.new, session.dirty, session.deleted)
    if any(changes):
        return token_hex(8)
    return "-".join((release(), *found))


@functools.cache
def release() -> str:
    """Return a word for this code and its templates, as no release can read another's answers."""
    paths = Path(__file__).parent.parent.rglob("*")
    sources = sorted(path for path in paths if path.suffix in SOURCES)
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def forget(tables: Iterable[str]) -> None:
    """Give the tables new generations, now or when the cache can be reached again."""
    for table in tables:
        if cache.set(f"generation:{table}", token_hex(8), MONTH):
            unsent.discard(table)
        else:
            unsent.add(table)


@event.listens_for(Session, "after_flush")
def note_rows(session: Session, _context: object) -> None:
    """Remember which tables this transaction changes."""
    rows = (*session.new, *session.dirty, *session.deleted)
    tables = {table.name for row in rows for table in inspect(row).mapper.tables}
    session.info.setdefault(CHANGED, set()).update(tables)


@event.listens_for(Session, "do_orm_execute")
def note_statement(state: ORMExecuteState) -> None:
    """Remember the table of a statement that changes many rows."""
    if state.is_insert or state.is_update or state.is_delete:
        table = cast("UpdateBase", state.statement).entity_description["table"]
        state.session.info.setdefault(CHANGED, set()).add(table.name)


@event.listens_for(Session, "after_commit")
def forget_changes(session: Session) -> None:
    """Forget the answers once other processes can see the changes, and not at a savepoint."""
    if not session.in_nested_transaction():
        forget(session.info.pop(CHANGED, ()))
