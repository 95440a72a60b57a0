[% set r = cookiecutter | resource %]
"""The pages of the [= r.nouns =]."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rows import make_row
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

[% for target in r.targets %]
from app.[= target.package =].models import [= target.name =]
[% endfor %]
from app.database import db
from app.[= r.plural =].models import [= r.name =][% for field in r.of("enum") %], [= field.enum =][% endfor +%]

LIST = "/[= r.slug =]/"


@pytest.fixture
def form(app: Flask) -> dict[str, Any]:
    """Return a form that is valid."""
    with app.app_context():
        return {
            [% for field in r.fields %]
            "[= field.column =]": [= field.fill(field.kind.text) =],
            [% endfor %]
        }


def ids(page: str) -> list[int]:
    """Return which [= r.nouns =] a list holds."""
    return [int(found) for found in re.findall(rf'<a href="{LIST}(\d+)">', page)]


def test_the_list_leads_to_each_of_the_[= r.plural =](
    client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    both = {make_[= r.singular =](), make_[= r.singular =]()}
    page = client.get(LIST).text
    assert set(ids(page)) == both
    for found in both:
        shown = client.get(f"{LIST}{found}")
        assert shown.status_code == 200
        [% if r.of("text") %]
        assert "&lt;b&gt;" in shown.text
        [% endif %]


[% for target, count in r.leads %]
def test_[= r.singular =]_leads_to_what_is_a_[= target.singular =](
    app: Flask, client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    page = client.get(f"{LIST}{make_[= r.singular =]()}").text
    with app.test_request_context():
        rows = db.session.scalars(select([= target.name =].id)).all()
        links = [url_for("[= target.singular =]_pages.show", [= target.singular =]_id=row) for row in rows]
    assert sum(f'href="{link}"' in page for link in links) == [= count =]


[% endfor %]
def test_what_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert "Nothing fits." in client.get(LIST).text
    for path in ("1", "0", "0/edit", "lost", "9" * 25):
        assert client.get(LIST + path).status_code == 404
[% if r.searched %]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        [% for field in r.sought %]
        ("[= field.name =]", "[= "qzxjw@example.com" if field.type == "email" else "qzxjw"[: field.length or 5] =]"),
        [% endfor %]
    ],
)
def test_the_list_can_be_searched(
    column: str, text: str, client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    make_[= r.singular =]()
    sought = make_[= r.singular =](**{column: text})
    assert ids(client.get(f"{LIST}?q={text[:5].upper()}").text) == [sought]
    assert ids(client.get(f"{LIST}?q=%25").text) == []
[% endif %]
[% for field in r.filters %]


[% if field.type == "enum" %]
def test_the_list_can_be_filtered_by_[= field.name =](
    client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    found = {value: make_[= r.singular =]([= field.name =]=value) for value in [= field.enum =]}
    for value, row in found.items():
        assert ids(client.get(f"{LIST}?[= field.name =]={value}").text) == [row]
    assert len(ids(client.get(f"{LIST}?[= field.name =]=-").text)) == min(len(found), 20)
[% elif field.type == "bool" %]
def test_the_list_can_be_filtered_by_[= field.name =](
    client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    for value in (True, False):
        row = make_[= r.singular =]([= field.name =]=value)
        assert ids(client.get(f"{LIST}?[= field.name =]={int(value)}").text) == [row]
    assert len(ids(client.get(f"{LIST}?[= field.name =]=lost").text)) == 2
[% else %]
def test_the_list_can_be_filtered_by_[= field.name =](
    app: Flask, client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    make_[= r.singular =]()
    with app.app_context():
        chosen = make_row([= field.target.name =]).id
    row = make_[= r.singular =]([= field.column =]=chosen)
    assert ids(client.get(f"{LIST}?[= field.column =]={chosen}").text) == [row]
[% endif %]
[% endfor %]


@pytest.mark.parametrize(
    ("key", "column"),
    [[% for field in r.sorts %]("[= field.name =]", "[= field.name =]"), [% endfor %]("created", "created_at")],
)
def test_the_list_can_be_sorted_both_ways(
    key: str, column: str, app: Flask, client: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    days = [dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3)]
    rows = [make_[= r.singular =](created_at=day) for day in days]
    # In this column alone they fall, while they rise in all others.
    with app.app_context():
        values = [getattr(db.session.get_one([= r.name =], row), column) for row in rows]
        db.session.execute(delete([= r.name =]))
        db.session.commit()
    falling = zip(days, values[::-1], strict=True)
    rows = [make_[= r.singular =](**({"created_at": day} | {column: value})) for day, value in falling]
    assert ids(client.get(f"{LIST}?sort={key}").text) == rows[::-1]
    assert ids(client.get(f"{LIST}?sort=-{key}").text) == rows


def test_the_list_sends_as_many_queries_for_many_[= r.plural =](
    client: FlaskClient, make_[= r.singular =]: Callable[..., int], assert_same_queries: Callable[..., None]
) -> None:
    make_[= r.singular =]()
    assert_same_queries(lambda: client.get(LIST), lambda: [make_[= r.singular =]() for _ in range(9)])


def test_[= r.singular =]_can_be_created(editor: FlaskClient, form: dict[str, Any]) -> None:
    assert editor.get(f"{LIST}new").status_code == 200
    page = editor.post(f"{LIST}new", data=form, follow_redirects=True).text
    assert "Saved" in page
    assert len(ids(editor.get(LIST).text)) == 1


def test_[= r.singular =]_can_be_changed(
    editor: FlaskClient, form: dict[str, Any], make_[= r.singular =]: Callable[..., int]
) -> None:
    row = f"{LIST}{make_[= r.singular =]()}"
    assert editor.get(f"{row}/edit").status_code == 200
    assert editor.post(f"{row}/edit", data=form).location == row
    # As it is now, it can be saved again.
    assert editor.post(f"{row}/edit", data=form).location == row
    assert editor.get(row).status_code == 200
[% if r.of_optional %]


def test_[= r.singular =]_can_be_without_what_is_optional(
    client: FlaskClient, editor: FlaskClient, form: dict[str, Any]
) -> None:
    optional = [[% for field in r.of_optional %]"[= field.column =]", [% endfor %]]
    saved = editor.post(f"{LIST}new", data=form | dict.fromkeys(optional, ""))
    assert client.get(saved.location).status_code == 200
    assert client.get(LIST).status_code == 200
[% endif %]
[% if r.wrong %]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        [% for field in r.wrong %]
        [% for value in field.kind.wrong %]
        ("[= field.column =]", [= field.fill(value) =]),
        [% endfor %]
        [% endfor %]
        [% for field in r.fields if field.required and field.type != "refs" %]
        ("[= field.column =]", ""),
        [% endfor %]
    ],
)
def test_a_wrong_field_is_explained_at_the_field(
    name: str, value: str, editor: FlaskClient, form: dict[str, Any]
) -> None:
    page = editor.post(f"{LIST}new", data=form | {name: value})
    assert page.status_code == 200
    assert "invalid-feedback" in page.text
    assert ids(editor.get(LIST).text) == []
[% endif %]
[% if r.unique %]


def test_what_only_one_can_have_is_refused_to_another(
    editor: FlaskClient, form: dict[str, Any]
) -> None:
    editor.post(f"{LIST}new", data=form)
    page = editor.post(f"{LIST}new", data=form).text
    assert page.count("This is taken already.") == [= r.unique | length =]


@pytest.mark.parametrize("column", [[% for field in r.unique %]"[= field.column =]", [% endfor %]])
def test_what_only_one_can_have_is_known_to_the_database(
    column: str, app: Flask, make_[= r.singular =]: Callable[..., int]
) -> None:
    with app.app_context():
        value = getattr(db.session.get_one([= r.name =], make_[= r.singular =]()), column)
        with pytest.raises(IntegrityError):
            make_[= r.singular =](**{column: value})
[% endif %]


[% for field in r.of("ref") if field.target.is_person %]
def test_[= r.singular =]_[= "stays_without" if field.optional else "goes_with" =]_its_[= field.name =](
    app: Flask, make_[= r.singular =]: Callable[..., int]
) -> None:
    key = make_[= r.singular =]()
    with app.app_context():
        db.session.delete(db.session.get_one([= r.name =], key).[= field.name =])
        db.session.commit()
        [% if field.optional %]
        assert db.session.get_one([= r.name =], key).[= field.name =] is None
        [% else %]
        assert db.session.get([= r.name =], key) is None
        [% endif %]


[% endfor %]
[% for field in r.fields if field.is_hidden %]
def test_the_[= field.name =]_is_shown_to_editors_only(
    [% if field.target.is_person %]app: Flask, [% endif %]client: FlaskClient, editor: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    [% if field.target.is_person %]
    key = make_[= r.singular =]()
    with app.app_context():
        person = make_row([= field.target.name =], email="for-editors-only@example.com")
        db.session.get_one([= r.name =], key).[= field.name =] = [% if field.type == "ref" %]person[% else %][person][% endif +%]
        db.session.commit()
    row = f"{LIST}{key}"
    assert "for-editors-only" in editor.get(row).text
    for page in (client.get(row), client.get(LIST)):
        assert "for-editors-only" not in page.text
    [% else %]
    row = f"{LIST}{make_[= r.singular =]()}"
    assert ">[= field.label =]</dt>" in editor.get(row).text
    assert ">[= field.label =]</dt>" not in client.get(row).text
    [% endif %]


[% endfor %]
def test_deleting_asks_first(editor: FlaskClient, make_[= r.singular =]: Callable[..., int]) -> None:
    row = f"{LIST}{make_[= r.singular =]()}"
    assert "for good?" in editor.get(f"{row}/delete").text
    assert editor.get(row).status_code == 200
    assert editor.post(f"{row}/delete").location == LIST
    assert editor.get(row).status_code == 404


@pytest.mark.parametrize("action", ["new", "edit", "delete"])
def test_no_form_takes_json(
    action: str, editor: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    row = f"{LIST}{make_[= r.singular =]()}"
    path = f"{LIST}new" if action == "new" else f"{row}/{action}"
    assert editor.post(path, json={}).status_code == 415
    assert editor.get(row).status_code == 200


[% if "security" in r.features %]
@pytest.mark.parametrize("action", ["new", "edit", "delete"])
def test_strangers_are_asked_to_log_in_and_users_are_refused(
    action: str,
    client: FlaskClient,
    login: Callable[[], FlaskClient],
    make_[= r.singular =]: Callable[..., int],
) -> None:
    row = f"{LIST}{make_[= r.singular =]()}"
    path = f"{LIST}new" if action == "new" else f"{row}/{action}"
    for page in (LIST, row):
        assert path not in client.get(page).text
    assert client.post(path).location.startswith("/login?next=")
    assert client.get(path).location == f"/login?next={path}"
    user = login()
    assert [user.get(path).status_code, user.post(path).status_code] == [403, 403]
    assert client.get(row).status_code == 200
[% else %]
@pytest.mark.parametrize("action", ["new", "edit", "delete"])
def test_without_accounts_nobody_may_change_anything_in_production(
    action: str,
    app: Flask,
    client: FlaskClient,
    make_[= r.singular =]: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    row = f"{LIST}{make_[= r.singular =]()}"
    path = f"{LIST}new" if action == "new" else f"{row}/{action}"
    for page in (LIST, row):
        assert path not in client.get(page).text
    assert [client.get(path).status_code, client.post(path).status_code] == [403, 403]
    assert client.get(row).status_code == 200
[% endif %]
