"""Keeps the lists of the API until what they show has changed."""

from collections.abc import Callable
from typing import Any

import marshmallow
from flask import json
from marshmallow import fields

from ..caching import remember
from ..database import Model
from .lists import Found
from .schema import Rows


def remember_list(
    model: type[Model], schema: marshmallow.Schema, key: object, find: Callable[[], Found]
) -> Found:
    """Return a list of the rows of a model, or find it, and keep it until one that it shows changes.

    :param key: what tells it from the other lists
    """
    kept = remember(models_shown(model, schema), key, lambda: as_sent(find()))
    return Found(**kept)


def as_sent(found: Found) -> dict[str, Any]:
    """Return a list as the JSON that clients get, which the cache can hold."""
    sent: dict[str, Any] = json.loads(json.dumps(found))
    return sent


def models_shown(model: type[Model], schema: marshmallow.Schema) -> list[type[Model]]:
    """Return a model, and the others whose rows a schema of it shows, also within each other."""
    found: list[type[Model]] = []
    seen: set[type[marshmallow.Schema]] = set()
    waiting = [(model, schema)]
    while waiting:
        model, schema = waiting.pop()
        found.append(model)
        seen.add(type(schema))
        for name, field in schema.fields.items():
            if isinstance(field, Rows):
                found.append(field.model)
            elif isinstance(field, fields.Nested) and type(field.schema) not in seen:
                other = getattr(model, field.attribute or name).property.mapper.class_
                waiting.append((other, field.schema))
    return found
