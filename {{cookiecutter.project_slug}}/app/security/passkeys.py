"""Passkeys; see https://flask-security.readthedocs.io/en/stable/webauthn.html"""

import time

from flask import g, session
from flask_security import UserMixin, WebAuthnMixin
from flask_security import WebAuthnSigninResponseForm as BaseSigninResponseForm
from flask_security import WebauthnUtil as BaseWebauthnUtil
from flask_security.confirmable import requires_confirmation
from flask_security.utils import get_message, naive_utcfromtimestamp
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .limits import view


class WebauthnUtil(BaseWebauthnUtil):
    """Accepts any authenticator, also the one built into a phone or a computer.

    A passkey that replaces the password has to verify its owner, by a fingerprint, a face or a
    PIN.
    """

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """Return what has to be signed, and note its purpose and the time in the session."""
        challenge = super().generate_challenge(nbytes)
        session["passkey"] = [*purpose(view()), challenge, time.time()]
        return challenge

    def authenticator_selection(
        self, user: UserMixin, usage: str
    ) -> AuthenticatorSelectionCriteria:
        """Return what a new passkey has to be able to do."""
        if usage == "first":
            return AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.DISCOURAGED,
        )

    def user_verification(
        self, user: UserMixin | None, usage: list[str]
    ) -> UserVerificationRequirement:
        """Return whether the passkey has to verify its owner."""
        if usage == ["first"]:
            return UserVerificationRequirement.REQUIRED
        return UserVerificationRequirement.PREFERRED


def purpose(start: str) -> list[str | None]:
    """Return what a challenge is for: its page, the user, and the user of the second step."""
    is_second_step = session.get("tf_state") == "ready"
    return [start, session.get("_user_id"), session.get("tf_user_id") if is_second_step else None]


def is_challenge(start: str, challenge: str) -> bool:
    """Return whether this session was given the challenge for what it is answered for.

    It can be answered once: the session forgets it.
    """
    *given, g.challenged_at = session.pop("passkey", [0])
    return bool(given == [*purpose(start), challenge])


class SigninResponseForm(BaseSigninResponseForm):
    """Refuses passkeys that Flask-Security would accept: see the methods."""

    def validate(self, **kwargs: object) -> bool:
        """Check the signature, the user, and what the passkey is used for."""
        if not (super().validate(**kwargs) and self.user and self.cred):
            return False
        if may_log_in(self.user) and self.fits_purpose(self.user) and is_first_answer(self.cred):
            return True
        self.form_errors.append(get_message("API_ERROR")[0])
        return False

    def fits_purpose(self, user: UserMixin) -> bool:
        """Ask for the user of the first step, or for a passkey that has verified its owner.

        The browser was asked to verify the owner, but the one who answers need not be a browser.
        """
        if self.is_secondary:
            return bool(user.fs_uniquifier == session.get("tf_user_id"))
        return self.is_verify or self.mf_check


def may_log_in(user: UserMixin) -> bool:
    """Return whether the password of the user would be accepted, too."""
    needs_confirmation = requires_confirmation(user)  # type: ignore[no-untyped-call]
    return user.is_active and not needs_confirmation


def is_first_answer(passkey: WebAuthnMixin) -> bool:
    """Return whether the passkey was not used since the challenge was made.

    Sessions are cookies: an old one still has the challenge, and not every passkey counts.
    """
    return bool(passkey.lastuse_datetime <= naive_utcfromtimestamp(g.challenged_at))
