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
