"""What a resource of the API can do, tried on models of its own."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import fields, validate
from sqlalchemy import JSON, Column, ForeignKey, Numeric, String, Table
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import Mapped, mapped_column, relationship
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from app import create_app
from app.api import lists
from app.api.resource import Resource
from app.api.schema import (
    NOT_BLANK,
    Amount,
    Boolean,
    Integer,
    Json,
    Moment,
    Money,
    Rows,
    Schema,
    Text,
    Time,
    Url,
)
from app.database import Model, db
from app.database.utc import UtcDateTime, now
from app.discovery import modules_named

SCROLLS = "/api/v1/scrolls"
FIRST = 1000  # far from the ids that the database gives
ONE = f"{SCROLLS}/{FIRST + 1}"
SCROLL = {"title": "Emma", "price": "9.50", "writer_id": FIRST + 1}
# What nginx and Caddy make of a tag when they compress the answer, and a list of both.
CHANGED_TAGS = ['W/"{}"', '"{}-gzip"', '"other", W/"{}-zstd"']


class Cover(Enum):
    """What a scroll is bound in."""

    PAPER = "paper"
    CLOTH = "cloth"


class Scribe(Model):
    """Who wrote scrolls."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)


class Seal(Model):
    """What scrolls are closed with."""

    id: Mapped[int] = mapped_column(primary_key=True)


scroll_seals = Table(
    "scroll_seals",
    Model.metadata,
    Column("scroll_id", ForeignKey("scroll.id", ondelete="CASCADE"), primary_key=True),
    Column("seal_id", ForeignKey("seal.id", ondelete="CASCADE"), primary_key=True),
)


class Scroll(Model):
    """What a writer wrote."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    cover: Mapped[Cover] = mapped_column(EnumType(Cover, native_enum=False, length=10))
    printed: Mapped[date | None]
    found: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read: Mapped[time | None]
    worth: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    torn: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    source: Mapped[str | None] = mapped_column(String(80))
    motto: Mapped[str | None] = mapped_column(String(80))
    writer_id: Mapped[int] = mapped_column(ForeignKey("scribe.id"))
    writer: Mapped[Scribe] = relationship(lazy="joined")
    seals: Mapped[list[Seal]] = relationship(secondary=scroll_seals, lazy="selectin")


class ScribeSchema(Schema):
    """A writer."""

    id = fields.Integer(dump_only=True)
    name = Text(required=True, pattern=NOT_BLANK, validate=validate.Length(1, 40))


class ScrollSchema(Schema):
    """A scroll."""

    id = fields.Integer(dump_only=True)
    title = Text(required=True, pattern=NOT_BLANK, validate=validate.Length(1, 40))
    price = Money(required=True, validate=validate.Range(0, 99))
    cover = fields.Enum(Cover, by_value=True, load_default=Cover.PAPER)
    printed = fields.Date(load_default=None)
    found = Moment(load_default=None)
    read = Time(load_default=None)
    worth = Amount(load_default=None)
    torn = Boolean(load_default=False)
    notes = Json(load_default=None)
    source = Url(load_default=None)
    motto = Text(load_default=None)
    writer_id = Integer(required=True)
    writer = fields.Nested(ScribeSchema, dump_only=True)
    seal_ids = Rows(Seal, attribute="seals", load_default=list)


class Scrolls(Resource):
    """Scrolls."""

    name = "scrolls"
    model = Scroll
    schema = ScrollSchema
    filters = ("title", "price", "cover", "printed", "found", "read")
    sorts = ("cover", "price", "printed", "title")


class Scribes(Resource):
    """Scribes, who can only be listed, created and deleted."""

    name = "scribes"
    model = Scribe
    schema = ScribeSchema
    methods = ("list", "post", "delete")


class SealSchema(Schema):
    """A seal."""

    id = fields.Integer(dump_only=True)


class Seals(Resource):
    """Seals, which can only be listed."""

    name = "seals"
    model = Seal
    schema = SealSchema
    methods = ("list",)


MODULE = SimpleNamespace(blueprints=[one().blueprint() for one in (Scrolls, Scribes, Seals)])


@pytest.fixture(scope="module")
def app(app: Flask, overrides: dict[str, Any]) -> Iterator[Flask]:
    """Return an application with these resources as well."""
    with pytest.MonkeyPatch.context() as patch:
        found = [*modules_named("api"), MODULE]
        patch.setattr("app.api.modules_named", lambda _name: found)
        app = create_app(overrides)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def scrolls(app: Flask) -> None:
    """Write three scrolls by two writers."""
    with app.app_context():
        austen, beer = Scribe(id=FIRST + 1, name="Austen"), Scribe(id=FIRST + 2, name="Beer")
        db.session.add_all([austen, beer, Seal(id=FIRST + 1), Seal(id=FIRST + 2)])
        for number, (title, price, cover, printed, writer) in enumerate(
            [
                ("100% Ale", "12.00", Cover.PAPER, None, beer),
                ("Persuasion", "9.50", Cover.CLOTH, date(1817, 12, 20), austen),
                ("ale & more", "9.50", Cover.PAPER, date(2026, 3, 1), beer),
            ],
            start=1,
        ):
            scroll = Scroll(id=FIRST + number, title=title, cover=cover, printed=printed)
            scroll.price, scroll.writer, scroll.found = Decimal(price), writer, now()
            db.session.add(scroll)
        db.session.commit()


def json(response: TestResponse) -> Any:  # noqa: ANN401 whatever it is
    """Return what the answer holds."""
    assert response.is_json, response.text
    return response.json


def ids(response: TestResponse) -> list[int]:
    """Return which of the scrolls a list holds."""
    assert response.status_code == 200, response.text
    return [row["id"] - FIRST for row in json(response)]


def errors(response: TestResponse, status: int = 422) -> dict[str, Any]:
    """Return what is said to be wrong."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    problem = response.get_json(force=True)
    assert problem["status"] == status
    [found] = problem["errors"].values()
    assert isinstance(found, dict)
    return found


