"""The base of all schemas: it refuses wrong input in the language of the client.

See https://marshmallow.readthedocs.io
"""

import re
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any, cast

import marshmallow
from marshmallow import fields, validate
from sqlalchemy import select

from ..database import Model, db
from ..text import gettext as _
from ..text import is_json, strip
from ..text import lazy_gettext as _l

# What marshmallow says, which has no catalogues of its own, and what fields here add.
WORDS = [
    _l("Field may not be null."),
    _l("It holds a NUL."),
    _l("Length must be between {min} and {max}."),
    _l("Longer than maximum length {max}."),
    _l("Missing data for required field."),
    _l("Must be greater than or equal to {min} and less than or equal to {max}."),
    _l("Must be greater than or equal to {min}."),
    _l("Must be less than or equal to {max}."),
    _l("Must be one of: {choices}."),
    _l('Not an amount such as "12.50".'),
    _l("Not a valid boolean."),
    _l("Not a valid date."),
    _l("Not a valid datetime."),
    _l("Not a valid email address."),
    _l("Not a valid integer."),
    _l("Not a valid number."),
    _l("Not a valid string."),
    _l("Not a valid time."),
    _l("Not a valid UUID."),
    _l("Shorter than minimum length {min}."),
    _l("Special numeric values (nan or infinity) are not permitted."),
]


UNKNOWN = "Unknown field."
MAX_INTEGER = 2**31 - 1

EVER = validate.Range(datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
ANY = validate.Regexp(r"^[^\x00]*$")
# What nobody sees, character by character, for `\s` is one set in Python and another in JavaScript.
BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
WEB_ADDRESS = validate.Regexp(
    rf"^https?://[^/{BLANK}]+(/[^{BLANK}]*)?$", error=_l("Not a valid URL.")
)
NOT_BLANK = validate.Regexp(rf"^[^\x00]*[^{BLANK}][^\x00]*$", error=_l("It is blank."))


class Message(str):
    """A message that is translated when its places are filled."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Translate it, then fill its places."""
        return str(_(str(self))).format(*values, **named)


class ExactText(fields.String):
    """Text that every database takes; the pattern is part of the document, as one at most is."""

    default_error_messages = {"nul": "It holds a NUL."}

    def __init__(self, *, pattern: validate.Regexp = ANY, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.validators.append(pattern)
        self.is_any = pattern is ANY

    def deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Treat an empty string as null, as forms do; otherwise one row only could leave it empty."""
        is_none = value == "" and self.allow_none and self.is_any
        return super().deserialize(None if is_none else value, *args, **kwargs)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
        text = str(super()._deserialize(value, *args, **kwargs))
        if "\0" in text:
            raise self.make_error("nul")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self.make_error("invalid")
        return text


class Text(ExactText):
    """Text of a row, as a form stores it: without spaces at its ends, ``\\n`` for a line break."""

    def deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Clean the text before its length is checked."""
        text = strip(value) if isinstance(value, str) else value
        return super().deserialize(text, *args, **kwargs)


class Url(ExactText):
    """The address of a page, as a form takes it."""

    default_error_messages = {"invalid": "Not a valid URL."}

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 as those of the base
        super().__init__(pattern=WEB_ADDRESS, **options)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
        address = super()._deserialize(value, *args, **kwargs)
        if address.endswith("\n"):
            raise self.make_error("invalid")  # Python's `$` lets it pass
        return address


class Moment(fields.AwareDateTime):
    """A moment, in UTC if it names no zone, which has a date in every zone."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 as those of the base
        super().__init__(default_timezone=UTC, **options)
        self.validators.append(EVER)


class Integer(fields.Integer):
    """A whole number, as JSON has it: ``2`` and ``2.0``, and neither ``"2"`` nor ``2.5``."""

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> int:  # noqa: ANN401
        if isinstance(value, bool) or not isinstance(value, int | float) or value % 1:
            raise self.make_error("invalid")
        return int(super()._deserialize(value, *args, **kwargs))


class Time(fields.Time):
    """A time of day, which is in no zone, without parts of a second."""

    PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 as those of the base
        super().__init__(metadata={"pattern": self.PATTERN}, **options)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> time:  # noqa: ANN401
        if not (isinstance(value, str) and re.fullmatch(self.PATTERN, value)):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, *args, **kwargs)


class Json(fields.Raw):
    """Any value that JSON and every database can hold, as Python reads some that they can't."""

    default_error_messages = {"invalid": _l("Not valid JSON.")}

    def _deserialize(self, value: object, *_args: Any, **_kwargs: Any) -> object:  # noqa: ANN401
        if not is_json(value):
            raise self.make_error("invalid")
        return value


class Boolean(fields.Boolean):
    """A truth value, as JSON has it: neither ``1`` nor ``"yes"``."""

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> bool:  # noqa: ANN401
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *args, **kwargs)


class Amount(fields.Decimal):
    """A number with two places, as text, so that no client rounds it."""

    PATTERN = r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$"
    default_error_messages = {"invalid": 'Not an amount such as "12.50".'}

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 as those of the base
        document = {"type": "string", "pattern": self.PATTERN}
        super().__init__(places=2, as_string=True, metadata=document, **options)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> Decimal:  # noqa: ANN401
        if not (isinstance(value, str) and re.fullmatch(self.PATTERN, value)):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs) + 0  # there is no -0


