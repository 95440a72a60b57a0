"""Text is compared exactly, and searched in any case, on every database."""

from collections.abc import Iterator
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.database import compare_text_exactly, db, to_lower
from app.database.keyset import fetch_page

# What a collation might take for the same.
WORDS = ["Äpfel", "äpfel", "Apfel", "apfel", "ÄPFEL", "😀", "🚀", "Σ", "σ", "straße", "strasse"]


class Base(DeclarativeBase):
    """Keeps the table from the migrations."""


class Word(Base):
    """A row with a text that no other row has."""

    __tablename__ = "words"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.String(20), unique=True)


@pytest.fixture(scope="module")
def table(app: Flask) -> Iterator[None]:
    """Create the table."""
    with app.app_context():
        Base.metadata.drop_all(db.engine)
        Base.metadata.create_all(db.engine)
    yield
    with app.app_context():
        Base.metadata.drop_all(db.engine)


@pytest.fixture(autouse=True)
def words(table: None, transaction: None, context: None) -> None:
    """Write a row of each word, which no unique constraint refuses."""
    db.session.add_all([Word(text=text) for text in WORDS])
    db.session.commit()


def found(condition: sa.ColumnElement[bool]) -> set[str]:
    """Return the words that a condition is true for."""
    return set(db.session.scalars(sa.select(Word.text).where(condition)))


@pytest.mark.parametrize("word", WORDS)
def test_equal_text_is_the_same_in_every_letter(word: str) -> None:
    assert found(Word.text == word) == {word}
    assert found(Word.text.in_([word])) == {word}
    assert found(Word.text.like(word)) == {word}


def test_a_unique_column_refuses_the_same_text() -> None:
    db.session.add(Word(text="äpfel"))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()


@pytest.mark.parametrize(
    ("searched", "expected"),
    [
        ("ÄPF", {"Äpfel", "äpfel", "ÄPFEL"}),
        ("äpf", {"Äpfel", "äpfel", "ÄPFEL"}),
        ("aPF", {"Apfel", "apfel"}),
        ("😀", {"😀"}),
        ("σ", {"Σ", "σ"}),
        ("STRAß", {"straße"}),
        ("%", set()),
        ("_", set()),
    ],
)
def test_a_search_ignores_the_case_and_nothing_else(searched: str, expected: set[str]) -> None:
    assert found(Word.text.icontains(searched, autoescape=True)) == expected


@pytest.mark.parametrize("descending", [False, True])
def test_every_row_is_on_one_page(descending: bool) -> None:
    order = [(Word.text, descending), (Word.id, descending)]
    read: list[str] = []
    cursor = ""
    while len(read) < len(WORDS):
        page = fetch_page(sa.select(Word), order, 2, cursor)
        read += [word.text for word in page.items]
        cursor = page.next
    assert not cursor
    assert sorted(read) == sorted(WORDS)


def test_lower_case_of_nothing_is_nothing() -> None:
    assert [to_lower(None), to_lower(7), to_lower("ÄΣ")] == [None, "7", "äσ"]


def test_a_table_of_mysql_gets_an_exact_collation_unless_it_names_one() -> None:
    runner = Mock(dialect=mysql.dialect())
    tables = [sa.Table("a", sa.MetaData()), sa.Table("b", sa.MetaData(), mysql_collate="utf8mb4_x")]
    for table in tables:
        compare_text_exactly(table, None, _ddl_runner=runner)
    assert [one.kwargs["mysql_collate"] for one in tables] == ["utf8mb4_bin", "utf8mb4_x"]
