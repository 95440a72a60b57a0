"""The cache."""

import logging
import pickle
from collections import OrderedDict, namedtuple
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from threading import Thread
from time import sleep
from unittest.mock import Mock
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from markupsafe import Markup
from sqlalchemy import create_engine, insert, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app import create_app
from app.caching import cache, remember, version
from app.caching.redis import OptionalRedisCache


class Base(DeclarativeBase):
    """Has a table of its own, for the application may have none."""


class Note(Base):
    """Something that is written down."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)


class Bomb:
    """Runs code when somebody reads its pickle."""

    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("A pickle from the cache was read.",)


class Color(IntEnum):
    """Equal to a number, and another type."""

    RED = 1


class Size(StrEnum):
    """Equal to a string, and another type."""

    SMALL = "small"


Point = namedtuple("Point", "x")


class Html:
    """Has HTML, and is no Markup."""

    def __html__(self) -> str:
        return "<b>"


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Return a session with an empty table of notes."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with app.app_context(), Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def lonely(overrides: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return an application whose Redis is down."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    return create_app(overrides)


def test_what_is_kept_is_found_again(app: Flask) -> None:
    with app.app_context():
        assert remember((), "answer", lambda: 42) == 42
        assert remember((), "answer", lambda: 43) == 42
        assert remember((), "another", lambda: None) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        0.1,
        10**30,
        "é\u2028\x00",
        [],
        ["a", [1.5]],
        {"b": {"a": None}, "a": ()},
        {" t": [1]},
        {" m": "<b>"},
        ("slug", "Name", 3),
        (({" di": {}},),),
        b"\x00\xff",
        Markup("<b>&amp;</b>"),
        [Markup("<b>"), "<b>"],
        UUID(int=7),
    ],
    ids=repr,
)
def test_plain_data_comes_back_as_it_was(app: Flask, value: object) -> None:
    with app.app_context():
        cache.set("value", value)
        found = cache.get("value")
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        Decimal("9.90"),
        date(2030, 1, 2),
        datetime(2030, 1, 2, tzinfo=UTC),
        {1, 2},
        {1: "a"},
        OrderedDict(a=1),
        Color.RED,
        Size.SMALL,
        Point(1),
        Html(),
        Note(),
        object,
    ],
    ids=lambda value: type(value).__name__,
)
def test_data_that_would_come_back_otherwise_is_refused_by_each_cache(
    app: Flask, value: object
) -> None:
    caches = (OptionalRedisCache(Mock()), app.extensions["cache"][cache])
    for backend in caches:
        for unsafe in (value, [("nested", {"value": value})]):
            with pytest.raises(TypeError, match="The cache can't hold"):
                backend.set("value", unsafe)
    with app.app_context(), pytest.raises(TypeError, match="The cache can't hold"):
        remember((), "answer", lambda: value)


@pytest.mark.parametrize(
    "planted",
    [
        b"!" + pickle.dumps(Bomb()),
        pickle.dumps(Bomb()),
        b"!" + pickle.dumps(42),
        b"",
        b"\xff",
        b"!",
        b"[" * 100_000,
        b"9" * 5000,
        b'{" t": 5}',
        b'{" di": {}}',
        b'{" u": 5}',
        b'{" b": 5}',
    ],
    ids=lambda planted: repr(planted[:12]),
)
def test_an_entry_that_the_cache_has_not_written_is_not_there(planted: bytes) -> None:
    redis = OptionalRedisCache(Mock(get=lambda _key: planted, mget=lambda _keys: [planted]))
    assert redis.get("planted") is None
    assert redis.get_many("planted") == [None]


def test_a_version_that_can_t_be_read_is_replaced(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        version("notes")
        kept = cache.cache._cache
        for key in kept:
            kept[key] = (0, "!pickle")
        assert version("notes") != version("notes")  # used once
        monkeypatch.setattr("app.caching.answers.token_hex", lambda _length: "new")
        assert version("notes") == version("notes")


def test_redis_is_used_when_it_is_named(app: Flask, lonely: Flask) -> None:
    assert "Local" in app.config["CACHE_TYPE"]
    assert "Redis" in lonely.config["CACHE_TYPE"]


def test_what_somebody_else_has_written_first_stays() -> None:
    cache = OptionalRedisCache(Mock(set=Mock(side_effect=[True, None])))
    assert cache.add("lock", "mine", timeout=5) is True
    assert cache.add("lock", "mine", timeout=5) is False


def test_without_its_redis_the_cache_is_empty(lonely: Flask) -> None:
    with lonely.app_context():
        assert not cache.set("answer", 42)
        cache.set_many({"answer": 42})
        assert cache.get("answer") is None
        assert cache.get_many("answer", "question") == [None, None]
        assert not cache.delete("answer")
        cache.delete_many("answer")
        assert not cache.clear()
        assert remember((), "answer", lambda: 42) == 42
        assert remember((), "answer", lambda: 43) == 43


def test_a_redis_that_is_down_fills_no_log(
    lonely: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.caching.redis.PAUSE", 0)
    with lonely.app_context(), caplog.at_level(logging.WARNING):
        for key in "abc":
            cache.get(key)
    assert len(caplog.records) == 1
    assert "The cache can't be reached" in caplog.text


def test_a_redis_that_is_down_is_left_alone_for_a_while(
    lonely: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lonely.app_context():
        cache.get("a")
        backend = cache.cache
        assert isinstance(backend, OptionalRedisCache)
        monkeypatch.setattr(backend, "_read_client", None)  # asking it would fail
        assert cache.get("a") is None


@pytest.mark.parametrize(
    ("database", "status", "code"), [("ok", "degraded", 200), ("unreachable", "unavailable", 503)]
)
def test_readiness_names_a_cache_that_is_down(
    database: str, status: str, code: int, lonely: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.health.database_state", lambda: database)
    response = lonely.test_client().get("/readyz")
    said = {"status": status, "database": database, "cache": "unreachable"}
    assert response.json == (response.json or {}) | said
    assert response.status_code == code


def test_the_cache_can_be_emptied(app: Flask, runner: FlaskCliRunner) -> None:
    with app.app_context():
        remember((), "answer", lambda: 42)
        assert runner.invoke(args=["cache", "clear"]).exit_code == 0
        assert remember((), "answer", lambda: 43) == 43


def test_a_cache_that_is_down_can_t_be_emptied(lonely: Flask) -> None:
    result = lonely.test_cli_runner().invoke(args=["cache", "clear"])
    assert result.exit_code == 1
    assert "can't be reached" in result.output


def test_many_who_ask_at_once_compute_once(app: Flask) -> None:
    computed, answers = [], []

    def compute() -> int:
        computed.append(1)
        sleep(0.2)
        return 42

    def ask() -> None:
        with app.app_context():
            answers.append(remember((), "slow", compute))

    threads = [Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(computed) == 1
    assert answers == [42] * 10


def test_others_go_on_when_a_computation_fails(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            remember((), "answer", lambda: 1 // 0)
        assert remember((), "answer", lambda: 42) == 42


def test_others_go_on_when_who_computes_has_died(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.caching.answers.PATIENCE", 1)

    def die() -> None:
        raise SystemExit

    with app.app_context():
        # Whoever dies by force leaves the lock behind.
        monkeypatch.setattr(cache, "delete", lambda _key: None)
        with pytest.raises(SystemExit):
            remember((), "answer", die)
        assert remember((), "answer", lambda: 42) == 42


def test_answers_are_forgotten_once_a_change_is_committed(session: Session) -> None:
    before = version("notes")
    session.add(Note())
    session.flush()
    with session.begin_nested():
        session.add(Note())
    assert version("notes") == before
    session.commit()
    assert version("notes") != before


def test_a_statement_that_changes_many_rows_is_noticed(session: Session) -> None:
    before = version("notes")
    session.execute(insert(Note).values(id=1))
    session.commit()
    assert version("notes") != before


def test_other_tables_keep_their_answers(session: Session) -> None:
    before = version("others")
    session.add(Note())
    session.commit()
    assert version("others") == before


def test_who_began_before_a_change_leaves_no_old_answer(session: Session) -> None:
    def count() -> int:
        return len(session.execute(text("SELECT id FROM notes")).all())

    def count_slowly() -> int:
        counted = count()
        session.add(Note())
        session.commit()  # as another process may do meanwhile
        return counted

    assert remember((Note,), "count", count_slowly) == 0
    assert remember((Note,), "count", count) == 1


def test_what_changes_while_the_cache_is_down_is_forgotten_later(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version("notes")
    with monkeypatch.context() as down:
        down.setattr(cache, "set", lambda *_args: False)
        session.add(Note())
        session.commit()
        assert version("notes") != version("notes")  # used by nobody else
    after = version("notes")
    assert after != before
    assert version("notes") == after


def test_nothing_from_before_a_break_is_trusted_after_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version("notes")
    with monkeypatch.context() as down:
        down.setattr(cache, "get_many", lambda *names: [None] * len(names))
        assert version("notes") != version("notes")  # while others may change what they like
    after = version("notes")
    assert after != before
    assert version("notes") == after


def test_another_release_reads_nothing_of_this_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        assert remember((), "answer", lambda: 42) == 42
        monkeypatch.setattr("app.caching.answers.release", lambda: "2.0")
        assert remember((), "answer", lambda: 43) == 43