class Money(Amount):
    """An amount of money below a hundred million."""

    PATTERN = r"^[0-9]{1,8}(\.[0-9]{1,2})?$"


class Rows(fields.List[int]):
    """Rows of another table, each by its id; the attribute is their relationship."""

    default_error_messages = {"missing": _l("There is no such row.")}

    def __init__(self, model: type[Model], **options: Any) -> None:  # noqa: ANN401 as those of the base
        super().__init__(Integer(validate=validate.Range(1, MAX_INTEGER)), **options)
        self.model = model

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> list[int]:  # noqa: ANN401
        return sorted(row.id for row in value)

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        ids = set(super()._deserialize(*args, **kwargs))
        rows = list(db.session.scalars(select(self.model).where(self.model.id.in_(ids))))
        if len(rows) < len(ids):
            raise self.make_error("missing")
        return rows


class Schema(marshmallow.Schema):
    """A schema whose messages are translated."""

    error_messages = {"type": _l("Invalid input type."), "unknown": UNKNOWN}

    def handle_error(
        self,
        error: marshmallow.ValidationError,
        data: object,
        *,
        many: bool,
        **options: object,
    ) -> None:
        """Tell, of what is unknown, what is known there."""
        errors = cast("dict[str, list[str]]", error.messages)
        for name in errors:
            if errors[name] == [UNKNOWN]:
                errors[name] = [_("Unknown; known are: %(names)s.", names=self.known_beside(name))]

    def known_beside(self, name: str) -> str:
        """Return the names of the fields beside one: of ``filter[a][b]`` those of its group."""
        names = sorted(key for key, field in self.fields.items() if not field.dump_only)
        group = name.rpartition("[")[0]
        beside = [known for known in names if known.rpartition("[")[0] == group]
        return ", ".join(beside or names)

    def on_bind_field(self, _name: str, field: fields.Field[Any]) -> None:
        """Let the messages of the field, and of its validators, be translated."""
        field.error_messages = {key: Message(text) for key, text in field.error_messages.items()}
        for validator in field.validators:
            for name in dir(validator):
                text = getattr(validator, name)
                if isinstance(text, str) and name.startswith(("error", "message_")):
                    setattr(validator, name, Message(text))


class ProblemSchema(Schema):
    """An error (RFC 9457)."""

    status = fields.Integer(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(
        required=True, metadata={"description": "By which the log lines of the request are found"}
    )
    errors = fields.Dict(metadata={"description": "What is wrong, where: by location and field"})
