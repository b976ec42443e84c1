"""Credits alone on a real MongoDB: the store, the services, and a clock that can be turned."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pymongo.asynchronous.database import AsyncDatabase

from adapters import mongo
from adapters.memory.changes import MemoryChanges
from adapters.mongo import MongoTransactions
from bootstrap.settings import SHIPPED_CATALOGUE
from domain.credits.catalogue import Catalogue
from domain.credits.documents import TransferDocument, WalletDocument
from domain.credits.model import Wallet
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.credits.store import CreditStore
from domain.kit.caller import Caller
from domain.kit.ids import new_id
from domain.kit.paging import PageRequest
from domain.kit.transactions import Session
from tests.world import TurnableClock

T = TypeVar("T")


@dataclass(frozen=True)
class Books:
    """The services of credits and the database behind them."""

    database: AsyncDatabase[dict[str, Any]]
    transactions: MongoTransactions
    clock: TurnableClock
    catalogue: Catalogue
    store: CreditStore
    ledger: CreditLedger
    wallets: CreditWallets

    async def owner(self, packs: int = 0) -> str:
        """A new person's open wallet on the free plan, with some bought credits."""
        owner_id = new_id()
        await self.wallets.wallet(owner_id)
        if packs:
            await self.purchase(owner_id, packs, "purchase:first")
        return owner_id

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        return await self.transactions.run(work)

    async def hold(self, owner_id: str, amount: int, hold_id: str, job_id: str = "job") -> None:
        await self.run(lambda session: self.ledger.hold(owner_id, amount, hold_id, job_id, session))

    async def settle(self, owner_id: str, hold_id: str, charged: int) -> None:
        await self.run(lambda session: self.ledger.settle(owner_id, hold_id, charged, session))

    async def purchase(self, owner_id: str, credits: int, reference: str) -> bool:
        return await self.run(lambda session: self.ledger.purchase(owner_id, credits, reference, "", session))

    async def take_back(self, owner_id: str, credits: int, reference: str, note: str = "") -> bool:
        return await self.run(lambda session: self.ledger.take_back(owner_id, credits, reference, note, session))

    async def start_period(self, owner_id: str, plan_id: str, start: datetime, end: datetime, reference: str) -> bool:
        return await self.run(
            lambda session: self.ledger.start_period(owner_id, plan_id, start, end, reference, session)
        )

    async def balances(self, owner_id: str) -> tuple[int, int, int]:
        """Plan, packs and held, as they are stored."""
        wallet = await self.stored(owner_id)
        return wallet.plan_credits, wallet.pack_credits, wallet.held

    async def stored(self, owner_id: str) -> Wallet:
        wallet = await self.store.find(owner_id)
        assert wallet is not None
        return wallet

    async def story(self, owner_id: str) -> list[str]:
        """The kinds of the transfers, oldest first."""
        page = await self.wallets.history(Caller(owner_id), PageRequest(100))
        return [transfer.kind.value for transfer in reversed(page.items)]


def shipped() -> Catalogue:
    return Catalogue.parse(SHIPPED_CATALOGUE.read_bytes())


@asynccontextmanager
async def open_books(
    mongo_url: str, database: str | None = None, store: CreditStore | None = None
) -> AsyncGenerator[Books, None]:
    """On a database of its own that is dropped at the end."""
    client = mongo.connect(mongo_url)
    name = database or f"test_{new_id()}"
    await mongo.prepare(client, name, [WalletDocument, TransferDocument])
    transactions, clock, catalogue, store = (
        MongoTransactions(client, MemoryChanges()),
        TurnableClock(),
        shipped(),
        store or CreditStore(),
    )
    try:
        yield Books(
            client[name],
            transactions,
            clock,
            catalogue,
            store,
            CreditLedger(store, clock, catalogue),
            CreditWallets(store, transactions, clock, catalogue),
        )
    finally:
        await client.drop_database(name)
        await client.close()
