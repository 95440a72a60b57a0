"""Slugs: the names of rows in the addresses of their pages, such as ``erlenmeyer-flask-250-ml``."""

from collections.abc import Iterator
from itertools import count
from unicodedata import category, normalize

from sqlalchemy import String, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

MAX_SLUG = 80
RESERVED = ("new",)  # other pages have these addresses


class Slugged:
    """Gives a model with a name a slug, which is made from the name and then stays as it is."""

    name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(MAX_SLUG), unique=True, default="")

    @validates("name")
    def strip_name(self, _name: str, text: str) -> str:
        """Remove blanks from both ends, so that no two names differ in them only."""
        return text.strip()


def slugify(text: str | None) -> str:
    """Return the letters and digits of a text, in lower case, with dashes for all the rest.

    Letters lose their accents where that leaves letters of ASCII, and are kept otherwise.
    """
    folded = (
        normalize("NFD", sign).encode("ascii", "ignore").decode() or sign
        for sign in normalize("NFC", text or "")
    )
    kept = (sign if category(sign)[0] in "LMN" else " " for sign in "".join(folded).casefold())
    return "-".join("".join(kept).split())


@event.listens_for(Session, "before_flush")
def give_slugs(session: Session, *_others: object) -> None:
    """Give a slug to each row that comes without one."""
    rows = [row for row in (*session.new, *session.dirty) if isinstance(row, Slugged)]
    given = {(type(row), row.slug) for row in rows}
    for row in rows:
        if not row.slug:
            row.slug = next(slug for slug in candidates(row) if is_free(session, row, slug, given))
            given.add((type(row), row.slug))


def candidates(row: Slugged) -> Iterator[str]:
    """Yield the slug of the name, and then the same with 2, 3, 4 … at its end."""
    base = slugify(row.name) or type(row).__name__.lower()
    yield base[:MAX_SLUG].rstrip("-")
    ends = (f"-{number}" for number in count(2))
    yield from (base[: MAX_SLUG - len(end)].rstrip("-") + end for end in ends)


def is_free(
    session: Session, row: Slugged, slug: str, given: set[tuple[type[Slugged], str]]
) -> bool:
    """Tell whether neither another row nor another page has it."""
    model = type(row)
    if slug in RESERVED or (model, slug) in given:
        return False
    return session.scalar(select(model.slug).where(model.slug == slug)) is None
