"""Lists that are read a page at a time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import permutations, product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Enum as EnumType
from sqlalchemy import Numeric, String, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.database import Model, db
from app.database.keyset import CursorError, Order, Page, fetch_page


class Size(Enum):
    """A size."""

    SMALL = "s"
    LARGE = "l"


class Parcel(Model):
    """A row with a column of each kind, some without a value."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    size: Mapped[Size] = mapped_column(EnumType(Size, native_enum=False, length=10))
    sent: Mapped[date | None]
    made: Mapped[datetime]


QUERY = select(Parcel)


@pytest.fixture(autouse=True)
def parcels(app: Flask) -> Iterator[None]:
    """Write some rows, with many that are alike in each column."""
    first = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    with app.app_context():
        for number in range(24):
            db.session.add(
                Parcel(
                    name=f"name {number % 3}",
                    price=Decimal(number % 4) / 4,
                    size=list(Size)[number % 2],
                    sent=first.date() + timedelta(number % 5) if number % 6 else None,
                    made=(first + timedelta(hours=number % 7)).replace(tzinfo=None),
                )
            )
        db.session.commit()
        yield


def walk(order: Order, size: int) -> list[Page[Parcel]]:
    """Return all pages."""
    pages = [fetch_page(QUERY, order, size)]
    while pages[-1].next:
        pages.append(fetch_page(QUERY, order, size, pages[-1].next))
    return pages


def ids(pages: list[Page[Parcel]]) -> list[int]:
    """Return what identifies the rows of these pages."""
    return [parcel.id for page in pages for parcel in page.items]


COLUMNS = [Parcel.name, Parcel.price, Parcel.size, Parcel.sent, Parcel.made]


@pytest.mark.parametrize(("first", "second"), list(permutations(COLUMNS, 2)), ids=str)
def test_the_pages_have_each_row_once_in_the_order_of_the_database(
    first: InstrumentedAttribute[Any], second: InstrumentedAttribute[Any]
) -> None:
    for falls in product((False, True), repeat=2):
        order = list(zip([first, second, Parcel.id], [*falls, falls[0]], strict=True))
        by = [column.desc() if down else column for column, down in order]
        expected = list(db.session.scalars(select(Parcel.id).order_by(*by)))
        assert ids(walk(order, 7)) == expected


@pytest.mark.parametrize("size", [1, 5, 8, 23, 24, 25])
def test_the_way_back_shows_the_same_pages(size: int) -> None:
    order = [(Parcel.sent, True), (Parcel.id, False)]
    pages = walk(order, size)
    assert not pages[0].previous
    back = [pages[-1]]
    while back[0].previous and len(back) < len(pages):
        back.insert(0, fetch_page(QUERY, order, size, back[0].previous))
    assert ids(back) == ids(pages)[-len(ids(back)) :]
    assert len(back) == len(pages)


def test_a_list_without_rows_has_no_other_pages() -> None:
    page = fetch_page(QUERY.where(Parcel.id < 0), [(Parcel.id, False)], 5)
    assert page == Page([], next="", previous="")


def test_a_row_that_goes_or_comes_does_not_move_the_next_page() -> None:
    order = [(Parcel.id, False)]
    first = fetch_page(QUERY, order, 5)
    expected = ids([fetch_page(QUERY, order, 5, first.next)])
    db.session.delete(first.items[0])
    db.session.delete(first.items[-1])
    db.session.commit()
    assert ids([fetch_page(QUERY, order, 5, first.next)]) == expected


@pytest.mark.parametrize("cursor", ["x", "WzEsMl0", "%00", "é", "a.b.c"])
def test_a_cursor_that_was_not_made_here_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        fetch_page(QUERY, [(Parcel.id, False)], 5, cursor)


def test_a_cursor_of_another_order_is_refused() -> None:
    cursor = fetch_page(QUERY, [(Parcel.name, False), (Parcel.id, False)], 5).next
    with pytest.raises(CursorError):
        fetch_page(QUERY, [(Parcel.name, True), (Parcel.id, True)], 5, cursor)
