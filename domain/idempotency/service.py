"""Making a call happen once under its key."""

from collections.abc import Awaitable, Callable, Sequence

from domain.idempotency.errors import IdempotencyConflict
from domain.idempotency.model import WINDOW, KeyedCall
from domain.idempotency.store import KeyStore
from domain.kit.clock import Clock
from domain.kit.transactions import DuplicateKey, Session, Transactions

Work = Callable[[Session], Awaitable[Sequence[str]]]


class Idempotency:
    """The key is written in the transaction that makes the results, so one is never there without the other."""

    def __init__(self, store: KeyStore, transactions: Transactions, clock: Clock) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock

    async def once(self, call: KeyedCall | None, work: Work) -> tuple[Sequence[str], bool]:
        """The ids of what the call made, and whether this very call made it.

        `work` runs in a transaction, with or without a key. Raises `IdempotencyConflict` when the key stands for
        another input, `DuplicateKey` when the work itself met a unique index, and what the work raises.
        """
        if (results := await self.results_of(call)) is not None:
            return results, False

        async def keyed(session: Session) -> Sequence[str]:
            if call is not None and await self._store.exists(call, session):
                raise DuplicateKey()
            made = await work(session)
            if call is not None:
                await self._store.insert(call, made, self._clock.now() + WINDOW, session)
            return made

        try:
            return await self._transactions.run(keyed), True
        except DuplicateKey:
            if (results := await self.results_of(call)) is None:
                raise
            return results, False

    async def results_of(self, call: KeyedCall | None) -> Sequence[str] | None:
        """What an earlier call with this key made; raises `IdempotencyConflict`."""
        found = None if call is None else await self._store.find(call, self._clock.now())
        if found is None or call is None:
            return None
        fingerprint, results = found
        if fingerprint != call.fingerprint:
            raise IdempotencyConflict(call.key)
        return results
