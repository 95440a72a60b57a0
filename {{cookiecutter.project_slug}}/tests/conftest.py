"""What the tests share: the application, a client, and a database that forgets each test."""

import os
from collections import abc
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
{% if cookiecutter.security %}
from flask_security import hash_password, naive_utcnow
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import ORMExecuteState

from app import create_app
from app.database import db
from app.security.roles import find_user, role, store
{% else %}
from sqlalchemy import Connection, Engine, event

from app import create_app
from app.database import db
{% endif %}

# What the tests of one part share stands in a file of its own, by its name.
pytest_plugins = sorted(path.stem for path in Path(__file__).parent.glob("fixtures_*.py"))

# The tests see none of the developer's own settings.
for line in (Path(__file__).parent.parent / ".env.example").read_text("utf-8").splitlines():
    os.environ.pop(line.partition("=")[0], None)
os.environ["APP_ENV"] = "testing"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "sqlite://")
os.environ["SECRET_KEY"] = "only-for-the-tests-" * 2

SETTINGS: dict[str, Any] = {"WTF_CSRF_ENABLED": False}


@pytest.fixture(scope="session")
def overrides() -> dict[str, Any]:
    """Return the settings of the tests."""
    return SETTINGS


@pytest.fixture(scope="session")
def app(overrides: dict[str, Any]) -> abc.Iterator[Flask]:
    """Return the application, with all tables in its database."""
    app = create_app(overrides)
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with app.app_context():
        db.drop_all()
        db.create_all()
    yield app
    with app.app_context():
        db.drop_all()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def transaction(app: Flask) -> abc.Iterator[None]:
    """Take back, after each test, whatever it wrote."""
    with app.app_context():
        engines = cast("dict[str | None, Any]", db.engines)
    engine = engines[None]
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection
        yield
        transaction.rollback()
    engines[None] = engine


@pytest.fixture(autouse=True)
def close_connections(app: Flask) -> abc.Iterator[None]:
    """Close the database connections of other applications that the test made."""
    engines: set[Engine] = set()

    def note(connection: Connection) -> None:
        engines.add(connection.engine)

    event.listen(Engine, "engine_connect", note)
    yield
    event.remove(Engine, "engine_connect", note)
    with app.app_context():
        engines.discard(db.engine.engine)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def context(app: Flask) -> abc.Iterator[None]:
    """Let the test use the database itself."""
    with app.app_context():
        yield


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without cookies."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Return what runs ``flask`` commands."""
    return app.test_cli_runner()


@pytest.fixture
def debug_app(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return the application in debug mode."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    return create_app(SETTINGS)


{% if cookiecutter.security %}
os.environ["TOTP_SECRET"] = "only-for-the-tests-" * 2
# The real cost of a hash would be most of the tests' time.
SETTINGS["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
    "argon2__time_cost": 1,
    "argon2__memory_cost": 8,
    "argon2__parallelism": 1,
}


@pytest.fixture
def make_app() -> abc.Callable[..., Flask]:
    """Return a function that builds another application, with an empty database in memory."""

    def make(**settings: object) -> Flask:
        app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"} | settings)
        with app.app_context():
            db.create_all()
        return app

    return make


@pytest.fixture
def locked() -> abc.Iterator[list[str]]:
    """Return the tables whose rows are locked, in the order of the statements."""
    tables: list[str] = []

    def note(state: ORMExecuteState) -> None:
        if getattr(state.statement, "_for_update_arg", None) is not None:
            tables.extend(mapper.class_.__tablename__ for mapper in state.all_mappers)

    event.listen(db.session, "do_orm_execute", note)
    yield tables
    event.remove(db.session, "do_orm_execute", note)


@pytest.fixture
def password() -> str:
    """Return the password of every user in the tests."""
    return "a long enough password"


@pytest.fixture
def register(password: str) -> abc.Callable[..., str]:
    """Return a function that gives an application a user with these roles, unless there is one."""

    def create_user(app: Flask, *roles: str) -> str:
        email = f"{'-'.join(roles) or 'plain'}@example.com"
        with app.app_context():
            if find_user(email):
                return email
            store().create_user(
                email=email,
                password=hash_password(password),
                roles=[role(name) for name in roles],
                confirmed_at=naive_utcnow(),
            )
            db.session.commit()
        return email

    return create_user


@pytest.fixture
def login(
    app: Flask, password: str, register: abc.Callable[..., str]
) -> abc.Callable[..., FlaskClient]:
    """Return a function that creates a user with these roles, and logs in as them."""

    def log_in(*roles: str) -> FlaskClient:
        email = register(app, *roles)
        client = app.test_client()
        response = client.post("/login", data={"email": email, "password": password})
        assert response.status_code == 302, response.text
        return client

    return log_in


@pytest.fixture
def editor(login: abc.Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of somebody who may change the content."""
    return login("editor")
{% else %}
@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """Return the browser of somebody who may change the content."""
    return client
{% endif %}
