"""The roles, and the first administrator, written by ``flask seed``."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app
from flask_security import EmailValidateException, Security, UserDatastore, naive_utcnow

from ..config import env, optional_secret
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


def give_first_role(_app: Flask, user: User, **_signal: object) -> None:
    """Make whoever has registered a user."""
    store().add_role_to_user(user, role("user"))


def seed_accounts() -> str:
    """Create the roles, and the administrator that the environment names.

    :raises environs.EnvError: ADMIN_PASSWORD is the example, or too short
    :raises ValueError: ADMIN_EMAIL is no address
    """
    for name in ROLES:
        role(name)
    email, password = env.str("ADMIN_EMAIL", ""), optional_secret("ADMIN_PASSWORD", 12)
    if not (email and password):
        return "No administrator: ADMIN_EMAIL and ADMIN_PASSWORD are not set."
    email = checked(email)
    if find_user(email):
        return f"The administrator {email} is there."
    store().create_user(
        email=email,
        password=hashed(password),
        roles=["admin"],
        confirmed_at=naive_utcnow(),
    )
    return f"Created the administrator {email}."


def checked(email: str) -> str:
    """Return the address as accounts keep it.

    :raises ValueError: it is no address
    """
    try:
        return accounts().mail_util.validate(email)
    except EmailValidateException as error:
        message = f"ADMIN_EMAIL: {email} is not an e-mail address."
        raise ValueError(message) from error
