"""Changing rows: who may, and what becomes of the rows."""

{% if cookiecutter.security %}
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, get_flashed_messages
from flask_wtf import FlaskForm
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug import Response
{% else %}
from collections.abc import Iterator

import pytest
from flask import Flask, get_flashed_messages
from flask_wtf import FlaskForm
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug import Response
from werkzeug.exceptions import Forbidden
{% endif %}
from wtforms import StringField

from app.database import Model, db
from app.editing import delete, editors_only, may_edit, save


class Kite(Model):
    """A row to be changed."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))

    def __str__(self) -> str:
        return self.name


class Tail(Model):
    """A row that belongs to another one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    kite_id: Mapped[int] = mapped_column(ForeignKey("kite.id"))


class KiteForm(FlaskForm):
    """A row, new or changed."""

    name = StringField()


@pytest.fixture
def kite(app: Flask) -> Iterator[Kite]:
    """Write a row."""
    with app.app_context():
        row = Kite(name="Red")
        db.session.add(row)
        db.session.commit()
        yield row


def test_what_a_form_has_is_saved(app: Flask, kite: Kite) -> None:
    with app.test_request_context(method="POST", data={"name": "Blue"}):
        save(KiteForm(), kite)
        assert get_flashed_messages() == ["Saved “Blue”."]
        assert db.session.scalars(select(Kite.name)).all() == ["Blue"]


def test_deleting_asks_first(app: Flask, kite: Kite) -> None:
    with app.test_request_context():
        assert "Delete “Red” for good?" in str(delete(kite, "/back"))
    with app.test_request_context(method="POST"):
        answer = delete(kite, "/back")
        assert isinstance(answer, Response)
        assert answer.location == "/back"
        assert get_flashed_messages() == ["Deleted “Red”."]
        assert db.session.scalar(select(Kite)) is None


def test_what_others_belong_to_is_kept(app: Flask, kite: Kite) -> None:
    db.session.add(Tail(kite_id=kite.id))
    db.session.commit()
    with app.test_request_context(method="POST"):
        delete(kite, "/back")
        assert get_flashed_messages() == ["“Red” is in use."]
        assert db.session.scalar(select(Kite)) is not None


@editors_only
def view() -> str:
    """Do what editors may."""
    return f"may edit: {may_edit()}"


{% if cookiecutter.security %}
@pytest.mark.parametrize(("role", "status"), [("", 403), ("editor", 200)])
def test_users_may_edit_by_their_role(
    role: str,
    status: int,
    make_app: Callable[[], Flask],
    register: Callable[..., str],
    password: str,
) -> None:
    app = make_app()
    app.add_url_rule("/view", "view", view)
    client = app.test_client()
    assert client.get("/view").location == "/login?next=/view"
    email = register(app, *filter(None, [role]))
    client.post("/login", data={"email": email, "password": password})
    answer = client.get("/view")
    assert answer.status_code == status
    assert ("may edit: True" in answer.text) == bool(role)
{% else %}
def test_nobody_may_edit_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.test_request_context():
        assert view() == "may edit: True"
        monkeypatch.setitem(app.config, "APP_ENV", "production")
        assert not may_edit()
        with pytest.raises(Forbidden):
            view()
{% endif %}
