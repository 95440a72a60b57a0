"""Categories and their products."""

import enum
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model
from ..database.utc import UtcDateTime, now
from .slugs import Slugged

MAX_PRICE = Decimal("99999999.99")
MAX_STOCK = 2_147_483_647  # the largest number that an integer column takes
CURRENCIES = ("BRL", "CNY", "EUR", "GBP", "JPY", "PLN", "USD")  # ISO 4217


class Status(enum.Enum):
    """Where a product stands between its first draft and the archive."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"

    def __str__(self) -> str:
        return self.value


class Category(Slugged, Model):
    """What products are sorted into."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    # A category with products can't be deleted.
    products: Mapped[list["Product"]] = relationship(
        back_populates="category", passive_deletes="all"
    )

    def __str__(self) -> str:
        return self.name


class Product(Slugged, Model):
    """Something that is offered at a price."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(f"price BETWEEN 0 AND {MAX_PRICE}", name="price"),
        CheckConstraint("stock >= 0", name="stock"),
        # A page of a list is read from an index, however many products there are, if that has
        # them in order: all, those of a status, or those of a category and a status. The id
        # puts those in order that are alike.
        *(
            Index("_".join(("ix_products", *chosen, name)), *chosen, name, "id")
            for chosen in ((), ("status",), ("category_id", "status"))
            for name in ("name", "price", "released", "created_at")
        ),
        Index(None, "stock", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    stock: Mapped[int] = mapped_column(default=0)
    released: Mapped[date | None]
    status: Mapped[Status] = mapped_column(
        Enum(Status, native_enum=False, length=20, validate_strings=True), default=Status.DRAFT
    )
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    category: Mapped[Category] = relationship(back_populates="products", lazy="joined")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    def __str__(self) -> str:
        return self.name
