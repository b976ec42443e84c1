"""The twin of a mailer: a list of what was sent."""

from domain.kit.errors import DependencyUnavailable
from domain.kit.mail import Mail, MailRefused


class MemoryMailer:
    """Keeps the messages by id. `failure` makes the next sends fail."""

    def __init__(self) -> None:
        self.sent: dict[str, Mail] = {}
        self.failure: DependencyUnavailable | MailRefused | None = None

    async def send(self, mail: Mail, mail_id: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent[mail_id] = mail

    def to(self, address: str) -> list[Mail]:
        """The messages to one address, the oldest first."""
        return [mail for _, mail in sorted(self.sent.items()) if mail.to == address]
