"""On what a list of the API depends that is kept."""

from marshmallow import fields
from test_api_resource import Scribe, ScribeSchema, Scroll, ScrollSchema, Seal

from app.api.caching import models_shown
from app.api.schema import Rows


class LenderSchema(ScribeSchema):
    """A scribe who lends seals."""

    seal_ids = Rows(Seal)


class LentSchema(ScrollSchema):
    """A scroll with its lender."""

    writer = fields.Nested(LenderSchema)


class RoundSchema(ScrollSchema):
    """A scroll that shows itself."""

    writer = fields.Nested(lambda: RoundSchema(exclude=("title",)))


def test_a_list_depends_on_all_rows_that_it_shows() -> None:
    assert models_shown(Scroll, ScrollSchema()) == [Scroll, Seal, Scribe]
    assert models_shown(Scroll, LentSchema()) == [Scroll, Seal, Scribe, Seal]
    assert models_shown(Scroll, RoundSchema()) == [Scroll, Seal]
