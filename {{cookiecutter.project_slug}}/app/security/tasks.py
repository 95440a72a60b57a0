"""What is deleted each night: tokens that have ended."""

from flask_security import naive_utcnow
from sqlalchemy import delete

from ..database import db
from .tokens import Token


def clean_up() -> str:
    """Delete the tokens that have ended."""
    result = db.session.execute(delete(Token).where(Token.expires_at < naive_utcnow()))
    return f"Deleted {result.rowcount} tokens that had ended."  # type: ignore[attr-defined]
