[% set r = cookiecutter | resource %]
"""The [= r.nouns =] in the admin panel."""

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

LIST = "/admin/[= r.name | lower =]/"


@pytest.fixture
def form(app: Flask) -> dict[str, Any]:
    """Return a form that is valid."""
    with app.app_context():
        return {
            [% for field in r.fields %]
            "[= field.name =]": [= field.fill(field.kind.text) =],
            [% endfor %]
        }


def test_[= r.plural =]_are_listed_and_shown(
    administrator: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    row = make_[= r.singular =]()
    assert f"/edit/?id={row}" in administrator.get(LIST).text
    for page in ("details", "edit"):
        assert administrator.get(f"{LIST}{page}/?id={row}").status_code == 200


def test_[= r.singular =]_can_be_created_and_changed(
    administrator: FlaskClient, form: dict[str, Any]
) -> None:
    assert administrator.get(f"{LIST}new/").status_code == 200
    created = administrator.post(f"{LIST}new/", data=form | {"_continue_editing": "1"})
    assert created.status_code == 302, created.text
    assert administrator.post(created.location, data=form).location == LIST


def test_[= r.plural =]_can_be_exported(
    administrator: FlaskClient, make_[= r.singular =]: Callable[..., int]
) -> None:
    make_[= r.singular =]()
    for kind in ("csv", "xlsx", "json"):
        assert administrator.get(f"{LIST}export/{kind}/").status_code == 200


def test_strangers_are_kept_out(client: FlaskClient) -> None:
    assert client.get(LIST).status_code in {302, 401, 503}
