"""Signing up, and telling who a person is and what they may do."""

from domain.accounts.audit import SecurityEventKind
from domain.accounts.errors import EmailTaken
from domain.accounts.model import REFUSALS, Account, Permission, Role, normalise_email, sign_up_issues
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.founding import AccountFounding
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.sessions import Session
from domain.accounts.stores.accounts import AccountStore
from domain.accounts.throttling import ADDRESS_ASKED
from domain.kit.caller import UNKNOWN_CLIENT, Caller, Client, Credential, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.trust.credentials import PasswordHasher


class AccountService:
    """Who a person is. How they prove it is in `services/`."""

    def __init__(
        self,
        store: AccountStore,
        hasher: PasswordHasher,
        founding: AccountFounding,
        attempts: Attempts,
        security: SecurityLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._hasher = hasher
        self._founding = founding
        self._attempts = attempts
        self._security = security
        self._clock = clock

    async def sign_up(self, email: str, password: str, display_name: str, client: Client = UNKNOWN_CLIENT) -> Session:
        """Makes an account and signs it in. Raises `ValidationFailed`, `TooManyAttempts` and `EmailTaken`.

        That an address is taken is told, so every sign-up counts as a question, a good one as well.
        """
        email = normalise_email(email)
        if issues := sign_up_issues(email, password, display_name):
            raise ValidationFailed(issues)
        await self._attempts.count(ADDRESS_ASKED, email, client)
        if await self._store.find_by_email(email) is not None:
            raise EmailTaken(email)
        account = Account(new_id(), email, display_name.strip(), self._clock.now())
        return await self._founding.found(account, await self._hasher.hash(password), client)

    async def viewer(self, caller: Caller, *any_of: Scope) -> Account | None:
        """The caller's own account; None for nobody, and for an organisation, which has none.

        A key needs one of these scopes, or `ACCOUNT_READ`.
        """
        if caller.account_id is None or caller.credential is Credential.PARTNER_KEY:
            return None
        account = await self._store.find(caller.require(*(any_of or (Scope.ACCOUNT_READ,))))
        if account is None:
            raise Unauthenticated("This account no longer exists. Sign in again.")
        return account

    async def require(self, caller: Caller, permission: Permission) -> Account:
        """The account of a person who may do this; raises `Unauthenticated` and `Forbidden`. Keys never may."""
        caller.require_person()
        account = await self.viewer(caller)
        if account is None:
            raise Unauthenticated()
        if not account.may(permission):
            raise Forbidden(REFUSALS[permission])
        return account

    async def set_role(self, email: str, role: Role) -> None:
        """For operators, who hold the database anyway. Raises `NotFound`."""
        account = await self._store.set_role(normalise_email(email), role)
        if account is None:
            raise NotFound("account", email)
        await self._security.record(account.id, SecurityEventKind.ROLE_CHANGED, UNKNOWN_CLIENT, role=role.value)
