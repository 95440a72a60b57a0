"""Which passwords are good enough: long, and neither common nor about their owner."""

import re

from flask import current_app
from flask_security import PasswordUtil as BasePasswordUtil
from flask_security import hash_password
from zxcvbn import zxcvbn

from ..text import gettext as _

# Longer ones are safe anyway, and would take long to measure.
MEASURED = 72
MAX_LENGTH = 128
GOOD = 3  # of 4


class PasswordUtil(BasePasswordUtil):
    """Measures how easily a password is guessed, with a list of common ones that is local.

    See https://github.com/dwolfhub/zxcvbn-python
    """

    def validate(
        self, password: str, is_register: bool, **kwargs: object
    ) -> tuple[list[str] | None, str]:
        """Return what is wrong with the password, if anything, and the password normalized.

        :param kwargs: the fields of the form that registers, or else the ``user``
        """
        # Flask-Security refuses these as well, and says that they are too short.
        if len(password) > MAX_LENGTH:
            return [_("Use at most %(length)s characters.", length=MAX_LENGTH)], password
        errors, password = super().validate(password, is_register, **kwargs)
        if not errors and guessable(password, owner(kwargs)):
            errors = [_("This password is easy to guess. Make it longer, or less usual.")]
        return errors, password


def hashed(password: str) -> str:
    """Return the hash of a password, however its letters are encoded."""
    normalized = current_app.extensions["security"].password_util.normalize(password)
    return hash_password(normalized)


def owner(known: dict[str, object]) -> str:
    """Return the address of whoever chooses a password, empty where it is not known."""
    email = getattr(known.get("user"), "email", None) or known.get("email")
    return str(email or "")


def guessable(password: str, email: str) -> bool:
    """Tell whether a password is guessed soon by who knows its owner's address, and the site."""
    known = re.findall(r"\w{3,}", f"{email} {current_app.config['APP_NAME']}")
    rest = re.sub("|".join(known), "", password, flags=re.IGNORECASE) if known else password
    # It can't measure an empty text.
    return not rest or bool(zxcvbn(rest[:MEASURED])["score"] < GOOD)
