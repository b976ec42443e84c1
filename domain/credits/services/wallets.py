"""Reading wallets, opening them and rolling periods that are over."""

from collections.abc import Sequence

from domain.credits import booking
from domain.credits.catalogue import Catalogue
from domain.credits.model import Pack, Plan, Transfer, Wallet
from domain.credits.store import CreditStore
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session, Transactions


class CreditWallets:
    """A wallet is brought up to date when somebody looks at it, so that no program has to visit them all."""

    def __init__(self, store: CreditStore, transactions: Transactions, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._catalogue = catalogue

    async def wallet(self, owner_id: str) -> Wallet:
        """Up to date, in a transaction of its own if anything is to be done. Raises `DependencyUnavailable`."""
        wallet = await self._store.find(owner_id)
        if wallet is not None and not wallet.is_over(self._clock.now()):
            return wallet

        async def work(session: Session) -> Wallet:
            return await self._brought_up_to_date(owner_id, session)

        return await self._transactions.run(work)

    async def plan_of(self, owner_id: str) -> Plan:
        return self._catalogue.plan((await self.wallet(owner_id)).plan_id)

    async def balance(self, caller: Caller) -> Wallet:
        """The caller's own wallet. Raises `Unauthenticated`."""
        return await self.wallet(caller.require(Scope.CREDITS))

    async def history(self, caller: Caller, page: PageRequest) -> Page[Transfer]:
        """The caller's transfers, newest first, of a wallet that is up to date."""
        wallet = await self.balance(caller)
        return await self._store.page(wallet.owner_id, page)

    async def transfers_by_id(self, caller: Caller, transfer_ids: Sequence[str]) -> dict[str, Transfer]:
        """The caller's transfers among these ids, in one query."""
        return await self._store.find_many(caller.require(Scope.CREDITS), transfer_ids)

    def plan(self, plan_id: str) -> Plan:
        """Raises `NotFound`."""
        return self._catalogue.plan(plan_id)

    def plans(self) -> Sequence[Plan]:
        return self._catalogue.plans

    def packs(self) -> Sequence[Pack]:
        return self._catalogue.packs

    async def _brought_up_to_date(self, owner_id: str, session: Session) -> Wallet:
        wallet, now = await self._store.find(owner_id, session), self._clock.now()
        if wallet is None:
            after = booking.open_wallet(owner_id, self._catalogue.free, now)
        elif wallet.is_over(now):
            after = booking.roll(wallet, self._catalogue.free, now)
        else:
            return wallet
        await self._store.apply(wallet, after, session)
        return after.wallet
