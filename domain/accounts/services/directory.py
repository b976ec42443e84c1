"""Looking up accounts for other areas, which have checked that their caller may know them."""

from collections.abc import Sequence

from domain.accounts.model import Account
from domain.accounts.stores.accounts import AccountStore


class AccountDirectory:
    """Tells nothing to clients by itself."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store

    async def by_ids(self, account_ids: Sequence[str]) -> dict[str, Account]:
        """Those that exist."""
        return {account.id: account for account in await self._store.find_many(account_ids)}
