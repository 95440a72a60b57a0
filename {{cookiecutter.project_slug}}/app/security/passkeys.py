"""Passkeys; see https://flask-security.readthedocs.io/en/stable/webauthn.html"""

from flask import request, session
from flask_security import UserMixin
from flask_security import WebAuthnSigninResponseForm as BaseSigninResponseForm
from flask_security import WebauthnUtil as BaseWebauthnUtil
from flask_security.utils import get_message
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


class WebauthnUtil(BaseWebauthnUtil):
    """Lets any authenticator in, also the one built into a phone or a computer.

    A passkey that stands for the password has to make sure that it is its owner who uses it,
    by a fingerprint, a face or a PIN.
    """

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """Return what has to be signed, and note in the session where it was asked for."""
        challenge = super().generate_challenge(nbytes)
        session["passkey"] = [(request.endpoint or "").rpartition(".")[2], challenge]
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
        """Return whether somebody who logs in has to show that they are the owner."""
        if usage == ["first"]:
            return UserVerificationRequirement.REQUIRED
        return UserVerificationRequirement.PREFERRED


class SigninResponseForm(BaseSigninResponseForm):
    """Takes as the second step only a passkey of the user who has taken the first."""

    def validate(self, **kwargs: object) -> bool:
        """Check what was signed, and whose it is."""
        if not super().validate(**kwargs):
            return False
        owner = self.user.fs_uniquifier if self.user else None
        if self.is_secondary and owner != session.get("tf_user_id"):
            self.form_errors.append(get_message("WEBAUTHN_UNKNOWN_CREDENTIAL_ID")[0])
            return False
        return True
