"""The sample: some products in categories."""

from datetime import date
from decimal import Decimal

from flask import current_app
from sqlalchemy import select

from ..database import db
from .models import Category, Product, Status

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


def seed() -> str:
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
