"""Categories and their products."""

import enum
from decimal import Decimal

from flask import current_app
from sqlalchemy import CheckConstraint, Enum, ForeignKey, Numeric, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..database import Model, db

MAX_PRICE = 99_999_999


class Status(enum.Enum):
    """Where a product stands between its first draft and the archive."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"

    def __str__(self) -> str:
        return self.value


class Category(Model):
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


class Product(Model):
    """Something that is offered at a price."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint(f"price BETWEEN 0 AND {MAX_PRICE}", name="price"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    status: Mapped[Status] = mapped_column(
        Enum(Status, native_enum=False, length=20), default=Status.DRAFT
    )
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
    category: Mapped[Category] = relationship(back_populates="products", lazy="joined")

    def __str__(self) -> str:
        return self.name


SAMPLE = {
    "Books": {"A Field Guide to Flasks": "24.00", "The Small Router": "18.50"},
    "Glassware": {"Erlenmeyer flask, 250 ml": "7.90", "Round-bottom flask": "11.20"},
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
                    Product(name=name, price=Decimal(price), status=Status.PUBLISHED)
                    for name, price in products.items()
                ],
            )
        )
    return "Wrote the sample catalogue."
