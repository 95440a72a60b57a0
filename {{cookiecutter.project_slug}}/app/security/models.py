"""Users, their roles and their passkeys."""

from datetime import datetime

from flask_security import AsaList
from flask_security.models import sqla
from sqlalchemy import VARBINARY, DateTime, LargeBinary, String
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model
{% if cookiecutter.api %}
from .tokens import UserMixin
{% else %}

UserMixin = sqla.FsUserMixin
{% endif %}

# It has no parameters, so that statements with it can be kept; SQLAlchemy wants to be told.
AsaList.cache_ok = True
# "user" and "role" are words that some databases keep for themselves.
sqla.FsModels.set_db_info(  # type: ignore[no-untyped-call]
    base_model=Model,
    user_table_name="users",
    role_table_name="roles",
    webauthn_table_name="passkeys",
)


class Role(Model, sqla.FsRoleMixin):
    """What a user is allowed to do."""

    __tablename__ = "roles"

    def __str__(self) -> str:
        return self.name


class User(Model, UserMixin):
    """Somebody who can log in."""

    __tablename__ = "users"
    # MySQL would take letters with accents for those without, and one person for another.
    email: Mapped[str] = mapped_column(
        String(255).with_variant(String(255, collation="utf8mb4_bin"), "mysql", "mariadb"),
        unique=True,
    )
    # The time step of the last code of an authenticator app, so that no code works twice.
    totp_counter: Mapped[int | None]
    {% if cookiecutter.i18n %}
    language: Mapped[str | None] = mapped_column(String(20))
    timezone: Mapped[str | None] = mapped_column(String(64))
    {% endif %}

    def __str__(self) -> str:
        return self.email


class WebAuthn(Model, sqla.FsWebAuthnMixin):
    """A passkey of a user."""

    __tablename__ = "passkeys"
    # MySQL makes no index on a BLOB, which is its LargeBinary.
    credential_id: Mapped[bytes] = mapped_column(
        LargeBinary(1024).with_variant(VARBINARY(1024), "mysql", "mariadb"), index=True, unique=True
    )
    # MySQL would round to seconds, and a challenge is asked for and answered within one.
    lastuse_datetime: Mapped[datetime] = mapped_column(
        DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")
    )
