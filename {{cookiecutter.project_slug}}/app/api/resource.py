"""A model in the API, by one short class in the ``api.py`` of its package::

    class Books(Resource):
        \"\"\"What can be lent\"\"\"

        name = "books"
        model = Book
        schema = BookSchema
        filters = ("title", "pages")
        sorts = ("title", "pages")

    blueprints = [Books().blueprint()]

A field of the schema that is nested, and named like a relationship, is shown to who asks for it
with ``include``. What is left out of ``methods`` is answered with 405.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any

import marshmallow
from flask import Response, jsonify, request, url_for
from flask.views import MethodView
from flask_smorest import Blueprint, abort
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import lazyload, selectinload

from ..database import db
from ..database.keyset import CursorError
from ..text import gettext as _
from . import lists
from .access import READERS, WRITERS, readers_only, writers_only
{% if cookiecutter.caching %}
from .caching import remember_list
{% endif %}
from .schema import MAX_INTEGER, Schema

View = Callable[..., Any]
PATHS = {
    "": {"list": "get", "post": "post"},
    f"/<int(max={MAX_INTEGER}):id>": {
        method: method for method in ("get", "put", "patch", "delete")
    },
}
PAGE_HEADERS = {
    "Link": {"description": "The pages beside this one (RFC 8288)", "schema": {"type": "string"}},
    "X-Total-Count": {
        "description": f"How many rows fit; {lists.MAX_COUNT}+ are not counted further",
        "schema": {"type": "string"},
    },
}


@lru_cache(1000)
def view_schema(schema: type[Schema], names: frozenset[str]) -> Schema:
    """Return the schema that shows these fields."""
    return schema(only=names)


def takes_json(view: View) -> View:
    """Refuse a request with a body of another kind."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        if not request.is_json:
            abort(415)
        return view(*args, **kwargs)

    return guarded


