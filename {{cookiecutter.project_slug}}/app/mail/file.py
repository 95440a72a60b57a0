"""Messages kept in files: they hold addresses, and links that let their reader in."""

from contextlib import suppress
from pathlib import Path

from flask import current_app
from flask_mailman.backends import file

from ..config import make_private


class FileBackend(file.EmailBackend):
    """Writes files that only this account can read."""

    def __init__(self, **options: object) -> None:
        """Create the folder."""
        make_private(Path(current_app.config["MAIL_FILE_PATH"]))
        super().__init__(**options)

    def open(self) -> bool:
        """Create the file, unless it is open, and return whether this was needed."""
        with suppress(FileExistsError):
            Path(self._get_filename()).touch(mode=0o600, exist_ok=False)
        return bool(super().open())
