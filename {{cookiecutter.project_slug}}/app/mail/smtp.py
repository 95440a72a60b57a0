"""The connection to the mail server.

Flask-Mailman's own would not check whose certificate a server shows after STARTTLS, and would leave
the connection open when the server refuses something.
"""

from collections.abc import Sequence
from contextlib import suppress
from smtplib import SMTP

from flask_mailman import EmailMessage
from flask_mailman.backends import smtp
from flask_mailman.utils import DNS_NAME


class EmailBackend(smtp.EmailBackend):
    """Talks to nobody but the server that the settings name, and hangs up."""

    connection: SMTP | None

    def open(self) -> bool:
        """Connect, unless there is a connection, and tell whether this was needed.

        :raises OSError: the server can't be reached, is another one, or refuses the log-in
        """
        if self.connection:
            return False
        options = {"context": self.ssl_context} if self.use_ssl else {}
        connection = self.connection_class(
            self.host,
            self.port,
            local_hostname=DNS_NAME.get_fqdn(),
            timeout=self.timeout,
            **options,
        )
        self.connection = connection
        try:
            if self.use_tls:
                connection.starttls(context=self.ssl_context)
            if self.username and self.password:
                connection.login(self.username, self.password)
        except OSError:
            self.close()
            raise
        return True

    def close(self) -> None:
        """Hang up; a server that does not listen any more has taken what it was given."""
        connection, self.connection = self.connection, None
        if connection:
            with suppress(OSError):
                connection.quit()
            connection.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the messages and return their number.

        :raises OSError: the server refuses one
        """
        try:
            return int(super().send_messages(email_messages))
        except (OSError, ValueError):
            self.close()
            raise
