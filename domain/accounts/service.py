"""Signing up, signing in, and telling who holds a token."""

from datetime import timedelta

from domain.accounts.errors import WrongCredentials
from domain.accounts.model import Account, Session, normalise_email, sign_up_issues
from domain.accounts.store import AccountStore
from domain.kit.caller import ANONYMOUS, Caller
from domain.kit.clock import Clock
from domain.kit.credentials import PasswordHasher, TokenSigner
from domain.kit.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id

ACCESS_AUDIENCE = "cadenza:access"


class AccountService:
    """Sessions are signed tokens, so reading one costs no query."""

    def __init__(
        self,
        store: AccountStore,
        hasher: PasswordHasher,
        signer: TokenSigner,
        clock: Clock,
        access_lifetime: timedelta,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._signer = signer
        self._clock = clock
        self._access_lifetime = access_lifetime

    async def sign_up(self, email: str, password: str, display_name: str) -> Session:
        """Raises `ValidationFailed` and `EmailTaken`."""
        email = normalise_email(email)
        if issues := sign_up_issues(email, password, display_name):
            raise ValidationFailed(issues)
        account = Account(new_id(), email, display_name.strip(), self._clock.now())
        await self._store.insert(account, await self._hasher.hash(password))
        return self._session(account)

    async def sign_in(self, email: str, password: str) -> Session:
        """Raises `WrongCredentials`, after the same work whether or not the account exists."""
        found = await self._store.find_with_hash(normalise_email(email))
        if found is None:
            await self._hasher.hash(password)
            raise WrongCredentials()
        account, password_hash = found
        if not await self._hasher.verify(password_hash, password):
            raise WrongCredentials()
        return self._session(account)

    async def viewer(self, caller: Caller) -> Account | None:
        """The caller's own account, or None for nobody."""
        if caller.account_id is None:
            return None
        account = await self._store.find(caller.account_id)
        if account is None:
            raise Unauthenticated("This account no longer exists. Sign in again.")
        return account

    async def require_admin(self, caller: Caller) -> Account:
        """Raises `Unauthenticated` for nobody and `Forbidden` for everybody who is not an administrator."""
        account = await self.viewer(caller)
        if account is None:
            raise Unauthenticated()
        if not account.is_admin:
            raise Forbidden()
        return account

    async def appoint(self, email: str, *, is_admin: bool) -> None:
        """Makes an account an administrator's or an ordinary one; for operators, who hold the database anyway.

        Raises `NotFound`.
        """
        if not await self._store.set_admin(normalise_email(email), is_admin):
            raise NotFound("account", email)

    async def caller_of(self, token: str | None) -> Caller:
        """Who a token stands for; no token is nobody. Raises `Unauthenticated` for a bad or expired one."""
        if token is None:
            return ANONYMOUS
        account_id = self._signer.read(ACCESS_AUDIENCE, token)
        if account_id is None:
            raise Unauthenticated("The access token is not valid or has expired. Sign in again.")
        return Caller(account_id)

    async def is_live(self, caller: Caller) -> bool:
        """Whether the session behind a long connection lives on; today's tokens have none but the account."""
        return caller.account_id is None or await self._store.find(caller.account_id) is not None

    def _session(self, account: Account) -> Session:
        expires_at = self._clock.now() + self._access_lifetime
        token = self._signer.sign(ACCESS_AUDIENCE, account.id, expires_at)
        return Session(account, token, expires_at)
