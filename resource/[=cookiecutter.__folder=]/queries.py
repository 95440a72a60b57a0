[% set r = cookiecutter | resource %]
"""What the pages ask of the database."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.datastructures import MultiDict

from ..listing import read_id, read_truth
from .models import [= r.name =][% for field in r.of("enum") %], [= field.enum =][% endfor +%]

SORTS = {
    [% for field in r.sorts %]
    "[= field.name =]": [= r.name =].[= field.name =],
    [% endfor %]
    "created": [= r.name =].created_at,
}

[% if r.filters %]
# The columns that one may choose a value of, and how it is read.
FILTERS: dict[str, tuple[InstrumentedAttribute[Any], Callable[[str], Any]]] = {
    [% for field in r.filters %]
    "[= field.column =]": ([= r.name =].[= field.column =], [= {"enum": field.enum, "bool": "read_truth", "ref": "read_id"}[field.type] =]),
    [% endfor %]
}
[% endif %]


def search_[= r.plural =](asked: MultiDict[str, str]) -> Select[[= r.name =]]:
    """Return the query for the [= r.nouns =] that fit the query string."""
    [% if not (r.searched or r.filters) %]
    return select([= r.name =])
    [% else %]
    query = select([= r.name =])
    [% endif %]
    [% if r.searched %]
    text = asked.get("q", "")
    if text:
        [% if r.searched | length > 1 %]
        columns = ([% for field in r.searched %][= r.name =].[= field.name =], [% endfor %])
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
        [% else %]
        query = query.where([= r.name =].[= r.searched[0].name =].icontains(text, autoescape=True))
        [% endif %]
    [% endif %]
    [% if r.filters %]
    for name, (column, read) in FILTERS.items():
        value = asked.get(name, type=read)
        if value is not None:
            query = query.where(column == value)
    [% endif %]
    [% if r.searched or r.filters %]
    return query
    [% endif %]
