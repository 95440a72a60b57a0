"""The roles, and those who get them from the command line, as the first administrator does."""

from dataclasses import dataclass
from typing import cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_security import EmailValidateException, Security, UserDatastore, naive_utcnow
from flask_security.cli import users

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


def give_first_role(_app: Flask, user: User, **_signal: object) -> None:
    """Make whoever has registered a user."""
    store().add_role_to_user(user, role("user"))


def seed_accounts() -> str:
    """Create the roles, and the administrator that the environment names.

    :raises click.ClickException: ADMIN_EMAIL is no address, or ADMIN_PASSWORD easy to guess
    :raises environs.EnvError: ADMIN_PASSWORD is the example, or too short
    """
    for name in ROLES:
        role(name)
    email, password = env.str("ADMIN_EMAIL", ""), optional_secret("ADMIN_PASSWORD", 12)
    if not (email and password):
        return "No administrator: ADMIN_EMAIL and ADMIN_PASSWORD are not set."
    email = good_email(email, "ADMIN_EMAIL")
    user = find_user(email)
    # Whoever has registered the address need not be whom it was meant for.
    if user and not user.has_role("admin"):
        return f'{email} is no administrator; "flask roles add {email} admin" makes them one.'
    if user:
        return f"The administrator {email} is there."
    store().create_user(
        email=email,
        password=hashed(good_password(password, email, "ADMIN_PASSWORD")),
        roles=["admin"],
        confirmed_at=naive_utcnow(),
    )
    return f"Created the administrator {email}."


@users.command("create")
@click.argument("email")
@click.password_option()
@click.option(
    "--role",
    "names",
    multiple=True,
    type=click.Choice(list(ROLES)),
    default=["user"],
    show_default=True,
    help="May be given several times.",
)
@click.option("--active/--inactive", default=True, help="Whether they can log in.")
@with_appcontext
def create_user(email: str, password: str, names: list[str], active: bool) -> None:
    """Create a user with the address EMAIL, which needs no confirmation.

    This takes the place of the command of Flask-Security, whose users can't log in.
    """
    email = good_email(email, "EMAIL")
    if find_user(email):
        message = f"EMAIL: {email} has an account already."
        raise click.ClickException(message)
    store().create_user(
        email=email,
        password=hashed(good_password(password, email, "Password")),
        roles=[role(name) for name in names],
        active=active,
        confirmed_at=naive_utcnow(),
    )
    db.session.commit()
    click.echo(f"Created {email}: {', '.join(names)}.")


def good_email(email: str, name: str) -> str:
    """Return an address as accounts keep it.

    :raises click.ClickException: it is none; it says so of ``name``
    """
    try:
        return accounts().mail_util.validate(email)
    except EmailValidateException as error:
        message = f"{name}: {email} is not an e-mail address."
        raise click.ClickException(message) from error


def good_password(password: str, email: str, name: str) -> str:
    """Return a password, once it is as good as those that users choose.

    :raises click.ClickException: it is not; it says so of ``name``
    """
    errors, normalized = accounts().password_util.validate(password, is_register=True, email=email)
    if errors:
        message = f"{name}: {errors[0]}"
        raise click.ClickException(message)
    return normalized