def links(response: TestResponse) -> dict[str, str]:
    """Return the pages that a response links to."""
    found = {}
    for link in response.headers["Link"].split(", "):
        address, relation = link.split("; rel=")
        parts = urlsplit(address.strip("<>"))
        found[relation.strip('"')] = f"{parts.path}?{parts.query}"
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("filter[title][eq]=Persuasion", [2]),
        ("filter[title][ne]=Persuasion", [1, 3]),
        ("filter[title][like]=Per%25", [2]),
        ("filter[title][ilike]=%25ALE%25", [1, 3]),
        (r"filter[title][ilike]=%25\%25%25", [1]),
        ("filter[price][lt]=12", [2, 3]),
        ("filter[price][lte]=12.00", [1, 2, 3]),
        ("filter[price][gt]=9.5", [1]),
        ("filter[price][gte]=9.5&filter[price][lt]=12", [2, 3]),
        ("filter[price][in]=9.50,10", [2, 3]),
        ("filter[cover][eq]=paper", [1, 3]),
        ("filter[cover][in]=paper,cloth", [1, 2, 3]),
        ("filter[cover][not_in]=paper", [2]),
        ("filter[printed][is_null]=true", [1]),
        ("filter[printed][is_null]=false", [2, 3]),
        ("filter[printed][gte]=2000-01-01", [3]),
        ("filter[found][gt]=2026-01-01T00:00:00Z", [1, 2, 3]),
        ("filter[found][lt]=2026-01-01T01:00:00%2B01:00", []),
        ("sort=title&filter[cover][eq]=cloth", [2]),
        ("sort=-price", [1, 3, 2]),
        ("sort=price,-cover", [3, 2, 1]),
    ],
)
def test_a_list_holds_what_is_asked_for(
    question: str, expected: list[int], client: FlaskClient
) -> None:
    assert ids(client.get(f"{SCROLLS}?{question}")) == expected


