[% set r = cookiecutter | resource %]
"""[= r.labels =]."""

import datetime as dt
import enum
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Date,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

[% for target in r.targets %]
from ..[= target.package =].models import [= target.name =]
[% endfor %]
from ..database import Model
from ..database.utc import UtcDateTime, now
from ..text import gettext as _

[% for field in r.of("enum") %]

class [= field.enum =](enum.Enum):
    """What the [= field.words =] of [= r.article =] is one of."""

    [% for name, value, _label in field.members %]
    [= name =] = "[= value =]"[= "  # noqa: S105 a kind, no secret" if field.sounds_secret(name) =]
    [% endfor %]

    def __str__(self) -> str:
        return self.value

[% endfor %]
[% for field in r.of("refs") %]

[= r.singular =]_[= field.name =] = Table(
    "[= r.singular =]_[= field.name =]",
    Model.metadata,
    Column("[= r.singular =]_id", ForeignKey("[= r.plural =].id", ondelete="CASCADE"), primary_key=True),
    Column("[= field.singular =]_id", ForeignKey("[= field.target.table =].id", ondelete="CASCADE"), primary_key=True),
    # The key begins with the other column.
    Index(None, "[= field.singular =]_id"),
)
[% endfor %]


class [= r.name =](Model):
    """[= r.sentence =]."""

    __tablename__ = "[= r.plural =]"
    __table_args__ = (
        # A list is read in the order of an index; the id puts those in order that are alike.
        [% for field in r.sorts if not field.unique %]
        Index(None, "[= field.name =]", "id"),
        [% endfor %]
        [% for field in r.of("ref") if not field.unique %]
        Index(None, "[= field.column =]", "id"),
        [% endfor %]
        Index(None, "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    [% for field in r.fields %]
    [% if field.type == "refs" %]
    [= field.name =]: Mapped[list[[= field.target.name =]]] = relationship(
        secondary=[= r.singular =]_[= field.name =], lazy="selectin", order_by=[= field.target.name =].id
    )
    [% else %]
    [= field.column =]: Mapped[[= field.annotation =]] = mapped_column([= field.arguments =])
    [% endif %]
    [% if field.type == "ref" %]
    [= field.name =]: Mapped[[= field.target.name =][% if field.optional %] | None[% endif %]] = relationship(lazy="joined", foreign_keys=[[= field.column =]])
    [% endif %]
    [% endfor %]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    def __str__(self) -> str:
        [% if r.title %]
        return self.[= r.title.name =]
        [% else %]
        return str(_("[= r.label =] %(id)s", id=self.id))
        [% endif %]
