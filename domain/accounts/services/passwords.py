"""Changing a password, and getting a new one when it is forgotten."""

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import LinkRefused
from domain.accounts.letters import LetterWriter
from domain.accounts.mailed_tokens import TokenPurpose
from domain.accounts.model import Account, normalise_email, password_issues
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.mailed_tokens import MailedTokens
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.security_log import NOBODY, SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.stores.accounts import AccountStore
from domain.kit.caller import Caller, Client
from domain.kit.clock import Clock
from domain.kit.errors import ValidationFailed
from domain.kit.transactions import Session as Transaction
from domain.kit.transactions import Transactions
from domain.kit.trust.credentials import PasswordHasher
from domain.mail.service import MailOutbox

PURPOSE = "password mail"


class PasswordService:
    """A new password makes every mailed link of the account worthless, and ends sessions.

    API keys are for programs that know no password, so they go on, unless somebody else may have made them: then a
    reset revokes them. The letter tells how many keys are left or gone.
    """

    def __init__(
        self,
        store: AccountStore,
        hasher: PasswordHasher,
        sessions: SessionService,
        keys: ApiKeyService,
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
        self._hasher = hasher
        self._sessions = sessions
        self._keys = keys
        self._tokens = tokens
        self._letters = letters
        self._outbox = outbox
        self._proof = proof
        self._attempts = attempts
        self._security = security
        self._transactions = transactions
        self._clock = clock

    async def change(self, caller: Caller, password: str, new_password: str, client: Client) -> None:
        """Ends all other sessions. Raises `ValidationFailed`, `WrongCredentials` and `TooManyAttempts`."""
        if issues := password_issues(new_password, "newPassword"):
            raise ValidationFailed(issues)
        account = await self._proof.check(caller, password, client)
        new_hash = await self._hasher.hash(new_password)

        async def work(transaction: Transaction) -> str | None:
            return await self._replace(account, new_hash, client, transaction, spared=caller.session_id)

        self._outbox.send_soon(await self._transactions.run(work))

    async def ask_for_reset(self, email: str, client: Client) -> None:
        """Mails a link, if there is such an account; for one that there is not, the work is the same.

        Raises `TooManyAttempts`.
        """
        email = normalise_email(email)
        await self._attempts.count(PURPOSE, email, client)
        account = await self._store.find_by_email(email)
        account_id, address = (NOBODY, "") if account is None else (account.id, account.email)

        async def work(transaction: Transaction) -> str | None:
            token = await self._tokens.issue(account_id, TokenPurpose.RESET_PASSWORD, address, transaction)
            await self._security.record(account_id, SecurityEventKind.PASSWORD_RESET_ASKED, client, transaction)
            return await self._outbox.post(account_id, self._letters.reset_password(address, token), transaction)

        self._outbox.send_soon(await self._transactions.run(work))

    async def reset(self, token: str, new_password: str, client: Client, *, revoke_keys: bool = True) -> int:
        """Ends all sessions; that the link arrived also verifies the address. Returns how many keys were revoked.

        Raises `ValidationFailed` and `LinkRefused`.
        """
        if issues := password_issues(new_password, "newPassword"):
            raise ValidationFailed(issues)
        new_hash = await self._hasher.hash(new_password)

        async def work(transaction: Transaction) -> tuple[int, str | None]:
            found = await self._tokens.redeem(token, TokenPurpose.RESET_PASSWORD, transaction)
            account = await self._store.find(found.account_id, transaction)
            if account is None or account.email != found.email:
                raise LinkRefused()
            await self._store.verify_email(account.id, account.email, self._clock.now(), transaction)
            revoked = await self._keys.revoke_all(account.id, client, transaction) if revoke_keys else 0
            return revoked, await self._replace(account, new_hash, client, transaction, revoked=revoked)

        revoked, mail_id = await self._transactions.run(work)
        self._outbox.send_soon(mail_id)
        return revoked

    async def _replace(
        self,
        account: Account,
        new_hash: str,
        client: Client,
        transaction: Transaction,
        *,
        spared: str | None = None,
        revoked: int = 0,
    ) -> str | None:
        await self._store.set_password_hash(account.id, new_hash, transaction)
        await self._tokens.revoke(account.id, transaction)
        await self._security.record(account.id, SecurityEventKind.PASSWORD_CHANGED, client, transaction)
        await self._sessions.end_all(account.id, client, spared, transaction)
        letter = self._letters.password_changed(
            account.email, keys_left=await self._keys.count_live(account.id, transaction), keys_revoked=revoked
        )
        return await self._outbox.post(account.id, letter, transaction)
