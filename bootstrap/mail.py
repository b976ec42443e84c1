"""Opens the way out for mail that the settings choose, or none."""

from adapters.mail.folder import FolderMailer
from adapters.mail.smtp import Security, SmtpMailer, SmtpServer
from bootstrap.settings import MailSettings
from domain.kit.clock import Clock
from domain.kit.mail import Mailer


def open_mailer(settings: MailSettings, clock: Clock) -> Mailer | None:
    """The settings have been checked to be complete."""
    if settings.transport == "folder" and settings.folder is not None:
        return FolderMailer(settings.folder, settings.sender, clock)
    if settings.transport == "smtp" and settings.host is not None:
        server = SmtpServer(
            host=settings.host,
            port=settings.port,
            sender=settings.sender,
            username=settings.username,
            password=settings.password,
            security=Security(settings.security),
        )
        return SmtpMailer(server, clock)
    return None
