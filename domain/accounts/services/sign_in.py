"""Signing in: the password, then the second factor where there is one."""

import hashlib
import hmac
from datetime import timedelta

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import AccountBeingDeleted, SecondFactorRequired, WrongCredentials
from domain.accounts.model import Account, normalise_email
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.security_log import NOBODY, SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.sessions import Session
from domain.accounts.stores.accounts import AccountStore
from domain.kit.caller import UNKNOWN_CLIENT, Client
from domain.kit.clock import Clock
from domain.kit.trust.credentials import PasswordHasher, TokenSigner

PURPOSE = "sign-in"
CHALLENGE_AUDIENCE = "cadenza:second-factor"
CHALLENGE_LIVES = timedelta(minutes=5)
RESTORE_AUDIENCE = "cadenza:restore"
RESTORE_LIVES = timedelta(minutes=15)


class SignInService:
    """An unknown address costs the same work and gets the same answer as a wrong password."""

    def __init__(
        self,
        store: AccountStore,
        hasher: PasswordHasher,
        signer: TokenSigner,
        sessions: SessionService,
        second_factor: SecondFactorService,
        attempts: Attempts,
        security: SecurityLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._signer = signer
        self._sessions = sessions
        self._second_factor = second_factor
        self._attempts = attempts
        self._security = security
        self._clock = clock

    async def sign_in(self, email: str, password: str, client: Client = UNKNOWN_CLIENT) -> Session:
        """Raises `WrongCredentials`, `TooManyAttempts` and what `admit` raises."""
        return await self.admit(await self._proven(normalise_email(email), password, client), client)

    async def admit(self, account: Account, client: Client = UNKNOWN_CLIENT, provider: str | None = None) -> Session:
        """A session for somebody who has shown by a password, or by a `provider`, to be the account's owner.

        Raises `SecondFactorRequired` and `AccountBeingDeleted`.
        """
        if await self._second_factor.is_on(account.id):
            expires_at = self._clock.now() + CHALLENGE_LIVES
            parts = [await self._subject(account.id), *filter(None, [provider])]
            raise SecondFactorRequired(self._signer.sign(CHALLENGE_AUDIENCE, ".".join(parts), expires_at), expires_at)
        return await self.start(account, client, provider)

    async def complete(self, challenge: str, code: str, client: Client = UNKNOWN_CLIENT) -> Session:
        """The second half of a sign-in; raises `WrongCredentials` for a challenge that is over, `WrongCode` and
        `AccountBeingDeleted`.
        """
        account_id, provider = await self._read(CHALLENGE_AUDIENCE, challenge) or (None, None)
        account = None if account_id is None else await self._store.find(account_id)
        if account is None:
            raise WrongCredentials()
        await self._second_factor.check(account.id, code, client)
        return await self.start(account, client, provider)

    async def start(self, account: Account, client: Client, provider: str | None = None) -> Session:
        """A session for somebody who has passed everything; raises `AccountBeingDeleted`."""
        if account.erase_at is not None:
            subject = await self._subject(account.id)
            token = self._signer.sign(RESTORE_AUDIENCE, subject, self._clock.now() + RESTORE_LIVES)
            raise AccountBeingDeleted(token, account.erase_at)
        session = await self._sessions.start(account, client)
        detail = {"session_id": session.id, **({"provider": provider} if provider else {})}
        await self._security.record(account.id, SecurityEventKind.SIGNED_IN, client, **detail)
        return session

    async def restorer(self, restore_token: str) -> str | None:
        """The id of the account that the holder of this token may restore; None when it is over."""
        account_id, _ = await self._read(RESTORE_AUDIENCE, restore_token) or (None, None)
        return account_id

    async def _read(self, audience: str, token: str) -> tuple[str, str | None] | None:
        """The account's id, and the provider that its owner was proven by, if any."""
        account_id, _, rest = (self._signer.read(audience, token) or "").partition(".")
        state, _, provider = rest.partition(".")
        if not account_id or not hmac.compare_digest(f"{account_id}.{state}", await self._subject(account_id)):
            return None
        return account_id, provider or None

    async def _subject(self, account_id: str) -> str:
        """Changes with the password, so that a token from before is worth nothing."""
        found = await self._store.find_by_id_with_hash(account_id)
        password_hash = "" if found is None else found[1] or ""
        return f"{account_id}.{hashlib.sha256(password_hash.encode()).hexdigest()[:16]}"

    async def _proven(self, email: str, password: str, client: Client) -> Account:
        await self._attempts.count(PURPOSE, email, client)
        account, password_hash = await self._store.find_with_hash(email) or (None, None)
        if account is None or password_hash is None:
            await self._hasher.hash(password)
            await self._security.record(NOBODY, SecurityEventKind.SIGN_IN_FAILED, client)
            raise WrongCredentials()
        if not await self._hasher.verify(password_hash, password):
            await self._security.record(account.id, SecurityEventKind.SIGN_IN_FAILED, client)
            raise WrongCredentials()
        await self._attempts.forgive(PURPOSE, email, client)
        if self._hasher.is_outdated(password_hash):
            await self._store.rehash(account.id, password_hash, await self._hasher.hash(password))
        return account
