"""What the catalogue keeps in the cache."""

import pytest
from flask import Flask
from sqlalchemy import insert

from app.catalog.caching import count_products, render_categories
from app.catalog.models import Category
from app.database import db

pytestmark = pytest.mark.usefixtures("context", "empty")


@pytest.fixture
def empty(app: Flask) -> None:
    """Begin with nothing in the cache."""
    with app.app_context():
        db.session.add(Category(name="Any"))
        db.session.commit()


def add(name: str) -> None:
    """Write a category past the models, so that the cache hears nothing of it."""
    db.session.execute(insert(Category).values(name=name))
    db.session.commit()


def test_counts_are_kept_until_the_catalogue_changes() -> None:
    assert len(count_products()) == 1
    add("Unheard")
    assert len(count_products()) == 1
    db.session.add(Category(name="Heard"))
    db.session.commit()
    assert len(count_products()) == 3


def test_a_change_that_is_taken_back_empties_nothing() -> None:
    count_products()
    add("Unheard")
    db.session.add(Category(name="Regretted"))
    db.session.flush()
    db.session.rollback()
    db.session.commit()
    assert len(count_products()) == 1


def test_the_list_is_kept_for_each_language(app: Flask) -> None:
    with app.test_request_context():
        before = render_categories("en")
        add("Unheard")
        assert render_categories("en") == before
        assert "Unheard" in render_categories("es")