def takes_each_once(view: View) -> View:
    """Refuse a parameter that is repeated, for only one of its values would count."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        repeated = [name for name, values in request.args.lists() if len(values) > 1]
        if repeated:
            fault = [_("Give it once; commas part several values.")]
            abort(422, errors={"query": dict.fromkeys(repeated, fault)})
        return view(*args, **kwargs)

    return guarded


class Resource:
    """The rows of a model; the docstring of a subclass tells what they are."""

    name: str
    model: Any
    schema: type[Schema]
    methods: Sequence[str] = ("list", "get", "post", "put", "patch", "delete")
    filters: Sequence[str] = ()
    sorts: Sequence[str] = ()

    def __init__(self) -> None:
        self.nested = lists.nested_fields(self.schema())
        self.whole = self.schema(exclude=self.nested)
        self.api = Blueprint(self.name, __name__, description=self.__doc__)

    def visible(self) -> Select[Any]:
        """Return the query for the rows that the client may see."""
        return select(self.model)

    def blueprint(self) -> Blueprint:
        """Return the addresses of the resource, to be listed in ``blueprints``."""
        some_fields = type(f"{self.model.__name__}PartialSchema", (self.schema,), {})
        part = some_fields(partial=True)
        parameters = lists.list_schema(self.model, self.filters, self.sorts, self.schema())
        view_parameters = Schema.from_dict(lists.view_parameters(self.schema()))
        one = f"one of the {self.name}"
        views = {
            "list": self.reading(
                f"List the {self.name}", self.list, parameters, some_fields(many=True, partial=True)
            ),
            "get": self.reading(f"Show {one}", self.get, view_parameters, part),
            "post": self.writing(f"Create {one}", self.post, 201, self.whole),
            "put": self.writing(f"Replace {one}", self.put, 200, self.whole),
            "patch": self.writing(f"Change {one}", self.put, 200, part),
            "delete": self.writing(f"Delete {one}", self.delete, 204),
        }
        for path, verbs in PATHS.items():
            found = {
                verb: staticmethod(views[method])
                for method, verb in verbs.items()
                if method in self.methods
            }
            if found:
                kind = "Item" if path else "List"
                self.api.add_url_rule(path, kind, type(kind, (MethodView,), found))
        return self.api

    def reading(
        self, summary: str, view: View, parameters: type[marshmallow.Schema], answer: Schema
    ) -> View:
        """Return the view as who may read reaches it."""
        headers = PAGE_HEADERS if answer.many else None
        view = self.api.response(200, answer, headers=headers)(view)
        view = self.api.arguments(parameters, location="query", unknown=marshmallow.RAISE)(view)
        view = self.api.etag(self.api.doc(summary=summary, security=READERS)(view))
        return readers_only(takes_each_once(view))

    def writing(self, summary: str, view: View, status: int, body: Schema | None = None) -> View:
        """Return the view as who may write reaches it."""
        view = self.api.response(status, self.whole if body else None)(view)
        if body:
            view = takes_json(self.api.arguments(body)(view))
        return writers_only(self.api.etag(self.api.doc(summary=summary, security=WRITERS)(view)))

    def list(self, parameters: dict[str, Any]) -> tuple[Response, dict[str, str]]:
        """Answer with a page of the rows that fit."""
        try:
            found = self.look_up(parameters)
        except CursorError:
            abort(422, errors={"query": {"cursor": [_("This is no cursor of this list.")]}})
        headers = {
            "X-Total-Count": found.total,
            "Link": lists.links(found, parameters),
        }
        self.api.set_etag([found.rows, headers])
        return jsonify(found.rows), headers

    def look_up(self, parameters: dict[str, Any]) -> lists.Found:
        """Return a page of the rows that fit.

        :raises CursorError: the cursor is none of this list
        """
{% if cookiecutter.caching %}
        if any(name.startswith("filter[") for name in parameters):
            return self.find(parameters)  # there are too many filters for each to be kept
        # Who may see other rows asks another query.
        seen = self.visible().compile()
        key = (self.name, sorted(parameters.items()), str(seen), sorted(seen.params.items()))
        return remember_list(self.model, self.schema(), key, lambda: self.find(parameters))

    def find(self, parameters: dict[str, Any]) -> lists.Found:
        """Return a page of the rows that fit, from the database."""
{% endif %}
        query = lists.narrow(self.visible(), self.model, parameters)
        order = lists.order_of(self.model, parameters.get("sort", ()))
        page = lists.read_page(self.loading(query, parameters), order, parameters)
        rows = self.show(page.items, parameters, many=True)
        return lists.Found(rows, lists.count(query), page.next, page.previous)

    def get(self, parameters: dict[str, Any], id: int) -> Response:  # noqa: A002
        """Answer with the row."""
        query = self.visible().where(self.model.id == id)
        row = db.one_or_404(self.loading(query, parameters))
        shown = self.show(row, parameters)
        # With the tag of the whole row, it can be changed; what is included has a tag of its own.
        self.api.set_etag(shown if "include" in parameters else self.whole.dump(row))
        return jsonify(shown)

    def post(self, data: dict[str, Any]) -> tuple[object, dict[str, str]]:
        """Create a row."""
        row = self.model()
        self.save(row, data)
        return row, {"Location": url_for(".Item", id=row.id)} if "get" in self.methods else {}

    def put(self, data: dict[str, Any], id: int) -> object:  # noqa: A002
        """Change the row that the client has seen last."""
        row = self.seen(id)
        self.save(row, data)
        return row

    def delete(self, id: int) -> None:  # noqa: A002
        """Delete the row that the client has seen last."""
        row = self.seen(id)
        name = str(row)
        db.session.delete(row)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            abort(409, message=_("“%(name)s” is in use.", name=name))

    def seen(self, id: int) -> object:  # noqa: A002
        """Return the row, locked, if it is still as the client has seen it."""
        query = self.visible().where(self.model.id == id)
        row = db.one_or_404(self.loading(query, {}).with_for_update(of=self.model))
        self.api.check_etag(self.whole.dump(row))
        return row

    def save(self, row: object, data: dict[str, Any]) -> None:
        """Write what was sent, unless other rows are in the way."""
        for name, value in data.items():
            self.check(row, name, value)
        for name, value in data.items():
            setattr(row, name, value)
        db.session.add(row)
        db.session.commit()

    def check(self, row: object, name: str, value: object) -> None:
        """Refuse what belongs to no row, or to another one already."""
        column = self.model.__table__.columns.get(name)
        if column is None or value is None or value == getattr(row, name):
            return
        for key in column.foreign_keys:
            if db.session.scalar(select(key.column).where(key.column == value)) is None:
                abort(422, errors={"json": {name: [_("There is no such row.")]}})
        if column.unique and db.session.scalar(select(column).where(column == value)) is not None:
            abort(409, errors={"json": {name: [_("Another row has it.")]}})

    def loading(self, query: Select[Any], parameters: dict[str, Any]) -> Select[Any]:
        """Return the query with what is included read at once, and nothing else."""
        included = parameters.get("include", ())
        return query.options(
            *(
                (selectinload if name in included else lazyload)(getattr(self.model, name))
                for name in self.nested
            )
        )

    def show(self, rows: object, parameters: dict[str, Any], *, many: bool = False) -> Any:  # noqa: ANN401
        """Return the rows as the client wants them."""
        names = parameters.get("fields[]") or self.whole.dump_fields
        chosen = frozenset((*names, *parameters.get("include", ())))
        return view_schema(self.schema, chosen).dump(rows, many=many)
