"""Mail is decided on in a transaction and sent after it: at once by this process, or by the sweeper if it died."""

import asyncio
from typing import Protocol

import structlog

from domain.kit.clock import Clock
from domain.kit.errors import DependencyUnavailable
from domain.kit.ids import new_id
from domain.kit.mail import Mail, Mailer, MailRefused
from domain.kit.transactions import Session
from domain.kit.trust.credentials import SecretBox
from domain.mail.model import MailOutcome, PostedMail
from domain.mail.store import MailStore

log = structlog.get_logger()

BATCH = 100
PURPOSE = "mail outbox"
SEPARATOR = "\n"


class MailMeter(Protocol):
    """The port to whatever counts mail."""

    def handled(self, outcome: MailOutcome) -> None: ...


class MailOutbox:
    """Without a mailer nothing is posted. A message is sent at least once, always under the same id."""

    def __init__(self, store: MailStore, mailer: Mailer | None, box: SecretBox, meter: MailMeter, clock: Clock) -> None:
        self._store = store
        self._mailer = mailer
        self._box = box
        self._meter = meter
        self._clock = clock
        self._sending: set[asyncio.Task[None]] = set()

    async def post(self, account_id: str, mail: Mail, session: Session) -> str | None:
        """Writes the message with the caller's transaction; after it, hand the id to `send_soon`.

        A message to nobody is written all the same and never sent: so that a call takes as long for an account that
        does not exist as for one that does.
        """
        if self._mailer is None:
            log.warning("mail_not_set_up", subject=mail.subject)
            return None
        sealed = self._box.seal(PURPOSE, SEPARATOR.join([mail.to, mail.subject, mail.text]))
        posted = PostedMail(new_id(), sealed, self._clock.now(), 0)
        await self._store.insert(posted, account_id, session)
        return posted.id

    def send_soon(self, *mail_ids: str | None) -> None:
        """Sends in the background, so that nobody waits for a mail server, and nobody can time it."""
        for mail_id in filter(None, mail_ids):
            task = asyncio.create_task(self._try_to_send(mail_id), name="mail")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def settle(self) -> None:
        """Waits for what this process is sending right now."""
        while self._sending:
            await asyncio.gather(*self._sending)

    async def sweep(self) -> int:
        """Sends what is due and nobody is sending; returns how many messages there were."""
        due = [] if self._mailer is None else await self._store.due(self._clock.now(), BATCH)
        for mail_id in due:
            await self._send(mail_id)
        return len(due)

    async def _try_to_send(self, mail_id: str) -> None:
        try:
            await self._send(mail_id)
        except Exception as error:
            log.warning("mail_left_to_the_sweeper", mail_id=mail_id, reason=type(error).__name__)

    async def _send(self, mail_id: str) -> None:
        posted = await self._store.claim(mail_id, self._clock.now())
        if posted is None or self._mailer is None:
            return
        text = self._box.open(PURPOSE, posted.sealed)
        if text is None:
            await self._end(posted, MailOutcome.GIVEN_UP, "it was sealed under a secret that is not accepted any more")
            return
        mail = Mail(*text.split(SEPARATOR, 2))
        try:
            if mail.to:
                await self._mailer.send(mail, posted.id)
        except MailRefused as error:
            await self._end(posted, MailOutcome.REFUSED, str(error))
        except DependencyUnavailable as error:
            await self._postpone(posted, error)
        else:
            await self._end(posted, MailOutcome.SENT)

    async def _postpone(self, posted: PostedMail, error: DependencyUnavailable) -> None:
        due_at = posted.next_due_at(self._clock.now())
        if due_at is None:
            await self._end(posted, MailOutcome.GIVEN_UP, error.detail)
            return
        await self._store.postpone(posted.id, due_at)
        self._meter.handled(MailOutcome.POSTPONED)
        log.warning("mail_postponed", mail_id=posted.id, attempt=posted.attempts, reason=error.detail)

    async def _end(self, posted: PostedMail, outcome: MailOutcome, reason: str = "") -> None:
        await self._store.remove(posted.id)
        self._meter.handled(outcome)
        if outcome is not MailOutcome.SENT:
            log.error("mail_not_sent", mail_id=posted.id, outcome=outcome.value, reason=reason[:200])
