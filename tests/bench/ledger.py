"""`python -m tests.bench.ledger [OPERATIONS] [SEED]`: the ledger under load while MongoDB is killed, then an audit.

Starts a mongod of its own in a temporary folder. Ends with status 1 when the books are wrong.
"""

import asyncio
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from adapters import mongo
from deploy.embedded.mongo import MongoServer
from deploy.embedded.ports import choose_ports
from deploy.embedded.supervisor import Supervisor
from domain.credits.errors import InsufficientCredits
from domain.kit.errors import DependencyUnavailable
from tests.credits.audit import audit_books, audit_holds
from tests.credits.books import Books, open_books
from tests.credits.plain_wallet import PlainWallet

OPERATIONS = 10_000
CUSTOMERS = 24
KILLS = 10
TRIES = 50
JOB = "job"

Call = Callable[[], Awaitable[object]]


@dataclass
class Tally:
    """What happened, over all customers."""

    started: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    outages: int = 0
    lies: list[str] = field(default_factory=list)


class Customer:
    """Moves one person's credits, again and again until each call is answered, and knows what must come of it."""

    def __init__(self, books: Books, owner_id: str, chance: random.Random, tally: Tally) -> None:
        self.books, self.owner_id, self.chance, self.tally = books, owner_id, chance, tally
        self.plain = PlainWallet()
        self.amounts: dict[str, int] = {}
        self.done: list[Call] = []
        self.references: set[str] = set()
        self.count = 0

    async def act(self) -> None:
        kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "hold": self.hold,
            "end": self.end,
            "purchase": self.purchase,
            "take back": self.take_back,
            "period": self.period,
            "repeat": self.repeat,
        }
        (kind,) = self.chance.choices(list(kinds), weights=[40, 38, 8, 4, 3, 7])
        self.tally.kinds[kind] += 1
        self.count += 1
        await kinds[kind]()

    async def hold(self) -> None:
        name, amount = f"{self.count}", self.chance.randint(1, 120)

        async def call() -> bool:
            try:
                await self.books.hold(self.owner_id, amount, name, JOB)
            except InsufficientCredits:
                return False
            return True

        if self.plain.hold(name, amount):
            self.amounts[name] = amount
            self.references.add(f"hold:{name}")
            await self.make(call, True)
        else:
            await self.answered(call, False)

    async def end(self) -> None:
        if not self.amounts:
            return
        name = self.chance.choice(list(self.amounts))
        charged = self.chance.choice([0, self.chance.randint(0, self.amounts[name]), self.amounts[name]])
        await self.settle(name, charged)

    async def settle(self, name: str, charged: int) -> None:
        del self.amounts[name]
        self.plain.settle(name, charged)
        self.references.add(f"end:{name}")
        await self.make(lambda: self.books.settle(self.owner_id, name, charged), None)

    async def purchase(self) -> None:
        reference, credits = f"purchase:{self.count}", self.chance.randint(1, 500)
        self.plain.packs += credits
        self.references.add(reference)
        await self.make(lambda: self.books.purchase(self.owner_id, credits, reference), None)

    async def take_back(self) -> None:
        reference, credits = f"refund:{self.count}", self.chance.randint(1, 500)
        self.plain.take_back(credits)
        self.references.add(reference)
        await self.make(lambda: self.books.take_back(self.owner_id, credits, reference), None)

    async def period(self) -> None:
        reference = f"invoice:{self.count}"
        start = self.books.clock.now() + timedelta(days=self.count)
        end = start + timedelta(days=31)
        if self.plain.plan:
            self.references.add(f"expire:{reference}")
        self.plain.plan = self.books.catalogue.plan("creator").monthly_credits
        self.references.add(reference)
        await self.make(lambda: self.books.start_period(self.owner_id, "creator", start, end, reference), None)

    async def repeat(self) -> None:
        if self.done:
            await self.answered(self.chance.choice(self.done), None)

    async def make(self, call: Call, expected: object) -> None:
        """One call in eight is sent twice at once, as a client does that is in doubt."""
        self.done.append(call)
        twice = self.chance.random() < 1 / 8
        await asyncio.gather(*(self.answered(call, expected) for _ in range(1 + twice)))

    async def answered(self, call: Call, expected: object) -> None:
        """Repeats the call until MongoDB answers; None expects nothing of the answer."""
        started = time.monotonic()
        for _ in range(TRIES):
            try:
                answer = await call()
            except (DependencyUnavailable, PyMongoError) as error:
                if not isinstance(error, DependencyUnavailable) and mongo.as_unavailable(error) is None:
                    raise
                self.tally.outages += 1
                await asyncio.sleep(0.1)
            else:
                self.tally.seconds.append(time.monotonic() - started)
                if expected is not None and answer != expected:
                    self.tally.lies.append(f"{self.owner_id}: was told {answer}, expected {expected}")
                return
        raise RuntimeError(f"MongoDB did not answer in {TRIES} tries")


