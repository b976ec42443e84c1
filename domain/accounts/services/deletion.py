"""Asking to be forgotten, and thinking better of it."""

import secrets
from datetime import datetime, timedelta

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import DeletionBlocked, LinkRefused
from domain.accounts.letters import LetterWriter
from domain.accounts.services.lock_out import LockOut
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sign_in import SignInService
from domain.accounts.sessions import Session
from domain.accounts.stores.accounts import AccountStore
from domain.kit.caller import Caller, Client
from domain.kit.clock import Clock
from domain.kit.personal_data import PersonalRecords
from domain.kit.transactions import Session as Transaction
from domain.kit.transactions import Transactions
from domain.mail.service import MailOutbox


class AccountDeletion:
    """Nobody gets in during the grace period but by restoring the account."""

    def __init__(
        self,
        store: AccountStore,
        proof: PasswordProof,
        second_factor: SecondFactorService,
        signing_in: SignInService,
        lock_out: LockOut,
        letters: LetterWriter,
        outbox: MailOutbox,
        records: PersonalRecords,
        security: SecurityLog,
        transactions: Transactions,
        clock: Clock,
        grace: timedelta,
    ) -> None:
        self._store = store
        self._proof = proof
        self._second_factor = second_factor
        self._signing_in = signing_in
        self._lock_out = lock_out
        self._letters = letters
        self._outbox = outbox
        self._records = records
        self._security = security
        self._transactions = transactions
        self._clock = clock
        self._grace = grace

    async def ask(self, caller: Caller, password: str, code: str, client: Client) -> datetime:
        """When the account will be erased; until then it can be restored. `code` counts if there is a second factor.

        Raises `WrongCredentials`, `WrongCode`, `TooManyAttempts` and `DeletionBlocked`.
        """
        account = await self._proof.check(caller, password, client)
        if reasons := await self._records.obstacles(account.id):
            raise DeletionBlocked(tuple(reasons))
        if await self._second_factor.is_on(account.id):
            await self._second_factor.check(account.id, code, client)
        erase_at = self._clock.now() + self._grace

        async def work(transaction: Transaction) -> str | None:
            await self._store.schedule_erasure(account.id, erase_at, secrets.token_hex(16), transaction)
            await self._lock_out.shut(account.id, client, transaction)
            await self._security.record(account.id, SecurityEventKind.DELETION_ASKED, client, transaction)
            return await self._outbox.post(account.id, self._letters.deletion(account.email, erase_at), transaction)

        self._outbox.send_soon(await self._transactions.run(work))
        return erase_at

    async def restore(self, restore_token: str, client: Client) -> Session:
        """Keeps the account and signs in; raises `LinkRefused` when the token is over, or the time was up."""
        account_id = await self._signing_in.restorer(restore_token)
        account = None if account_id is None else await self._store.cancel_erasure(account_id)
        if account is None:
            raise LinkRefused()
        await self._security.record(account.id, SecurityEventKind.ACCOUNT_RESTORED, client)
        return await self._signing_in.start(account, client)
