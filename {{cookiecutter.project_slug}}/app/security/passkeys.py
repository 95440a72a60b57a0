"""Passkeys; see https://flask-security.readthedocs.io/en/stable/webauthn.html"""

from flask_security import UserMixin
from flask_security import WebauthnUtil as BaseWebauthnUtil
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
