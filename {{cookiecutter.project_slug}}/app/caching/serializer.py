"""What the cache can hold: JSON, tuples, bytes, ``Markup`` and UUIDs."""

import json
from reprlib import repr as shortened
from typing import Any

from flask.json.tag import TagDateTime, TaggedJSONSerializer


class Serializer(TaggedJSONSerializer):
    """The JSON of Flask's sessions: a value that is read is data, whoever has written it.

    Pickle would run code for anybody who can write to Redis. Pages still show what Redis holds,
    so that nobody else should be able to write to it.
    """

    # Without the one for date-times, which cuts off microseconds and loses the time zone.
    default_tags = [tag for tag in TaggedJSONSerializer.default_tags if tag is not TagDateTime]

    def dumps(self, value: object) -> str:
        """Return the value as JSON.

        :raises TypeError: reading it would give another value, or another type
        """
        text = json.dumps(self.tag(value), default=repr)
        if repr(self.loads(text)) != repr(value):
            message = (
                f"The cache can't hold {shortened(value)}, only None, bool, int, float, str, list, "
                "tuple, dict with str as keys, bytes, UUID and Markup: convert it before, such as "
                "by str() or isoformat()."
            )
            raise TypeError(message)
        return text

    def loads(self, value: str | bytes | None) -> Any:  # noqa: ANN401 as the method
        """Return the value, or None if it is missing or was not written by ``dumps``."""
        try:
            return super().loads(value)  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001 nothing that is in Redis can break a page
            return None
