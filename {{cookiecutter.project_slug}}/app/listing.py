"""Lists of rows, in the order and at the page that the query string asks for.

``sort=name`` rises and ``sort=-name`` falls. Short lists have pages with numbers, ``page=2``;
longer ones lead from page to page by a ``cursor``.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import abort, request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from .database import Model, db
from .database.keyset import CursorError, Order, Page, fetch_page

PAGE_SIZE = 20
MAX_ID = 2**31 - 1
MAX_NUMBERED = 1000  # rows; longer lists are not counted, and their pages have no numbers

Row = TypeVar("Row", bound=Model)


def read_id(text: str) -> int:
    """Return the id that a query string names.

    :raises ValueError: no row can have it
    """
    number = int(text)
    if not 0 < number <= MAX_ID:
        raise ValueError(text)
    return number


def read_truth(text: str) -> bool:
    """Return the truth value that a query string names: 1 or 0.

    :raises ValueError: it is no number
    """
    return int(text) == 1


def list_rows(
    query: Select[Row], model: type[Row], sorts: Mapping[str, InstrumentedAttribute[Any]]
) -> tuple[Pagination | Page[Row], str]:
    """Return a page of the rows, and their order, as in ``-name``.

    :param sorts: the columns that one may sort by; the first one is the usual one
    :raises werkzeug.exceptions.NotFound: there is no such page
    """
    asked = request.args
    sort = asked.get("sort", "")
    sort = sort if sort.removeprefix("-") in sorts else next(iter(sorts))
    # What is not a number is no page.
    page = asked.get("page", 0 if "page" in asked else 1, type=int)
    falls = sort.startswith("-")
    order: Order = [(sorts[sort.removeprefix("-")], falls), (model.id, falls)]
    try:
        return read_page(query, order, page, asked.get("cursor", "")), sort
    except CursorError:
        abort(404)


def read_page(query: Select[Row], order: Order, page: int, cursor: str) -> Pagination | Page[Row]:
    """Return a page: by its number if the rows are few, or else by its cursor.

    :raises app.database.keyset.CursorError: the cursor is none of this list
    :raises werkzeug.exceptions.NotFound: there is no such page
    """
    key = order[-1][0]
    some = query.with_only_columns(key).limit(MAX_NUMBERED + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(some)) or 0
    if cursor or count > MAX_NUMBERED:
        return fetch_page(query, order, PAGE_SIZE, cursor) if page == 1 else abort(404)
    query = query.order_by(*(column.desc() if falls else column for column, falls in order))
    page = min(page, MAX_NUMBERED)
    pagination = db.paginate(query, page=page, per_page=PAGE_SIZE, count=False)
    pagination.total = count
    return pagination
