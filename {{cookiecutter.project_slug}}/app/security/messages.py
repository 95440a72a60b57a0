"""What the accounts say, where Flask-Security says it less plainly."""

from ..text import lazy_gettext as _l

MESSAGES = {
    "API_ERROR": (_l("That did not work. Please start again."), "error"),
    "GENERIC_AUTHN_FAILED": (_l("The e-mail address or the password is wrong."), "error"),
    "INVALID_INPUT_LENGTH": (_l("Use at most %(length)s characters."), "error"),
    "REAUTHENTICATION_REQUIRED": (_l("Please show first that it is you."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_l("Thank you. You can go on now."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _l("Two-factor authentication is turned on."),
        "success",
    ),
    "TWO_FACTOR_DISABLED": (_l("Two-factor authentication is turned off."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (_l("Please log in first."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_l("Give the passkey a name."), "error"),
}

# What the catalogues of Flask-Security lack in some languages.
WORDS = [
    _l("%(name)s is already associated with a passkey."),
    _l("%(name)s not registered with current user."),
    _l("Change of email address confirmed"),
    _l("Confirmation must be completed within %(within)s. Please start over."),
    _l("Could not verify passkey: %(cause)s."),
    _l("Credential user handle didn't match"),
    _l("Identity %(id)s not registered"),
    _l(
        "Identity attribute '%(attr)s' with value '%(value)s' is already associated with an account."
    ),
    _l(
        "If that email address is in our system, you will receive an email describing how to reset your password."
    ),
    _l("Instructions to confirm your new email address have been sent to %(email)s."),
    _l("Invalid code"),
    _l("Marked method is not valid"),
    _l("No recovery codes generated yet"),
    _l("Passkey already registered."),
    _l("Passkey doesn't belong to any user."),
    _l("Passkey nicknames can contain only letters, numbers, and limited punctuation."),
    _l("Passkey not registered for this use (first or secondary)"),
    _l("Passkey operations must be completed within %(within)s. Please start over."),
    _l("Password must be at least %(length)s characters"),
    _l("Password or code submitted is not valid"),
    _l("Recovery code invalid"),
    _l("Setup must be completed within %(within)s. Please start over."),
    _l("Successfully added the passkey with name: %(name)s"),
    _l("Successfully deleted the passkey with name: %(name)s"),
    _l(
        "Thank you. To confirm your email address %(email)s, please click on the link in the email we have just sent to you."
    ),
    _l("Unregistered passkey."),
    _l("Value entered is not valid for the field"),
    _l("You can only access this endpoint when not logged in."),
    _l("You did not confirm your email within %(within)s. "),
    _l("You did not reset your password within %(within)s. "),
    _l("You must sign in to view this resource."),
    _l("You successfully reset your password. Please authenticate using your new password."),
    _l("Your code has been confirmed"),
]
