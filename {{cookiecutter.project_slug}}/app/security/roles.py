"""The roles, and the first administrator, written by ``flask seed``."""

from dataclasses import dataclass
from typing import cast

from environs import EnvError
from flask import Flask, current_app
from flask_security import EmailValidateException, Security, UserDatastore, naive_utcnow
from sqlalchemy import select

from ..config import env, optional_secret
from ..database import db
from .models import Role, User
from .passwords import hashed

EDIT = "edit-content"


@dataclass(frozen=True)
class Kind:
    """A role as the code knows it; administrators may give it other permissions later."""

    description: str
    permissions: tuple[str, ...] = ()


ROLES = {
    "admin": Kind("May do everything", (EDIT,)),
    "editor": Kind("May change the content", (EDIT,)),
    "user": Kind("Has an account"),
}


def accounts() -> Security:
    """Return the extension of the current application."""
    return cast("Security", current_app.extensions["security"])


def store() -> UserDatastore:
    """Return where users and roles are kept."""
    return accounts().datastore


def find_user(email: str) -> User | None:
    """Return the user with this address, however it is written."""
    return cast("User | None", store().find_user(email=email, case_insensitive=True))


def role(name: str) -> Role:
    """Return one of the roles, and create it where it is missing."""
    kind = ROLES[name]
    permissions = list(kind.permissions)
    found = store().find_or_create_role(name, description=kind.description, permissions=permissions)
    return cast("Role", found)


def others_administrate(user: User) -> bool:
    """Tell whether somebody else who can log in has the role ``admin``.

    Whoever asks next waits until this transaction ends, so that two can't both rely on the other.
    """
    # What is not written yet would be locked before the role, in another order than elsewhere.
    with db.session.no_autoflush:
        db.session.scalar(select(Role.id).where(Role.name == "admin").with_for_update())
        # Locked, for MariaDB shows other reads what was there before the role was.
        others = (
            select(User.id)
            .join(User.roles)
            .where(Role.name == "admin", User.active, User.id != user.id)
            .with_for_update(read=True)
        )
        return db.session.scalar(others) is not None


def give_first_role(_app: Flask, user: User, **_signal: object) -> None:
    """Make whoever has registered a user."""
    store().add_role_to_user(user, role("user"))


def seed_accounts() -> str:
    """Create the roles, and the administrator that the environment names.

    :raises environs.EnvError: ADMIN_EMAIL is no address, or ADMIN_PASSWORD not good enough
    """
    for name in ROLES:
        role(name)
    email, password = env.str("ADMIN_EMAIL", ""), optional_secret("ADMIN_PASSWORD", 12)
    if not (email and password):
        return "No administrator: ADMIN_EMAIL and ADMIN_PASSWORD are not set."
    email = good_email(email)
    user = find_user(email)
    # Whoever has registered the address need not be whom it was meant for.
    if user and not user.has_role("admin"):
        return f'{email} is no administrator; "flask roles add {email} admin" makes them one.'
    if user:
        return f"The administrator {email} is there."
    store().create_user(
        email=email,
        password=hashed(good_password(password, email)),
        roles=["admin"],
        confirmed_at=naive_utcnow(),
    )
    return f"Created the administrator {email}."


def good_email(email: str) -> str:
    """Return ADMIN_EMAIL as accounts keep addresses.

    :raises environs.EnvError: it is no address
    """
    try:
        return accounts().mail_util.validate(email)
    except EmailValidateException as error:
        message = f"ADMIN_EMAIL: {email} is not an e-mail address."
        raise EnvError(message) from error


def good_password(password: str, email: str) -> str:
    """Return ADMIN_PASSWORD, once it is as good as those that users choose.

    :raises environs.EnvError: it is not
    """
    errors, normalized = accounts().password_util.validate(password, is_register=True, email=email)
    if errors:
        message = f"ADMIN_PASSWORD: {errors[0]}"
        raise EnvError(message)
    return normalized
