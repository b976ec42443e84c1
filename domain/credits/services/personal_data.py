"""What the books know of a person. The books must stay whole, so a pseudonym takes the person's place in them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.credits.store import CreditStore
from domain.kit.personal_data import Erasure, PersonalData
from domain.kit.transactions import Session, Transactions


class CreditPersonalData(PersonalData):
    """Wallet and transfers move under the pseudonym in one transaction, so that their chain has no gap."""

    def __init__(self, store: CreditStore, transactions: Transactions) -> None:
        self._store = store
        self._transactions = transactions

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return await self._store.dump(account_id)

    async def erase(self, erasure: Erasure) -> None:
        async def work(session: Session) -> None:
            await self._store.rename_owner(erasure.account_id, erasure.pseudonym, session)

        await self._transactions.run(work)
