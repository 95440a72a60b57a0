"""What the workers remember."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model
from ..database.utc import UtcDateTime, now


class Done(Model):
    """A piece of work that is done, by a key that says which one it was."""

    __tablename__ = "done_tasks"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
