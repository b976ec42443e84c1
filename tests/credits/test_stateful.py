"""Any sequence of calls keeps the books right on a real MongoDB, with crashes at every point of a transaction."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from deploy.embedded import Endpoints
from domain.credits.errors import InsufficientCredits
from domain.credits.model import Transfer, Wallet
from domain.credits.store import CreditStore
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from tests.credits.audit import audit_books
from tests.credits.books import Books, open_books
from tests.credits.plain_wallet import PlainWallet

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
Call = Callable[[], Awaitable[object]]

AMOUNTS = st.integers(1, 700)


class Crash(Exception):
    """The program died here."""


class CrashAt(Enum):
    NOWHERE = 0
    BEFORE_THE_WALLET = 1
    BEFORE_THE_TRANSFERS = 2
    BEFORE_THE_COMMIT = 3
    BEFORE_THE_ANSWER = 4


class CrashingStore(CreditStore):
    def __init__(self) -> None:
        self.point = CrashAt.NOWHERE

    async def write_wallet(self, before: Wallet | None, wallet: Wallet, session: Session) -> None:
        self._crash_if(CrashAt.BEFORE_THE_WALLET)
        await super().write_wallet(before, wallet, session)

    async def write_transfers(self, transfers: Sequence[Transfer], session: Session) -> None:
        self._crash_if(CrashAt.BEFORE_THE_TRANSFERS)
        await super().write_transfers(transfers, session)
        self._crash_if(CrashAt.BEFORE_THE_COMMIT)

    def _crash_if(self, point: CrashAt) -> None:
        if self.point is point:
            raise Crash()


class BooksInMongo(RuleBasedStateMachine):
    """Each call may crash once and is then made again, as a caller does that got no answer."""

    holds = Bundle("holds")

    def __init__(self, books: Books, store: CrashingStore, run: Run) -> None:
        super().__init__()
        self.books, self.store, self.run = books, store, run
        self.calls: list[Call] = []
        self.plain = PlainWallet()
        self.owner: str = run(books.owner())

    def teardown(self) -> None:
        for name in ("credit_wallets", "credit_transfers"):
            self.run(self.books.database[name].delete_many({}))

    def make(self, call: Call, point: CrashAt) -> object:
        async def made() -> object:
            self.store.point = point
            try:
                answer = await call()
            except Crash:
                answer = None
            finally:
                self.store.point = CrashAt.NOWHERE
            if answer is None or point is CrashAt.BEFORE_THE_ANSWER:
                again = await call()
                answer = again if answer is None else answer
            return answer

        self.calls.append(call)
        return self.run(made())

    @rule(target=holds, amount=AMOUNTS, point=st.sampled_from(CrashAt))
    def hold(self, amount: int, point: CrashAt) -> object:
        hold_id = new_id()

        async def call() -> bool:
            try:
                await self.books.hold(self.owner, amount, hold_id)
            except InsufficientCredits:
                return False
            return True

        can_pay = self.plain.hold(hold_id, amount)
        assert self.make(call, point) is can_pay
        if not can_pay:
            # Once there are more credits it would succeed, so it is no call to repeat.
            self.calls.pop()
            return multiple()
        return hold_id, amount

    @rule(held=consumes(holds), share=st.floats(0, 1), point=st.sampled_from(CrashAt))
    def end(self, held: tuple[str, int], share: float, point: CrashAt) -> None:
        hold_id, amount = held
        charged = round(amount * share)
        self.plain.settle(hold_id, charged)

        async def call() -> bool:
            await self.books.settle(self.owner, hold_id, charged)
            return True

        self.make(call, point)

    @rule(credits=AMOUNTS, point=st.sampled_from(CrashAt))
    def purchase(self, credits: int, point: CrashAt) -> None:
        reference = f"purchase:{new_id()}"
        self.plain.packs += credits
        assert self.make(lambda: self.books.purchase(self.owner, credits, reference), point) is True

    @rule(credits=AMOUNTS, point=st.sampled_from(CrashAt))
    def take_back(self, credits: int, point: CrashAt) -> None:
        reference = f"refund:{new_id()}"
        self.plain.take_back(credits)
        assert self.make(lambda: self.books.take_back(self.owner, credits, reference), point) is True

    @rule(plan_id=st.sampled_from(["creator", "studio"]), point=st.sampled_from(CrashAt))
    def pay(self, plan_id: str, point: CrashAt) -> None:
        # A later period than any before, as a paid invoice has.
        self.books.clock.advance(timedelta(days=1).total_seconds())
        start, reference = self.books.clock.now(), f"invoice:{new_id()}"
        end = start + timedelta(days=31)
        self.plain.plan = self.books.catalogue.plan(plan_id).monthly_credits
        call = self.books.start_period
        assert self.make(lambda: call(self.owner, plan_id, start, end, reference), point) is True

    @rule(point=st.sampled_from(CrashAt))
    def wait_two_months(self, point: CrashAt) -> None:
        self.books.clock.advance(timedelta(days=62).total_seconds())
        self.plain.plan = 500
        self.make(lambda: self.books.wallets.wallet(self.owner), point)

    @rule(data=st.data())
    def repeat_an_old_call(self, data: st.DataObject) -> None:
        if self.calls:
            self.run(_awaited(data.draw(st.sampled_from(self.calls))))

    @invariant()
    def the_books_are_right(self) -> None:
        assert self.run(self.books.balances(self.owner)) == self.plain.balances
        assert self.run(audit_books(self.books.database)) == []


async def _awaited(call: Call) -> object:
    return await call()


@contextmanager
def loop_of_its_own() -> Iterator[Run]:
    """Runs coroutines from plain functions, as hypothesis has them, while pytest keeps its own loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_any_sequence_of_calls_and_crashes_keeps_the_books_right(endpoints: Endpoints) -> None:
    store, stack = CrashingStore(), AsyncExitStack()
    with loop_of_its_own() as run:
        books: Books = run(stack.enter_async_context(open_books(endpoints.mongo_url, store=store)))
        try:

            class Machine(BooksInMongo):
                def __init__(self) -> None:
                    super().__init__(books, store, run)

            run_machine(
                Machine,
                settings=settings(
                    max_examples=12,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=[HealthCheck.too_slow],
                ),
            )
        finally:
            run(stack.aclose())
