"""The port to e-mail."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Mail:
    """One plain-text message. The text may hold secrets, so it is never logged."""

    to: str
    subject: str
    text: str = field(repr=False)


class MailRefused(Exception):
    """The mail server will never take this message; its answer in words."""


class Mailer(Protocol):
    """Hands messages to the mail system."""

    async def send(self, mail: Mail, mail_id: str) -> None:
        """Done when the mail system has taken it. Sending it again under the same id makes no other message of it.

        Raises `MailRefused` when trying again cannot help, and `DependencyUnavailable` when it can.
        """
        ...
