"""Counting likes: many at a time, so that a track that thousands like in a minute is written a few times."""

from collections.abc import Sequence

from domain.kit.transactions import Session, Transactions
from domain.likes.store import LikeStore

BATCH = 1_000


class LikeCounting:
    """Whatever breaks off is done again, and counts nothing twice: a like says whether it is counted.

    What changes while it is counted undoes the transaction, which begins again.
    """

    def __init__(self, store: LikeStore, transactions: Transactions) -> None:
        self._store = store
        self._transactions = transactions

    async def sweep(self) -> int:
        """Until nothing is pending; returns how many likes were."""
        return await self._all()

    async def settle(self, account_id: str) -> None:
        """What is pending of one person."""
        await self._all(account_id)

    async def _all(self, account_id: str | None = None) -> int:
        counted = 0
        while ids := await self._store.pending(BATCH, account_id):
            counted += await self._batch(ids)
            if len(ids) < BATCH:
                break
        return counted

    async def _batch(self, ids: Sequence[str]) -> int:
        async def work(session: Session) -> int:
            return await self._store.count(ids, session)

        return await self._transactions.run(work)
