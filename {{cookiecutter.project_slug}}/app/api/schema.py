"""The base of all schemas: it refuses wrong input in the language of the client.

See https://marshmallow.readthedocs.io
"""

from typing import Any

import marshmallow
from marshmallow import fields

from ..text import gettext as _
from ..text import lazy_gettext as _l

# What marshmallow says; it has no catalogues of its own.
WORDS = [
    _l("Field may not be null."),
    _l("Length must be between {min} and {max}."),
    _l("Longer than maximum length {max}."),
    _l("Missing data for required field."),
    _l("Must be greater than or equal to {min} and less than or equal to {max}."),
    _l("Must be greater than or equal to {min}."),
    _l("Must be less than or equal to {max}."),
    _l("Must be one of: {choices}."),
    _l("Not a valid boolean."),
    _l("Not a valid date."),
    _l("Not a valid datetime."),
    _l("Not a valid email address."),
    _l("Not a valid integer."),
    _l("Not a valid number."),
    _l("Not a valid string."),
    _l("Shorter than minimum length {min}."),
    _l("Special numeric values (nan or infinity) are not permitted."),
]


class Message(str):
    """A message that is translated when its places are filled."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Translate it, then fill its places."""
        return str(_(str(self))).format(*values, **named)


class Schema(marshmallow.Schema):
    """A schema whose messages are translated."""

    error_messages = {"type": _l("Invalid input type."), "unknown": _l("Unknown field.")}

    def on_bind_field(self, _name: str, field: fields.Field[Any]) -> None:
        """Let the messages of the field, and of its validators, be translated."""
        field.error_messages = {key: Message(text) for key, text in field.error_messages.items()}
        for validator in field.validators:
            for name in dir(validator):
                text = getattr(validator, name)
                if isinstance(text, str) and name.startswith(("error", "message_")):
                    setattr(validator, name, Message(text))
