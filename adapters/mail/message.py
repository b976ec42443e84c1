"""A message in the form of the mail system (RFC 5322)."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from domain.kit.mail import Mail, MailRefused


def compose(mail: Mail, mail_id: str, sender: str, now: datetime) -> EmailMessage:
    """The message id follows from the mail's, so that one that is sent twice is known as the same.

    Raises `MailRefused` for an address that cannot stand in a header.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        # Written out once here, because some of what cannot be written is not found before.
        bytes(message)
    except Exception as error:
        # Python's reader of addresses fails in all sorts of ways, and whatever it says is final.
        raise MailRefused(f"this cannot be written as a header: {type(error).__name__} {error}") from error
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail_id}@{parseaddr(sender)[1].rpartition('@')[2] or 'cadenza'}>"
    # RFC 3834: no answering machine shall answer.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
