"""Showing that an e-mail address is one's own, and moving to another one."""

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import EmailTaken, LinkRefused
from domain.accounts.letters import LetterWriter
from domain.accounts.mailed_tokens import TokenPurpose
from domain.accounts.model import Account, email_issues, normalise_email
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.mailed_tokens import MailedTokens
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.security_log import NOBODY, SecurityLog
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.throttling import ADDRESS_ASKED
from domain.kit.caller import Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import ValidationFailed
from domain.kit.transactions import DuplicateKey, Transactions
from domain.kit.transactions import Session as Transaction
from domain.mail.service import MailOutbox

PURPOSE = "verification mail"


class EmailService:
    """An address counts when a secret that was mailed to it comes back."""

    def __init__(
        self,
        store: AccountStore,
        tokens: MailedTokens,
        letters: LetterWriter,
        outbox: MailOutbox,
        proof: PasswordProof,
        attempts: Attempts,
        security: SecurityLog,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._letters = letters
        self._outbox = outbox
        self._proof = proof
        self._attempts = attempts
        self._security = security
        self._transactions = transactions
        self._clock = clock

    async def post_verification(self, account: Account, transaction: Transaction) -> str | None:
        """The id of the mail, to be sent after the transaction."""
        token = await self._tokens.issue(account.id, TokenPurpose.VERIFY_EMAIL, account.email, transaction)
        return await self._outbox.post(account.id, self._letters.verify(account.email, token), transaction)

    async def resend(self, email: str, client: Client) -> None:
        """Mails the link again, if there is such an account that is not verified; if not, the work is the same.

        Raises `TooManyAttempts`.
        """
        email = normalise_email(email)
        await self._attempts.count(PURPOSE, email, client)
        found = await self._store.find_by_email(email)
        account = found if found is not None and not found.email_verified else _nobody(self._clock)

        async def work(transaction: Transaction) -> str | None:
            return await self.post_verification(account, transaction)

        self._outbox.send_soon(await self._transactions.run(work))

    async def verify(self, token: str, client: Client) -> None:
        """Raises `LinkRefused`."""

        async def work(transaction: Transaction) -> None:
            found = await self._tokens.redeem(token, TokenPurpose.VERIFY_EMAIL, transaction)
            if not await self._store.verify_email(found.account_id, found.email, self._clock.now(), transaction):
                raise LinkRefused()
            await self._security.record(found.account_id, SecurityEventKind.EMAIL_VERIFIED, client, transaction)

        await self._transactions.run(work)

    async def ask_for_change(self, caller: Caller, new_email: str, password: str, client: Client) -> None:
        """Mails a link to the new address and word to the old one.

        Raises `ValidationFailed`, `EmailTaken`, `WrongCredentials` and `TooManyAttempts`.
        """
        email = normalise_email(new_email)
        if issues := email_issues(email, "newEmail"):
            raise ValidationFailed(issues)
        account = await self._proof.check(caller, password, client)
        await self._attempts.count(ADDRESS_ASKED, email, client)
        if await self._store.find_by_email(email) is not None:
            raise EmailTaken(email)

        async def work(transaction: Transaction) -> list[str | None]:
            token = await self._tokens.issue(account.id, TokenPurpose.CHANGE_EMAIL, email, transaction)
            await self._security.record(account.id, SecurityEventKind.EMAIL_CHANGE_ASKED, client, transaction)
            return [
                await self._outbox.post(account.id, self._letters.confirm_change(email, token), transaction),
                await self._outbox.post(account.id, self._letters.change_asked(account.email), transaction),
            ]

        self._outbox.send_soon(*await self._transactions.run(work))

    async def confirm_change(self, token: str, client: Client) -> Account:
        """The account with its new address; raises `LinkRefused` and `EmailTaken`."""
        wanted: list[str] = []

        async def work(transaction: Transaction) -> tuple[Account, str | None]:
            found = await self._tokens.redeem(token, TokenPurpose.CHANGE_EMAIL, transaction)
            wanted[:] = [found.email]
            before = await self._store.change_email(found.account_id, found.email, self._clock.now(), transaction)
            after = await self._store.find(found.account_id, transaction)
            if before is None or after is None:
                raise LinkRefused()
            await self._security.record(after.id, SecurityEventKind.EMAIL_CHANGED, client, transaction)
            return after, await self._outbox.post(after.id, self._letters.email_changed(before), transaction)

        try:
            account, mail_id = await self._transactions.run(work)
        except DuplicateKey as error:
            raise EmailTaken(wanted[0]) from error
        self._outbox.send_soon(mail_id)
        return account


def _nobody(clock: Clock) -> Account:
    """Mail to this one is written and never sent."""
    return Account(NOBODY, "", "", clock.now())