@pytest.mark.parametrize(
    ("question", "field", "allowed"),
    [
        ("filter[title][equals]=x", "filter[title][equals]", "filter[title][ilike]"),
        ("filter[writer_id][eq]=1", "filter[writer_id][eq]", "filter[price][gte]"),
        ("filter=x", "filter", "sort"),
        ("filter[price][eq]=cheap", "filter[price][eq]", "number"),
        ("filter[price][eq]=NaN", "filter[price][eq]", "not permitted"),
        ("filter[cover][in]=paper,wood", "filter[cover][in]", "paper, cloth"),
        ("filter[printed][is_null]=perhaps", "filter[printed][is_null]", "boolean"),
        ("filter[printed][lt]=yesterday", "filter[printed][lt]", "date"),
        ("filter[found][lt]=yesterday", "filter[found][lt]", "datetime"),
        ("filter[title][like]=x%5C", "filter[title][like]", "backslash"),
        ("filter[title][eq]=%00", "filter[title][eq]", "NUL"),
        ("sort=writer_id", "sort", "-title, cover, price, printed, title"),
        ("fields[]=secret", "fields[]", "title"),
        ("include=publisher", "include", "writer"),
        ("limit=1000", "limit", "100"),
        ("limit=0", "limit", "1"),
        ("page=0", "page", "1"),
        ("page=1&cursor=x", "page", "cursor"),
        ("cursor=made-up", "cursor", "cursor"),
        ("limit=1&limit=2", "limit", "once"),
        ("colour=red", "colour", "include, limit, page, sort"),
    ],
)
def test_what_a_list_does_not_know_is_named_with_what_it_knows(
    question: str, field: str, allowed: str, client: FlaskClient
) -> None:
    found = errors(client.get(f"{SCROLLS}?{question}"))
    assert list(found) == [field]
    assert allowed in str(found[field])


def test_a_row_has_the_fields_that_are_asked_for(client: FlaskClient) -> None:
    rows = client.get(f"{SCROLLS}?fields[]=id,title&limit=1").json
    assert rows == [{"id": FIRST + 1, "title": "100% Ale"}]
    assert client.get(f"{SCROLLS}/{FIRST + 2}?fields[]=price").json == {"price": "9.50"}


def test_what_belongs_to_the_rows_is_included_at_once(
    client: FlaskClient, statements: list[str]
) -> None:
    assert "writer" not in json(client.get(SCROLLS))[0]
    assert not [sql for sql in statements if "scribe.name" in sql]
    statements.clear()
    rows = json(client.get(f"{SCROLLS}?include=writer&fields[]=id"))
    assert rows[0] == {"id": FIRST + 1, "writer": {"id": FIRST + 2, "name": "Beer"}}
    assert len([sql for sql in statements if "FROM scribe" in sql]) == 1
    assert json(client.get(f"{SCROLLS}/{FIRST + 2}?include=writer"))["writer"]["name"] == "Austen"


def test_a_list_asks_as_often_for_many_rows_as_for_few(
    app: Flask,
    client: FlaskClient,
    assert_same_queries: Callable[[Callable[[], object], Callable[[], object]], None],
) -> None:
    def grow() -> None:
        with app.app_context():
            for number in range(15):
                writer = Scribe(name=f"Scribe {number}")
                scroll = Scroll(title="Scroll", price=Decimal(1), cover=Cover.PAPER, writer=writer)
                db.session.add(scroll)
            db.session.commit()

    assert_same_queries(lambda: client.get(f"{SCROLLS}?include=writer&limit=50"), grow)


def test_pages_are_found_by_their_links(client: FlaskClient) -> None:
    first = client.get(f"{SCROLLS}?sort=title&limit=1&fields[]=id")
    assert first.headers["X-Total-Count"] == "3"
    assert set(links(first)) == {"first", "next"}
    second = client.get(links(first)["next"])
    third = client.get(links(second)["next"])
    assert sorted(ids(first) + ids(second) + ids(third)) == [1, 2, 3]
    assert set(links(third)) == {"first", "prev"}
    assert ids(client.get(links(third)["prev"])) == ids(second)
    assert ids(client.get(links(third)["first"])) == ids(first)
    assert list(json(third)[0]) == ["id"]


def test_pages_are_found_by_their_numbers(client: FlaskClient) -> None:
    second = client.get(f"{SCROLLS}?page=2&limit=1")
    assert ids(second) == [2]
    assert set(links(second)) == {"first", "prev", "next", "last"}
    assert ids(client.get(links(second)["last"])) == [3]
    assert ids(client.get(f"{SCROLLS}?page=9&limit=1")) == []


