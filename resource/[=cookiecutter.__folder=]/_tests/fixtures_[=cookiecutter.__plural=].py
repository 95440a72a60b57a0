[% set r = cookiecutter | resource %]
"""What the tests of the [= r.nouns =] share."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from rows import make_row
from flask import Flask

from app.[= r.plural =].models import [= r.name =][% for field in r.of("enum") %], [= field.enum =][% endfor +%]
[% for target in r.targets %]
from app.[= target.package =].models import [= target.name =]
[% endfor %]


@pytest.fixture
def make_[= r.singular =](app: Flask) -> Callable[..., int]:
    """Return a function that writes [= r.article =], with these values or others, and returns its id."""
    [% if r.is_numbered %]
    numbers = count(1)

    [% endif %]
    def make(**values: object) -> int:
        [% if r.is_numbered %]
        number = next(numbers)
        [% endif %]
        with app.app_context():
            usual: dict[str, Any] = {
                [% for field in r.fields %]
                "[= field.column =]": [= field.fill(field.kind.sample) =],
                [% endfor %]
            }
            row = make_row([= r.name =], **(usual | values))
            return int(row.id)

    return make
