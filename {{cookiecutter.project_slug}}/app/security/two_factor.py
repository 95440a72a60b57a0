"""The second step of logging in: a code of an authenticator app, or a recovery code."""

from typing import cast

from flask_security import Totp as BaseTotp
from flask_security import TwoFactorRescueForm, UserMixin
from passlib.exc import UsedTokenError
from passlib.totp import TotpMatch
from sqlalchemy import CursorResult, or_, update
from wtforms import RadioField

from ..database import db
from .models import User


class Totp(BaseTotp):
    """Takes each code once only, also when two requests bring it at the same moment."""

    def get_last_counter(self, user: UserMixin) -> int | None:
        """Return the time step of the last code that the user has used."""
        return cast("User", user).totp_counter

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Note the time step of a code; whoever comes second with it is refused.

        :raises passlib.exc.UsedTokenError: another request has used it meanwhile
        """
        is_newer = or_(User.totp_counter.is_(None), User.totp_counter < tmatch.counter)
        note = update(User).where(User.id == user.id, is_newer).values(totp_counter=tmatch.counter)
        noted = cast("CursorResult[tuple[()]]", db.session.execute(note))
        if not noted.rowcount:
            raise UsedTokenError


class RescueForm(TwoFactorRescueForm):
    """Offers the recovery codes, which Flask-Security adds, and no mail to an administrator."""

    help_setup = RadioField(choices=[])
