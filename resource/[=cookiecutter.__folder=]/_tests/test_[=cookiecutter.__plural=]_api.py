[% set r = cookiecutter | resource %]
"""The [= r.nouns =] in the API."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rows import make_row
from flask import Flask
from flask.testing import FlaskClient

[% for target in r.targets %]
from app.[= target.package =].models import [= target.name =]
[% endfor %]

LIST = "/api/v1/[= r.slug =]"


@pytest.fixture
def row(app: Flask) -> dict[str, Any]:
    """Return what can be sent."""
    with app.app_context():
        return {
            [% for field in r.fields %]
            "[= field.api_name =]": [= field.fill(field.kind.json) =],
            [% endfor %]
        }


def test_[= r.singular =]_is_created_changed_and_deleted(
    client: FlaskClient, writer: FlaskClient, row: dict[str, Any]
) -> None:
    created = writer.post(LIST, json=row)
    assert created.status_code == 201, created.text
    shown = client.get(created.location)
    found = shown.get_json()
    assert {name: found[name] for name in row} == row
    changed = writer.put(created.location, json=row, headers={"If-Match": shown.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    assert [one["id"] for one in client.get(LIST).get_json()] == [found["id"]]
    assert writer.delete(created.location, headers={"If-Match": "*"}).status_code == 204
    assert client.get(created.location).status_code == 404
[% if r.filters or r.sorts %]


def test_the_list_is_filtered_and_sorted(
    client: FlaskClient, writer: FlaskClient, row: dict[str, Any]
) -> None:
    writer.post(LIST, json=row)
    [% for field in r.fields if field.type not in ("text", "json", "refs") %]
    assert len(client.get(LIST, query_string={"filter[[= field.column =]][eq]": row["[= field.column =]"]}).get_json()) == 1
    [% endfor %]
    for sort in ([% for field in r.sorts %]"[= field.name =]", [% endfor %]"-created_at",):
        assert len(client.get(f"{LIST}?sort={sort}").get_json()) == 1
[% endif %]


def test_the_list_sends_as_many_queries_for_many_[= r.plural =](
    client: FlaskClient, make_[= r.singular =]: Callable[..., int], assert_same_queries: Callable[..., None]
) -> None:
    make_[= r.singular =]()
    assert_same_queries(lambda: client.get(LIST), lambda: [make_[= r.singular =]() for _ in range(9)])
[% for field in r.of("ref") if field.target.has_schema %]


def test_the_[= field.name =]_is_included(client: FlaskClient, writer: FlaskClient, row: dict[str, Any]) -> None:
    writer.post(LIST, json=row)
    [found] = client.get(f"{LIST}?include=[= field.name =]").get_json()
    assert found["[= field.name =]"]["id"] == row["[= field.column =]"]
[% endfor %]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        [% for field in r.fields %]
        [% for value in field.kind.wrong_json %]
        ("[= field.api_name =]", [= field.fill(value) =]),
        [% endfor %]
        [% if field.required and field.type in ("str", "text") %]
        ("[= field.api_name =]", " "),
        [% endif %]
        [% endfor %]
        ("Colour", "red"),
    ],
)
def test_a_wrong_field_is_named(
    name: str, value: object, writer: FlaskClient, row: dict[str, Any]
) -> None:
    answer = writer.post(LIST, json=row | {name: value})
    assert answer.status_code == 422
    assert name in answer.get_json(force=True)["errors"]["json"]
[% if r.required %]


@pytest.mark.parametrize("name", [[% for field in r.required %]"[= field.api_name =]", [% endfor %]])
def test_what_is_missing_is_named(name: str, writer: FlaskClient, row: dict[str, Any]) -> None:
    del row[name]
    answer = writer.post(LIST, json=row)
    assert answer.status_code == 422
    assert name in answer.get_json(force=True)["errors"]["json"]
[% endif %]
[% if r.unique %]


def test_what_only_one_can_have_is_refused_to_another(
    writer: FlaskClient, row: dict[str, Any]
) -> None:
    assert writer.post(LIST, json=row).status_code == 201
    assert writer.post(LIST, json=row).status_code == 409
[% endif %]


def test_strangers_may_not_write(client: FlaskClient, row: dict[str, Any]) -> None:
    assert client.post(LIST, json=row).status_code == 401
