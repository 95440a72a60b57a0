"""The roles and the first administrator, written by ``flask seed``."""

from flask import current_app
from flask_security import hash_password, naive_utcnow

from ..config import env, optional_secret

ROLES = {"admin": "May do everything", "editor": "May change the content"}


def seed_accounts() -> str:
    """Create the roles, and the administrator that the environment names."""
    datastore = current_app.extensions["security"].datastore
    for name, description in ROLES.items():
        datastore.find_or_create_role(name, description=description)
    email, password = env.str("ADMIN_EMAIL", ""), optional_secret("ADMIN_PASSWORD", 12)
    if not (email and password):
        return "No administrator: ADMIN_EMAIL and ADMIN_PASSWORD are not set."
    if datastore.find_user(email=email):
        return f"The administrator {email} is there."
    datastore.create_user(
        email=email,
        password=hash_password(password),
        roles=["admin"],
        confirmed_at=naive_utcnow(),
    )
    return f"Created the administrator {email}."
