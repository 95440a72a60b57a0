"""Text, numbers, prices and dates, as they are written in the language of the visitor."""

import json
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time
from decimal import Decimal
{% if cookiecutter.i18n %}
from typing import cast

import flask_babel
from babel.dates import get_datetime_format
from flask import current_app
from flask_babel import force_locale, get_locale, gettext, ngettext, to_user_timezone

__all__ = [
    "format_currency",
    "format_date",
    "format_datetime",
    "format_json",
    "format_number",
    "format_time",
    "gettext",
    "in_language",
    "is_json",
    "language",
    "lazy_gettext",
    "ngettext",
    "strip",
    "to_local",
    "to_utc",
    "unify_lines",
]
MAX_WRITTEN = 10**15  # Babel writes larger numbers with all their zeros, and fails at the largest


def language() -> str:
    """Return the code of the language that the page is in, such as ``pt-BR``."""
    return str(get_locale()).replace("_", "-")


def in_language(code: str | None) -> AbstractContextManager[None]:
    """Translate into this language meanwhile, if it is one of the application's."""
    return force_locale(code) if code in current_app.config["LANGUAGES"] else nullcontext()


def lazy_gettext(message: str, **variables: object) -> str:
    """Return text that is translated when it is shown; for text outside a request."""
    return cast("str", flask_babel.lazy_gettext(message, **variables))


def format_number(number: Decimal | float) -> str:
    """Return a number with the separators of the language, and with all places of a decimal."""
    if not isinstance(number, Decimal):
        is_short = abs(number) < MAX_WRITTEN
        return cast("str", flask_babel.format_number(number)) if is_short else str(number)
    places = "0" * -int(number.as_tuple().exponent)
    pattern = get_locale().decimal_formats[None].pattern
    return cast("str", flask_babel.format_decimal(number, pattern.replace("###", places)))


def format_currency(amount: Decimal | float, currency: str) -> str:
    """Return an amount of money; the currency is an ISO 4217 code, such as ``EUR``."""
    return cast("str", flask_babel.format_currency(amount, currency))


def format_date(day: date) -> str:
    """Return a date; that of a moment is what the calendar of the visitor shows."""
    local = to_local(day) if isinstance(day, datetime) else day
    return cast("str", flask_babel.format_date(local, rebase=False))


def format_time(clock: time) -> str:
    """Return a time of day, which is in no zone."""
    return cast("str", flask_babel.format_time(clock, "short", rebase=False))


def format_datetime(moment: datetime) -> str:
    """Return a moment, in UTC if it names no other zone, as the clock of the visitor shows it."""
    local = to_local(moment)
    time = flask_babel.format_time(local, "short", rebase=False)
    pattern = str(get_datetime_format("medium", locale=get_locale())).replace("'", "")
    written = pattern.replace("{1}", format_date(local)).replace("{0}", time)
    return f"{written} {local.tzname()}"


def to_local(moment: datetime) -> datetime:
    """Return a moment, in UTC if it names no other zone, in the zone of the visitor."""
    return cast("datetime", to_user_timezone(moment))


def to_utc(moment: datetime) -> datetime:
    """Return what the clock of the visitor shows in UTC, which is named by neither."""
    return cast("datetime", flask_babel.to_utc(moment))
{% else %}


def language() -> str:
    """Return the code of the language that the pages are in."""
    return "en"


def in_language(_code: str | None) -> AbstractContextManager[None]:
    """Change nothing: there is one language."""
    return nullcontext()


def gettext(message: str, **variables: object) -> str:
    """Return the message with its ``%(name)s`` places filled."""
    return message % variables if variables else message


def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
    """Return the form of the message that fits the number, with its places filled."""
    return gettext(singular if num == 1 else plural, num=num, **variables)


lazy_gettext = gettext


def format_number(number: Decimal | float) -> str:
    """Return a number with separators, and with all places of a decimal."""
    return f"{number:,}"


def format_currency(amount: Decimal | float, currency: str) -> str:
    """Return an amount of money; the currency is an ISO 4217 code, such as ``EUR``."""
    return f"{currency} {amount:,.2f}"


def format_date(day: date) -> str:
    """Return a date."""
    return f"{day:%Y-%m-%d}"


def format_time(clock: time) -> str:
    """Return a time of day, which is in no zone."""
    return f"{clock:%H:%M}"


def format_datetime(moment: datetime) -> str:
    """Return a moment, in UTC if it names no other zone."""
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or 'UTC'}"


def to_local(moment: datetime) -> datetime:
    """Return a moment in the zone of the visitor, which is UTC."""
    return moment


def to_utc(moment: datetime) -> datetime:
    """Return what the clock of the visitor shows in UTC, which is named by neither."""
    return moment
{% endif %}


def unify_lines(text: str | None) -> str | None:
    """Return text whose line breaks are ``\\n``; browsers send ``\\r\\n``, and count one character."""
    return text and text.replace("\r\n", "\n").replace("\r", "\n")


def strip(text: str | None) -> str | None:
    """Return text as it is stored: without spaces at its ends, with ``\\n`` for a line break."""
    return text and unify_lines(text.strip())


MAX_DEPTH = 30  # of JSON; MariaDB reads no deeper


def format_json(value: object) -> str:
    """Return a value in JSON, as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def is_json(value: object) -> bool:
    """Tell whether every database takes a value for JSON, of which Python reads more: ``NaN``."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        return depth_of(value) <= MAX_DEPTH
    except (RecursionError, ValueError):
        return False


def depth_of(value: object) -> int:
    """Return how deep lists and objects are nested in a value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max(map(depth_of, inner), default=0)