@asynccontextmanager
async def own_mongod(root: Path) -> AsyncGenerator[tuple[Supervisor, str], None]:
    """A mongod that is started again whenever it dies, however often."""
    server = MongoServer(root / "mongo", choose_ports(["mongod"], {})["mongod"])
    spec = server.spec()
    supervisor = Supervisor(root / "logs")
    try:
        await supervisor.start([replace(spec, patience=replace(spec.patience, max_quick_deaths=10_000))])
        yield supervisor, server.url
    finally:
        await supervisor.stop()


class Killer:
    """SIGKILL each time the load has come past one of `KILLS` random points."""

    def __init__(self, supervisor: Supervisor, total: int, chance: random.Random) -> None:
        self._supervisor = supervisor
        self._points = sorted((chance.randint(total // 50, total * 49 // 50) for _ in range(KILLS)), reverse=True)
        self.kills = 0

    def come_past(self, started: int) -> None:
        (mongod,) = self._supervisor.status()
        if self._points and started >= self._points[-1] and mongod.pid is not None:
            os.kill(mongod.pid, signal.SIGKILL)
            self._points.pop()
            self.kills += 1


async def load(customers: list[Customer], tally: Tally, total: int, killer: Killer) -> None:
    async def be(customer: Customer) -> None:
        while tally.started < total:
            tally.started += 1
            killer.come_past(tally.started)
            await customer.act()
        for name in list(customer.amounts):
            await customer.settle(name, 0)

    await asyncio.gather(*(be(customer) for customer in customers))


async def faults_of(books: Books, customers: list[Customer], tally: Tally) -> list[str]:
    faults = [*tally.lies, *await audit_books(books.database), *await audit_holds(books.database)]
    for customer in customers:
        if (found := await books.balances(customer.owner_id)) != customer.plain.balances:
            faults.append(f"{customer.owner_id}: has {found} and must have {customer.plain.balances}")
        written = set(await books.database["credit_transfers"].distinct("reference", {"owner_id": customer.owner_id}))
        opening = {name for name in written if name.startswith("free:")}
        if written - opening != customer.references:
            faults.append(f"{customer.owner_id}: lost or made up {(written - opening) ^ customer.references}")
    return faults


async def measure(total: int, seed: int) -> int:
    chance, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory(prefix="cadenza-ledger-") as folder:
        async with own_mongod(Path(folder)) as (supervisor, url), open_books(url) as books:
            customers = [
                Customer(books, await books.owner(), random.Random(chance.random()), tally) for _ in range(CUSTOMERS)
            ]
            started = time.monotonic()
            killer = Killer(supervisor, total, chance)
            await load(customers, tally, total, killer)
            seconds = time.monotonic() - started
            transfers = await books.database["credit_transfers"].count_documents({})
            faults = await faults_of(books, customers, tally)
    show(tally, {"seed": seed, "seconds": round(seconds, 1), "kill -9 of mongod": killer.kills}, transfers, faults)
    return 1 if faults else 0


def show(tally: Tally, run: dict[str, float], transfers: int, faults: list[str]) -> None:
    table = Table("what", "value", title="The ledger under load")
    kinds = ", ".join(f"{count} {kind}" for kind, count in tally.kinds.items())
    for name, value in {
        **run,
        "operations": f"{tally.started} ({kinds})",
        "customers at once": CUSTOMERS,
        "calls that failed in an outage and were made again": tally.outages,
        "transfers written": transfers,
        "operations a second, outages included": f"{tally.started / run['seconds']:.0f}",
        "median of a call": f"{statistics.median(tally.seconds) * 1000:.1f} ms",
        "longest call, through an outage": f"{max(tally.seconds):.1f} s",
        "faults": len(faults),
    }.items():
        table.add_row(name, str(value))
    console = Console(width=120)
    console.print(table)
    for fault in faults[:20]:
        console.print(fault)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]] + [0, 0]
    sys.exit(asyncio.run(measure(given[0] or OPERATIONS, given[1] or random.SystemRandom().randrange(10**6))))
