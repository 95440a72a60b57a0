"""Categories and their products."""

import enum
from datetime import date, datetime
from decimal import Decimal

from flask import current_app
from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, Numeric, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, db
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
        Enum(Status, native_enum=False, length=20), default=Status.DRAFT
    )
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    category: Mapped[Category] = relationship(back_populates="products", lazy="joined")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    def __str__(self) -> str:
        return self.name


# The name, the price, how many there are, and since when.
SAMPLE: dict[str, list[tuple[str, str, int, date | None]]] = {
    "Books": [
        ("A Field Guide to Flasks", "24.00", 12, date(2025, 3, 14)),
        ("The Small Router", "18.50", 0, date(2026, 9, 1)),
    ],
    "Glassware": [
        ("Erlenmeyer flask, 250 ml", "7.90", 1200, date(2024, 11, 5)),
        ("Round-bottom flask", "11.20", 85, None),
    ],
}


def seed_catalog() -> str:
    """Write the sample products, unless there are categories, or this is production."""
    if current_app.config["APP_ENV"] == "production":
        return "No sample catalogue in production."
    if db.session.scalar(select(Category).limit(1)):
        return "The catalogue has categories: left as it is."
    for category, products in SAMPLE.items():
        db.session.add(
            Category(
                name=category,
                products=[
                    Product(
                        name=name,
                        price=Decimal(price),
                        stock=stock,
                        released=released,
                        status=Status.PUBLISHED,
                    )
                    for name, price, stock, released in products
                ],
            )
        )
    return "Wrote the sample catalogue."