def test_rows_are_counted_no_further_than_is_quick(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MAX_COUNT", 2)
    assert client.get(SCROLLS).headers["X-Total-Count"] == "2+"


def test_a_list_shows_what_has_changed(client: FlaskClient, writer: FlaskClient) -> None:
    for path in (SCROLLS, f"{SCROLLS}?include=writer"):
        count = len(ids(client.get(path)))
        writer.post(SCROLLS, json=SCROLL)
        assert len(ids(client.get(path))) == count + 1


def test_a_row_is_created_replaced_changed_and_deleted(writer: FlaskClient) -> None:
    created = writer.post(SCROLLS, json=SCROLL)
    assert created.status_code == 201
    path = created.headers["Location"]
    row = json(created)
    assert row == writer.get(path).json
    assert row["cover"] == "paper"

    def tag() -> Headers:
        return Headers({"If-Match": writer.get(path).headers["ETag"]})

    changed = writer.patch(path, json={"cover": "cloth"}, headers=tag())
    assert changed.json == {**row, "cover": "cloth"}
    replaced = writer.put(path, json={**SCROLL, "title": "Sanditon"}, headers=tag())
    assert replaced.json == {**row, "title": "Sanditon"}
    assert writer.delete(path, headers=tag()).status_code == 204
    assert writer.get(path).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "  "),
        ("title", "\x1d"),
        ("title", "\ufeff"),
        ("title", "a\0b"),
        ("title", "\ud800"),
        ("title", 5),
        ("price", None),
        ("price", "NaN"),
        ("price", "12.50\n"),
        ("cover", "wood"),
        ("printed", "2026-02-30"),
        ("found", "0001-01-01T00:00:00+14:00"),
        ("read", "14:05:00+02:00"),
        ("read", 5),
        ("worth", "10000000000"),
        ("worth", 1.5),
        ("torn", 1),
        ("torn", "yes"),
        ("notes", {"a": float("nan")}),
        ("notes", ["\ud800"]),
        ("source", ""),
        ("source", "javascript:alert(1)"),
        ("source", "https://example.com/\0"),
        ("source", "https://example.com/\n"),
        ("writer_id", 99),
        ("writer_id", "1"),
        ("writer_id", 1.5),
        ("writer_id", True),
        ("seal_ids", [FIRST + 1, FIRST + 3]),
        ("seal_ids", ["1"]),
        ("id", 7),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, writer: FlaskClient) -> None:
    assert field in errors(writer.post(SCROLLS, json={**SCROLL, field: value}))


def test_rows_of_another_table_are_named_by_their_ids(writer: FlaskClient) -> None:
    both = [FIRST + 1, FIRST + 2]
    created = writer.post(SCROLLS, json={**SCROLL, "seal_ids": both})
    assert json(created)["seal_ids"] == both
    shown = writer.get(created.location)
    assert json(shown)["seal_ids"] == both
    tag = {"If-Match": shown.headers["ETag"]}
    changed = writer.patch(created.location, json={"seal_ids": []}, headers=tag)
    assert json(changed)["seal_ids"] == []


def test_an_unknown_field_is_answered_with_those_that_are_known(writer: FlaskClient) -> None:
    found = errors(writer.post(SCROLLS, json={**SCROLL, "colour": "red"}))
    known = (
        "cover, found, motto, notes, price, printed, read, seal_ids, source, title, torn, "
        "worth, writer_id"
    )
    assert found["colour"] == [f"Unknown; known are: {known}."]


def test_what_only_one_row_can_have_is_refused_to_another(writer: FlaskClient) -> None:
    assert "name" in errors(writer.post("/api/v1/scribes", json={"name": "Beer"}), 409)
    assert writer.post("/api/v1/scribes", json={"name": "Woolf"}).status_code == 201


