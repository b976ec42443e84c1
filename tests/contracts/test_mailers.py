"""What mailers promise: SMTP against a server, the folder, and the twin."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from adapters.mail.folder import FolderMailer, messages
from adapters.mail.smtp import Security, SmtpMailer, SmtpServer
from adapters.memory.mailer import MemoryMailer
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.mail import Mail, Mailer, MailRefused
from tests.contracts.closed_port import closed_port
from tests.contracts.smtp_server import MailServer, running_mail_server
from tests.world import TurnableClock

SENDER = "Cadenza <no-reply@cadenza.example>"
MAIL = Mail("ada@cadenza.example", "Grüße", "A secret: s3cret\n\n.A line that begins with a dot\nümläut\n")


@dataclass(frozen=True)
class Box:
    """A mailer and what arrived through it: recipient, subject, text."""

    mailer: Mailer
    arrived: Callable[[], list[tuple[str, str, str]]]


@pytest.fixture
async def server() -> AsyncGenerator[MailServer, None]:
    async with running_mail_server() as running:
        yield running


def smtp(port: int) -> SmtpMailer:
    return SmtpMailer(SmtpServer("127.0.0.1", port, SENDER, security=Security.NONE), TurnableClock())


@pytest.fixture(params=["smtp", "folder", "memory"])
def box(request: pytest.FixtureRequest, server: MailServer, tmp_path: Path) -> Box:
    if request.param == "smtp":
        return Box(smtp(server.port), lambda: [parsed(data) for data in server.received])
    if request.param == "folder":
        folder = tmp_path / "mail"
        mailer = FolderMailer(folder, SENDER, TurnableClock())
        return Box(mailer, lambda: [said(message) for _, message in messages(folder)])
    twin = MemoryMailer()
    return Box(twin, lambda: [(mail.to, mail.subject, mail.text) for mail in twin.sent.values()])


def parsed(data: bytes) -> tuple[str, str, str]:
    """What a mail program makes of the bytes on the wire (RFC 5321, 4.5.2)."""
    plain = data.removesuffix(b"\r\n.\r\n").replace(b"\r\n..", b"\r\n.") + b"\r\n"
    return said(message_from_bytes(plain, EmailMessage, policy=default))


def said(message: EmailMessage) -> tuple[str, str, str]:
    return str(message["To"]), str(message["Subject"]), message.get_content().replace("\r\n", "\n")


async def test_a_message_arrives_as_it_was_written(box: Box) -> None:
    await box.mailer.send(MAIL, new_id())
    assert box.arrived() == [(MAIL.to, MAIL.subject, MAIL.text)]


async def test_messages_arrive_in_order(box: Box) -> None:
    for number in range(3):
        await box.mailer.send(Mail(MAIL.to, f"Number {number}", "text\n"), new_id())
    assert [subject for _, subject, _ in box.arrived()] == ["Number 0", "Number 1", "Number 2"]


async def test_a_message_says_who_sent_it_and_that_no_machine_shall_answer(server: MailServer) -> None:
    mail_id = new_id()
    await smtp(server.port).send(MAIL, mail_id)
    message = message_from_bytes(server.received[0], EmailMessage, policy=default)
    assert (message["From"], message["Auto-Submitted"]) == (SENDER, "auto-generated")
    # and the same mail has the same id however often it is sent
    assert message["Message-ID"] == f"<{mail_id}@cadenza.example>"
    assert server.recipients == [MAIL.to]


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("RCPT", "550 no such user", MailRefused),
        ("RCPT", "450 mailbox busy", DependencyUnavailable),
        ("END", "554 looks like spam", MailRefused),
        ("END", "451 try again", DependencyUnavailable),
        ("MAIL", "421 too many connections", DependencyUnavailable),
        ("CONNECT", "554 no service", DependencyUnavailable),
    ],
)
async def test_only_a_final_refusal_is_final(
    server: MailServer, command: str, answer: str, error: type[Exception]
) -> None:
    server.answers[command] = answer
    with pytest.raises(error):
        await smtp(server.port).send(MAIL, new_id())


async def test_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(DependencyUnavailable):
        await smtp(closed_port()).send(MAIL, new_id())


async def test_a_server_that_cannot_encrypt_gets_nothing(server: MailServer) -> None:
    careful = SmtpMailer(SmtpServer("127.0.0.1", server.port, SENDER), TurnableClock())
    with pytest.raises(DependencyUnavailable):
        await careful.send(MAIL, new_id())
    assert server.received == []


@pytest.mark.parametrize(
    "mail", [Mail("ada@x.example\nBcc: eve@x.example", "s", "t"), Mail("a@x.example", "s\nBcc: e", "t")]
)
async def test_nobody_smuggles_headers_in(server: MailServer, mail: Mail) -> None:
    with pytest.raises(MailRefused):
        await smtp(server.port).send(mail, new_id())
    assert server.received == []


@pytest.mark.parametrize("address", [":;@b.example", ".<%:@[192.0.2.1]", "é\x00\\@[@b.example", "(a\x7f).@b.example"])
async def test_an_address_that_no_header_can_hold_is_refused_for_good(server: MailServer, address: str) -> None:
    with pytest.raises(MailRefused):
        await smtp(server.port).send(Mail(address, "s", "t"), new_id())
    assert server.received == []


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(DependencyUnavailable):
        await FolderMailer(tmp_path / "mail", SENDER, TurnableClock()).send(MAIL, new_id())
    assert messages(tmp_path / "nowhere") == []


def test_a_message_does_not_show_its_text() -> None:
    assert "s3cret" not in repr(MAIL)
