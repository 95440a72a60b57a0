"""Sends the mails of the accounts the way that all mail is sent."""

from flask_security import MailUtil as BaseMailUtil

from .. import mail


class MailUtil(BaseMailUtil):
    """Hands the messages that Flask-Security has rendered to ``app.mail``."""

    def send_mail(  # noqa: PLR0913, PLR0917 as Flask-Security calls it
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **kwargs: object,
    ) -> None:
        """Deliver one message; the sender is MAIL_DEFAULT_SENDER."""
        mail.deliver(str(subject), str(recipient), body or "", html or "")
