"""How Flask-Security reads and writes accounts: with locks, and with the rules of the models."""

from typing import cast

from flask import current_app, has_request_context, request
from flask_security import RoleMixin, SQLAlchemyUserDatastore, UserMixin
from sqlalchemy import select

from ..database import Model, db, is_going_to_write
from .models import User, WebAuthn


class Datastore(SQLAlchemyUserDatastore):
    """Locks the user of a link, a session or a second step, and the passkey of a log-in.

    A second request waits until the first has committed, and then finds the link or the code used.
    """

    def find_user(self, case_insensitive: bool = False, **criteria: object) -> User | None:
        """Return the user, locked if Flask-Security is about to change them."""
        if "fs_uniquifier" in criteria and is_changing_accounts():
            lock(User, **criteria)
        return cast("User | None", super().find_user(case_insensitive, **criteria))

    def find_webauthn(self, credential_id: bytes) -> WebAuthn | None:
        """Return the passkey, locked."""
        lock(WebAuthn, credential_id=credential_id)
        return cast("WebAuthn | None", super().find_webauthn(credential_id))

    def deactivate_user(self, user: UserMixin) -> bool:
        """Deactivate a user; the last administrator is refused before a command reports success."""
        changed = super().deactivate_user(user)
        db.session.flush()
        return changed

    def remove_role_from_user(self, user: UserMixin, role: RoleMixin | str) -> bool:
        """Remove a role; the last administrator is refused before a command reports success."""
        changed = super().remove_role_from_user(user, role)
        db.session.flush()
        return changed


def is_changing_accounts() -> bool:
    """Return whether this request is sent to Flask-Security, and may change a user."""
    is_ours = has_request_context() and (
        request.blueprint == current_app.config["SECURITY_BLUEPRINT_NAME"]
    )
    return is_ours and is_going_to_write()


def lock(model: type[Model], **criteria: object) -> None:
    """Lock the row until the transaction ends; SQLite locks the whole database when it begins."""
    db.session.execute(select(model.id).filter_by(**criteria).with_for_update())
