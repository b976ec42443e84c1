"""Mail over SMTP submission (RFC 6409), one connection for each message."""

from dataclasses import dataclass, field
from enum import StrEnum

import aiosmtplib
from aiosmtplib.errors import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from adapters.mail.message import compose
from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.mail import Mail, MailRefused

ANSWER_SECONDS = 20.0
PERMANENT = 500


class Security(StrEnum):
    """How a connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Security = Security.STARTTLS


class SmtpMailer:
    """Only a refusal of the recipient or of the content is final; wrong credentials are for an operator to mend."""

    def __init__(self, server: SmtpServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def send(self, mail: Mail, mail_id: str) -> None:
        server = self._server
        message = compose(mail, mail_id, server.sender, self._clock.now())
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.security is Security.TLS,
                start_tls=server.security is Security.STARTTLS,
                timeout=ANSWER_SECONDS,
            )
        except SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise _failure(min(codes, default=PERMANENT), "the recipient was refused") from error
        except (SMTPDataError, SMTPSenderRefused) as error:
            raise _failure(error.code, error.message) from error
        except (SMTPException, OSError, TimeoutError) as error:
            raise DependencyUnavailable("The mail server", type(error).__name__) from error


def _failure(code: int, words: str) -> Exception:
    if code >= PERMANENT:
        return MailRefused(f"{code} {words}")
    return DependencyUnavailable("The mail server", f"{code} {words}")
