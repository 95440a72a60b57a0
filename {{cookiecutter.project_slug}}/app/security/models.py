"""Users, their roles and their passkeys, with the rules that hold however they are changed."""

from datetime import datetime
from uuid import uuid4

from click import ClickException
from flask_security import AsaList
from flask_security.models import sqla
from sqlalchemy import VARBINARY, DateTime, LargeBinary, String, event, inspect, select
from sqlalchemy.dialects.mysql import DATETIME
from sqlalchemy.orm import Mapped, Session, mapped_column, validates
from wtforms import ValidationError

from ..database import Model, db
from ..text import gettext as _
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
    email: Mapped[str] = mapped_column(String(255), unique=True)
    # The time step of the last code of an authenticator app, so that no code works twice.
    totp_counter: Mapped[int | None]
    {% if cookiecutter.i18n %}
    language: Mapped[str | None] = mapped_column(String(20))
    timezone: Mapped[str | None] = mapped_column(String(64))
    {% endif %}

    def __str__(self) -> str:
        return self.email

    @validates("active")
    def end_sessions(self, _name: str, active: bool) -> bool:
        """End all sessions and tokens, which stay void when the user is active again."""
        if self.active not in (None, active):
            self.fs_uniquifier = uuid4().hex
        return active


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


class LastAdministratorError(ClickException, ValidationError):
    """Refuses to leave the site without an administrator; forms and commands show the message."""

    def __init__(self) -> None:
        super().__init__(_("This is the only administrator. Make somebody else one before."))


def administrators() -> set[int]:
    """Return the ids of the active users with the role ``admin``.

    The role is locked, so that two administrators can't remove each other at the same time.
    """
    db.session.scalar(select(Role.id).where(Role.name == "admin").with_for_update())
    # Locked, because MariaDB shows other reads what was there before the role was.
    found = select(User.id).join(User.roles).where(Role.name == "admin", User.active)
    return set(db.session.scalars(found.with_for_update(read=True)))


@event.listens_for(Session, "before_flush")
def keep_an_administrator(session: Session, *_others: object) -> None:
    """Refuse to deactivate, demote or delete the last administrator.

    :raises LastAdministratorError: nobody could open the admin panel afterwards
    """
    users = [row for row in (*session.dirty, *session.deleted) if isinstance(row, User)]
    leaving = {user.id for user in users if user in session.deleted or is_demoted(user)}
    if leaving and set() < administrators() <= leaving:
        raise LastAdministratorError


def is_demoted(user: User) -> bool:
    """Return whether a user is deactivated or loses a role, and is no administrator any more."""
    changes = inspect(user).attrs
    is_changed = changes.active.history.deleted or changes.roles.history.deleted
    return bool(is_changed and not (user.active and user.has_role("admin")))
