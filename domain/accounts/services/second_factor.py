"""The second factor: enrolling an authenticator app, checking its codes, and switching it off."""

from collections.abc import Sequence

from domain.accounts import totp
from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import SecondFactorConflict, WrongCode
from domain.accounts.letters import LetterWriter
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.stores.second_factors import SecondFactor, SecondFactorStore
from domain.kit.caller import Caller, Client, Scope
from domain.kit.clock import Clock
from domain.kit.transactions import Session as Transaction
from domain.kit.transactions import Transactions
from domain.kit.trust.credentials import SecretBox
from domain.mail.service import MailOutbox

BOX = "second factor"
PURPOSE = "second factor"


class SecondFactorService:
    """Secrets lie encrypted; a code counts once, and wrong ones are throttled."""

    def __init__(
        self,
        store: SecondFactorStore,
        accounts: AccountStore,
        box: SecretBox,
        letters: LetterWriter,
        outbox: MailOutbox,
        proof: PasswordProof,
        attempts: Attempts,
        security: SecurityLog,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._box = box
        self._letters = letters
        self._outbox = outbox
        self._proof = proof
        self._attempts = attempts
        self._security = security
        self._transactions = transactions
        self._clock = clock

    async def is_on(self, account_id: str) -> bool:
        found = await self._store.find(account_id)
        return found is not None and found.is_on

    async def recovery_codes_left(self, caller: Caller) -> int | None:
        """None while the second factor is off."""
        found = await self._store.find(caller.require(Scope.ACCOUNT_READ))
        return found.recovery_codes_left if found is not None and found.is_on else None

    async def enrol(self, caller: Caller, password: str, client: Client) -> tuple[str, str]:
        """A new secret and its address for apps; it counts from the first code on.

        Raises `SecondFactorConflict`, `WrongCredentials` and `TooManyAttempts`.
        """
        account = await self._proof.check(caller, password, client)
        secret = totp.new_secret()
        if not await self._store.begin(account.id, self._box.seal(BOX, secret), self._clock.now()):
            raise SecondFactorConflict(is_on=True)
        return secret, totp.enrolment_uri(secret, account.email)

    async def confirm(self, caller: Caller, code: str, client: Client) -> Sequence[str]:
        """Switches it on and gives the recovery codes, this once.

        Raises `SecondFactorConflict`, `WrongCode` and `TooManyAttempts`.
        """
        account_id = caller.require_person()
        found = await self._store.find(account_id)
        if found is None or found.is_on:
            raise SecondFactorConflict(is_on=found is not None)
        await self._attempts.count(PURPOSE, account_id, client)
        step = self._step(found, code)
        if step is None:
            raise WrongCode()
        await self._attempts.forgive(PURPOSE, account_id, client)
        codes = totp.new_recovery_codes()

        async def work(transaction: Transaction) -> str | None:
            hashes = [totp.recovery_hash(each) for each in codes]
            if not await self._store.switch_on(account_id, step, hashes, transaction):
                raise SecondFactorConflict(is_on=True)
            return await self._tell(account_id, SecurityEventKind.SECOND_FACTOR_ON, client, transaction)

        self._outbox.send_soon(await self._transactions.run(work))
        return codes

    async def disable(self, caller: Caller, password: str, code: str, client: Client) -> None:
        """Raises `SecondFactorConflict`, `WrongCredentials`, `WrongCode` and `TooManyAttempts`."""
        account = await self._proof.check(caller, password, client)
        if not await self.is_on(account.id):
            raise SecondFactorConflict(is_on=False)
        await self.check(account.id, code, client)

        async def work(transaction: Transaction) -> str | None:
            await self._store.remove(account.id, transaction)
            return await self._tell(account.id, SecurityEventKind.SECOND_FACTOR_OFF, client, transaction)

        self._outbox.send_soon(await self._transactions.run(work))

    async def check(self, account_id: str, code: str, client: Client) -> None:
        """Uses a code up, of the app or a recovery code; raises `WrongCode` and `TooManyAttempts`."""
        await self._attempts.count(PURPOSE, account_id, client)
        found = await self._store.find(account_id)
        step = None if found is None else self._step(found, code)
        if found is not None and step is not None and await self._store.use_step(account_id, step):
            await self._attempts.forgive(PURPOSE, account_id, client)
            await self._reseal(account_id, found)
        elif await self._store.use_recovery(account_id, totp.recovery_hash(code)):
            await self._attempts.forgive(PURPOSE, account_id, client)
            await self._security.record(account_id, SecurityEventKind.RECOVERY_CODE_USED, client)
        else:
            await self._security.record(account_id, SecurityEventKind.SECOND_FACTOR_FAILED, client)
            raise WrongCode()

    async def _reseal(self, account_id: str, found: SecondFactor) -> None:
        """After a good code, as passwords are hashed anew, so that an older server secret can be dropped one day."""
        secret = self._box.open(BOX, found.sealed_secret)
        if secret is not None and self._box.is_outdated(found.sealed_secret):
            await self._store.reseal(account_id, found.sealed_secret, self._box.seal(BOX, secret))

    def _step(self, found: SecondFactor, code: str) -> int | None:
        secret = self._box.open(BOX, found.sealed_secret)
        return None if secret is None else totp.step_of(secret, code, self._clock.now())

    async def _tell(
        self, account_id: str, kind: SecurityEventKind, client: Client, transaction: Transaction
    ) -> str | None:
        await self._security.record(account_id, kind, client, transaction)
        account = await self._accounts.find(account_id, transaction)
        if account is None:
            return None
        is_on = kind is SecurityEventKind.SECOND_FACTOR_ON
        letter = self._letters.second_factor_changed(account.email, is_on=is_on)
        return await self._outbox.post(account_id, letter, transaction)