def test_what_others_refer_to_is_not_deleted(writer: FlaskClient) -> None:
    answer = writer.delete(f"/api/v1/scribes/{FIRST + 2}", headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert "is in use" in json(answer)["detail"]
    assert len(ids(writer.get("/api/v1/scribes"))) == 2


def test_no_text_is_none_where_there_may_be_none(writer: FlaskClient) -> None:
    sent = {
        **SCROLL,
        "motto": "",
        "read": "14:05",
        "torn": True,
        "worth": "-0",
        "notes": {"é": [1]},
    }
    created = json(writer.post(SCROLLS, json=sent))
    assert created["motto"] is None
    assert created["read"] == "14:05:00"
    assert created["worth"] == "0.00"
    assert (created["torn"], created["notes"]) == (True, sent["notes"])


@pytest.mark.parametrize(
    ("sent", "stored"),
    [(" Emma ", "Emma"), ("Emma\r\nor\rnot\n", "Emma\nor\nnot"), (" a  b ", "a  b")],
)
def test_text_is_stored_as_a_form_stores_it(sent: str, stored: str, writer: FlaskClient) -> None:
    assert json(writer.post(SCROLLS, json=SCROLL | {"title": sent}))["title"] == stored


def test_blank_text_is_no_text(writer: FlaskClient) -> None:
    assert json(writer.post(SCROLLS, json=SCROLL | {"motto": " \r\n "}))["motto"] is None


def test_a_body_that_is_no_json_is_refused(writer: FlaskClient) -> None:
    assert writer.post(SCROLLS, data={"title": "Emma"}).status_code == 415
    empty = writer.post(SCROLLS, data="", content_type="application/json")
    assert empty.status_code == 422


@pytest.mark.parametrize("body", ["{", "[" * 3000, '{"title": ' + "9" * 5000 + "}", b"\xff"])
def test_malformed_json_is_refused(body: str | bytes, writer: FlaskClient) -> None:
    response = writer.post(SCROLLS, data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("body", ["null", "1", '"x"', "[]", '{"title": 1e400, "price": NaN}'])
def test_json_of_another_type_is_refused(body: str, writer: FlaskClient) -> None:
    response = writer.post(SCROLLS, data=body, content_type="application/json")
    assert response.status_code == 422


def test_nobody_changes_what_somebody_else_has_changed(writer: FlaskClient) -> None:
    path = ONE
    assert writer.delete(path).status_code == 428
    assert writer.patch(path, json={"price": "1"}).status_code == 428
    seen = {"If-Match": writer.get(path).headers["ETag"]}
    assert writer.patch(path, json={"price": "1"}, headers=seen).status_code == 200
    assert writer.patch(path, json={"price": "2"}, headers=seen).status_code == 412
    assert writer.delete(path, headers=seen).status_code == 412
    assert json(writer.get(path))["price"] == "1.00"


@pytest.mark.parametrize("changed", CHANGED_TAGS)
def test_row_can_be_changed_behind_a_compressing_proxy(changed: str, writer: FlaskClient) -> None:
    def tag() -> dict[str, str]:
        return {"If-Match": changed.format(writer.get(ONE).get_etag()[0])}

    seen = tag()
    assert writer.patch(ONE, json={"price": "1"}, headers=seen).status_code == 200
    assert writer.patch(ONE, json={"price": "2"}, headers=seen).status_code == 412
    assert writer.put(ONE, json=SCROLL, headers=tag()).status_code == 200
    assert writer.delete(ONE, headers=seen).status_code == 412
    assert writer.delete(ONE, headers=tag()).status_code == 204


@pytest.mark.parametrize("changed", ['"{}"', *CHANGED_TAGS])
@pytest.mark.parametrize("path", [SCROLLS, ONE, f"{ONE}?include=writer"])
def test_what_a_client_has_already_is_not_sent_again(
    path: str, changed: str, client: FlaskClient
) -> None:
    tag, _ = client.get(path).get_etag()
    answer = client.get(path, headers={"If-None-Match": changed.format(tag)})
    assert answer.status_code == 304
    assert not answer.data


def test_a_row_that_includes_another_changes_with_it(app: Flask, client: FlaskClient) -> None:
    path = f"{ONE}?include=writer"
    tag = client.get(path).headers["ETag"]
    with app.app_context():
        db.session.get_one(Scribe, FIRST + 2).name = "Bier"
        db.session.commit()
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_method_that_is_left_out_is_refused(writer: FlaskClient) -> None:
    assert writer.get("/api/v1/seals").status_code == 200
    assert writer.get("/api/v1/seals/1").status_code == 404
    answer = writer.post("/api/v1/seals")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"].split(", ")
    assert writer.get("/api/v1/scribes/1").status_code == 405


def test_no_number_is_too_big_for_an_answer(client: FlaskClient) -> None:
    for number in ("3000000000", "9" * 25):
        assert client.get(f"{SCROLLS}/{number}").status_code == 404
        errors(client.get(f"{SCROLLS}?page={number}"))


def test_strangers_may_not_write(client: FlaskClient) -> None:
    assert client.post(SCROLLS, json=SCROLL).status_code == 401
    for method in ("put", "patch", "delete"):
        answer = getattr(client, method)(ONE, json=SCROLL, headers={"If-Match": "*"})
        assert answer.status_code == 401


def test_strangers_may_read_unless_the_api_is_closed(
    app: Flask, client: FlaskClient, writer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(SCROLLS).status_code == 200
    monkeypatch.setitem(app.config, "API_PUBLIC", False)
    assert client.get(SCROLLS).status_code == 401
    assert client.get(ONE).status_code == 401
    assert writer.get(SCROLLS).status_code == 200


def test_who_asks_too_often_is_told_when_to_come_back(
    overrides: dict[str, Any],
) -> None:
    limited = create_app(overrides | {"RATELIMIT_ENABLED": True, "API_LIMIT": "2 per hour"})
    client = limited.test_client()
    answers = [client.get("/api/v1/status") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert answers[2].content_type == "application/problem+json"


@pytest.mark.parametrize("origin", ["https://app.example.com", "http://localhost:3000"])
def test_scripts_of_other_sites_are_let_in_by_origin(
    origin: str, overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def allowed() -> str | None:
        client = create_app(overrides).test_client()
        answer = client.get("/api/v1/status", headers={"Origin": origin})
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed() is None
    monkeypatch.setenv("API_ORIGINS", "https://another.example.com")
    assert allowed() is None
    monkeypatch.setenv("API_ORIGINS", f" https://another.example.com , {origin.upper()} ,")
    assert allowed() == origin


def test_what_is_no_limit_is_refused(
    overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_LIMIT", "10 per 2 minutes")
    assert create_app(overrides).config["API_LIMIT"] == "10 per 2 minutes"
    monkeypatch.setenv("API_LIMIT", "often")
    with pytest.raises(SystemExit, match="'often' is not like 600 per minute"):
        create_app(overrides)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "app.example.com",
        "https://app.example.com/path",
        "https://app.example.com/",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://*.example.com",
        "https://user@app.example.com",
        "https://(app|evil).example.com",
    ],
)
def test_what_is_no_origin_is_refused(
    origin: str, overrides: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_ORIGINS", origin)
    with pytest.raises(SystemExit, match=r"is not like https://app\.example\.com"):
        create_app(overrides)
{% if cookiecutter.security %}


def test_the_requests_of_each_token_are_counted_apart(
    make_app: Callable[..., Flask], register: Callable[..., str]
) -> None:
    app = make_app(RATELIMIT_ENABLED=True, API_LIMIT="1 per hour")
    command = ["create-token", register(app, "editor")]
    runner = app.test_cli_runner()
    tokens = ["", *(runner.invoke(args=command).output.strip() for _ in range(2))]
    for statuses in ([200] * 3, [429] * 3):
        headers = [{"Authentication-Token": token} for token in tokens]
        client = app.test_client()
        answers = [client.get("/api/v1/status", headers=header) for header in headers]
        assert [answer.status_code for answer in answers] == statuses


def test_users_without_a_role_may_not_write(login: Callable[[], FlaskClient]) -> None:
    assert login().post(SCROLLS, json=SCROLL).status_code == 403


def test_a_session_needs_a_csrf_token_to_write(
    app: Flask, editor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert editor.post(SCROLLS, json=SCROLL).status_code == 400
    page = editor.get("/account").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert editor.post(SCROLLS, json=SCROLL, headers={"X-CSRFToken": token}).status_code == 201
{% else %}


def test_the_requests_with_the_token_are_counted_apart(
    overrides: dict[str, Any], writer: FlaskClient
) -> None:
    app = create_app(overrides | {"RATELIMIT_ENABLED": True, "API_LIMIT": "1 per hour"})
    known = {"Authorization": writer.environ_base["HTTP_AUTHORIZATION"]}
    for status in (200, 429):
        for headers in (known, {"Authorization": "Bearer made up"}):
            answer = app.test_client().get("/api/v1/status", headers=headers)
            assert answer.status_code == status


@pytest.mark.parametrize("token", ["", "wrong", "a token of at least 32 characters "])
def test_a_wrong_token_is_refused(
    token: str, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": f"Bearer {token}."}
    assert client.post(SCROLLS, json=SCROLL, headers=headers).status_code == 401
    monkeypatch.setenv("API_TOKEN", "a token of at least 32 characters")
    response = client.post(SCROLLS, json=SCROLL, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].lower().startswith("bearer")
{% endif %}
