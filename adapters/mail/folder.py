"""A mailbox as a folder of .eml files, for development: nothing leaves the machine."""

import asyncio
import os
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from adapters.mail.message import compose
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.mail import Mail

OWNER_ONLY = 0o600


class FolderMailer:
    """One file for each message, named by its id, so that ids order them by time."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, mail: Mail, mail_id: str) -> None:
        message = compose(mail, mail_id, self._sender, self._clock.now())
        try:
            await asyncio.to_thread(_write, self._folder / f"{mail_id}.eml", bytes(message))
        except OSError as error:
            raise DependencyUnavailable("The mail folder", error.strerror or "") from error


def messages(folder: Path) -> list[tuple[str, EmailMessage]]:
    """Ids and messages, the oldest first; none where there is no folder."""
    return [
        (path.stem, message_from_bytes(path.read_bytes(), EmailMessage, policy=default))
        for path in sorted(folder.glob("*.eml"))
    ]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    new.replace(path)
