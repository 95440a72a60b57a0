"""The second step of logging in: a code of an authenticator app, or a recovery code."""

from typing import cast

from flask_security import MfRecoveryCodesUtil as BaseRecoveryCodes
from flask_security import Totp as BaseTotp
from flask_security import TwoFactorRescueForm, UserMixin
from passlib.exc import UsedTokenError
from passlib.totp import TotpMatch
from sqlalchemy import CursorResult, Update, or_, update
from wtforms import RadioField

from ..database import db
from .models import User


class Totp(BaseTotp):
    """Takes each code once only, also when two requests bring it at the same moment."""

    def verify_totp(self, token: str, totp_secret: str, user: UserMixin, window: int = 0) -> bool:
        """Tell whether a code is right; of a key that is new, none has been used."""
        if totp_secret != user.tf_totp_secret:
            cast("User", user).totp_counter = None
        return super().verify_totp(token, totp_secret, user, window)

    def get_last_counter(self, user: UserMixin) -> int | None:
        """Return the time step of the last code that the user has used."""
        return cast("User", user).totp_counter

    def set_last_counter(self, user: UserMixin, tmatch: TotpMatch) -> None:
        """Note the time step of a code; whoever comes second with it is refused.

        :raises passlib.exc.UsedTokenError: another request has used it meanwhile
        """
        is_newer = or_(User.totp_counter.is_(None), User.totp_counter < tmatch.counter)
        note = update(User).where(User.id == user.id, is_newer).values(totp_counter=tmatch.counter)
        if not changes_a_row(note):
            raise UsedTokenError


class RecoveryCodes(BaseRecoveryCodes):
    """Takes each recovery code once only, also when two requests bring it at the same moment."""

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Tell whether a code is right, and use it up."""
        code = code.strip().lower()
        kept = list(user.mf_recovery_codes or [])
        left = [encrypted for encrypted in kept if self._decrypt_codes([encrypted]) != [code]]
        unchanged = (User.id == user.id, User.mf_recovery_codes == kept)
        return left != kept and changes_a_row(
            update(User).where(*unchanged).values(mf_recovery_codes=left)
        )

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Say that the code is gone: checking has used it up."""
        return True


def changes_a_row(statement: Update) -> bool:
    """Run an update, and tell whether there was something to change."""
    result = cast("CursorResult[tuple[()]]", db.session.execute(statement))
    return bool(result.rowcount)


class RescueForm(TwoFactorRescueForm):
    """Offers the recovery codes, which Flask-Security adds, and no mail to an administrator."""

    help_setup = RadioField(choices=[])
