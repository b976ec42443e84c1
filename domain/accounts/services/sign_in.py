"""Signing in with a password."""

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import WrongCredentials
from domain.accounts.model import Account, normalise_email
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.security_log import NOBODY, SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.accounts.sessions import Session
from domain.accounts.stores.accounts import AccountStore
from domain.kit.caller import UNKNOWN_CLIENT, Client
from domain.kit.credentials import PasswordHasher

PURPOSE = "sign-in"


class SignInService:
    """An unknown address costs the same work and gets the same answer as a wrong password."""

    def __init__(
        self,
        store: AccountStore,
        hasher: PasswordHasher,
        sessions: SessionService,
        attempts: Attempts,
        security: SecurityLog,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._sessions = sessions
        self._attempts = attempts
        self._security = security

    async def sign_in(self, email: str, password: str, client: Client = UNKNOWN_CLIENT) -> Session:
        """Raises `WrongCredentials` and `TooManyAttempts`."""
        account = await self._proven(normalise_email(email), password, client)
        session = await self._sessions.start(account, client)
        await self._security.record(account.id, SecurityEventKind.SIGNED_IN, client, session_id=session.id)
        return session

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
