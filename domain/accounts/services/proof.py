"""Asking a signed-in person for their password again, before something that a stolen session must not do."""

from domain.accounts.errors import WrongCredentials
from domain.accounts.identity_errors import PasswordNotSet
from domain.accounts.model import Account
from domain.accounts.services.attempts import Attempts
from domain.accounts.stores.accounts import AccountStore
from domain.kit.caller import Caller, Client
from domain.kit.errors import Unauthenticated
from domain.kit.trust.credentials import PasswordHasher

PURPOSE = "proof"


class PasswordProof:
    """Throttled like a sign-in, so that a stolen session is no way to guess the password."""

    def __init__(self, store: AccountStore, hasher: PasswordHasher, attempts: Attempts) -> None:
        self._store = store
        self._hasher = hasher
        self._attempts = attempts

    async def check(self, caller: Caller, password: str, client: Client) -> Account:
        """The caller's account; raises `WrongCredentials`, `TooManyAttempts`, `Forbidden` and `Unauthenticated`.

        Raises `PasswordNotSet` for whoever signs in by a provider only; a password reset gives them one.
        """
        account_id = caller.require_person()
        account, password_hash = await self._store.find_by_id_with_hash(account_id) or (None, None)
        if account is None:
            raise Unauthenticated("This account no longer exists. Sign in again.")
        if password_hash is None:
            raise PasswordNotSet()
        await self._attempts.count(PURPOSE, account_id, client)
        if not await self._hasher.verify(password_hash, password):
            raise WrongCredentials()
        await self._attempts.forgive(PURPOSE, account_id, client)
        return account
