"""Users and their roles."""

from flask_security.models.sqla import FsModels, FsRoleMixin, FsUserMixin
{% if cookiecutter.i18n %}
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
{% endif %}

from ..database import Model

# "user" and "role" are words that some databases keep for themselves.
FsModels.set_db_info(base_model=Model, user_table_name="users", role_table_name="roles")  # type: ignore[no-untyped-call]


class Role(Model, FsRoleMixin):
    """What a user is allowed to do."""

    __tablename__ = "roles"

    def __str__(self) -> str:
        return self.name


class User(Model, FsUserMixin):
    """Somebody who can log in."""

    __tablename__ = "users"
    {% if cookiecutter.i18n %}
    language: Mapped[str | None] = mapped_column(String(20))
    {% endif %}

    def __str__(self) -> str:
        return self.email
