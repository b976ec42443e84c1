"""Looking up accounts for other areas, which have checked that their caller may know them."""

from collections.abc import Sequence

from domain.accounts.model import Account, normalise_email
from domain.accounts.stores.accounts import AccountStore


class AccountDirectory:
    """Tells nothing to clients by itself."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store

    async def by_verified_email(self, email: str) -> Account | None:
        """None as well for an address that was not shown to be the person's: anybody may sign up with any address."""
        account = await self._store.find_by_email(normalise_email(email))
        return account if account is not None and account.email_verified else None

    async def by_ids(self, account_ids: Sequence[str]) -> dict[str, Account]:
        """Those that exist."""
        return {account.id: account for account in await self._store.find_many(account_ids)}
