"""Text, numbers, prices and dates, translated or not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from flask import Flask

from app.text import (
    MAX_DEPTH,
    format_currency,
    format_date,
    format_datetime,
    format_json,
    format_number,
    format_time,
    gettext,
    in_language,
    is_json,
    language,
    lazy_gettext,
    ngettext,
    to_local,
    to_utc,
)


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    """Let each test run as if it answered a request."""
    with app.test_request_context():
        yield


def test_places_in_a_message_are_filled() -> None:
    assert gettext("Hello %(name)s.", name="Ada") == "Hello Ada."
    assert str(lazy_gettext("Hello %(name)s.", name="Ada")) == "Hello Ada."


def test_the_form_of_a_message_fits_the_number() -> None:
    forms = [ngettext("%(num)s apple", "%(num)s apples", num) for num in (0, 1, 2)]
    assert forms == ["0 apples", "1 apple", "2 apples"]


def test_numbers_and_prices_have_separators() -> None:
    assert format_number(1234567) == "1,234,567"
    assert format_number(1e300) == "1e+300"
    assert [format_number(Decimal(text)) for text in ("1234.50", "3")] == ["1,234.50", "3"]
    assert "1,234.50" in format_currency(Decimal("1234.5"), "EUR")


def test_english_is_what_is_spoken_where_nothing_else_is_known() -> None:
    assert language() == "en"
    with in_language(None):
        assert gettext("Page not found") == "Page not found"


def test_what_the_clock_of_the_visitor_shows_is_understood() -> None:
    shown = datetime(2026, 3, 1, 14, 5)  # noqa: DTZ001
    assert to_utc(shown) == shown
    assert to_local(shown.replace(tzinfo=UTC)) == shown.replace(tzinfo=UTC)


def test_a_moment_without_a_zone_is_in_utc() -> None:
    moment = datetime(2026, 3, 1, 14, 5)  # noqa: DTZ001
    assert format_datetime(moment) == format_datetime(moment.replace(tzinfo=UTC))
    assert "2026" in format_datetime(moment)
    assert format_datetime(moment).endswith(" UTC")
    assert "2026" in format_date(date(2026, 3, 1))
    assert ":05" in format_time(time(14, 5))


def test_json_is_written_as_people_read_it() -> None:
    assert format_json({"a": "é<b>"}) == '{\n  "a": "é<b>"\n}'


def test_json_is_what_every_database_takes() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert is_json({"é": [1, None, {}], "deep": deep[0]})
    for value in (float("nan"), {"a": "\ud800"}, [deep]):
        assert not is_json(value)
