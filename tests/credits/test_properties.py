"""Any sequence of movements keeps the books right: on the rules alone, without a database."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from domain.credits import booking
from domain.credits.booking import Cause
from domain.credits.errors import InsufficientCredits
from domain.credits.model import Account, Booking, Plan, Transfer
from domain.credits.periods import months_after
from tests.credits.books import shipped
from tests.credits.plain_wallet import PlainWallet

CATALOGUE = shipped()
START = datetime(2026, 1, 31, tzinfo=UTC)
AMOUNTS = st.integers(1, 1200)


class BooksOnPaper(RuleBasedStateMachine):
    """One wallet, its transfers, and the plain arithmetic beside it."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        opened = booking.open_wallet("ada", CATALOGUE.free, START)
        self.wallet, self.transfers = opened.wallet, list(opened.transfers)
        self.plain = PlainWallet()

    def cause(self, sort: str) -> Cause:
        return Cause(f"{sort}:{len(self.transfers)}", self.now)

    def keep(self, booked: Booking) -> None:
        self.wallet = booked.wallet
        self.transfers += booked.transfers

    @rule(target=holds, amount=AMOUNTS)
    def hold(self, amount: int) -> object:
        cause = self.cause("hold")
        if not self.plain.hold(cause.reference, amount):
            with pytest.raises(InsufficientCredits) as refused:
                booking.hold(self.wallet, amount, cause)
            assert refused.value.available_credits == self.wallet.available < amount
            return multiple()
        self.keep(booking.hold(self.wallet, amount, cause))
        return self.transfers[-1]

    @rule(held=consumes(holds), share=st.floats(0, 1))
    def end(self, held: Transfer, share: float) -> None:
        charged = round(held.held_change * share)
        self.plain.settle(held.reference, charged)
        self.keep(booking.end_hold(self.wallet, held, charged, self.cause("end")))

    @rule(credits=AMOUNTS)
    def purchase(self, credits: int) -> None:
        self.plain.packs += credits
        self.keep(booking.purchase(self.wallet, credits, self.cause("purchase")))

    @rule(credits=AMOUNTS)
    def take_back(self, credits: int) -> None:
        self.plain.take_back(credits)
        self.keep(booking.take_back(self.wallet, credits, self.cause("refund")))

    @rule(plan=st.sampled_from(CATALOGUE.plans))
    def pay(self, plan: Plan) -> None:
        end = months_after(self.now, 1)
        if booking.is_stale(self.wallet, plan.id, end):
            return
        self.plain.plan = plan.monthly_credits
        self.keep(booking.start_period(self.wallet, plan, self.now, end, self.cause("invoice")))

    @rule(days=st.integers(1, 100))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)
        if self.wallet.is_over(self.now):
            self.plain.plan = CATALOGUE.free.monthly_credits
            self.keep(booking.roll(self.wallet, CATALOGUE.free, self.now))
            assert self.wallet.period_start <= self.now < self.wallet.period_end

    @invariant()
    def the_books_are_right(self) -> None:
        sums: Counter[Account] = Counter()
        for transfer in self.transfers:
            sums.update({posting.account: posting.amount for posting in transfer.postings})
        assert sum(sums.values()) == 0
        balances = self.wallet.balances
        assert (balances.plan, balances.packs, balances.held) == self.plain.balances
        assert self.plain.balances == (sums[Account.PLAN], sums[Account.PACKS], sums[Account.HELD])
        assert min(self.plain.balances) >= 0
        assert self.transfers[-1].balances == balances

    @invariant()
    def each_effect_is_there_once(self) -> None:
        references = [transfer.reference for transfer in self.transfers]
        assert len(references) == len(set(references))
        assert [transfer.sequence for transfer in self.transfers] == list(range(1, self.wallet.revision + 1))


BooksOnPaper.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestBooksOnPaper = BooksOnPaper.TestCase


@pytest.mark.parametrize("late", [0, 1, 40])
def test_a_wallet_that_rolls_late_rolls_to_now(late: int) -> None:
    wallet = booking.open_wallet("ada", CATALOGUE.free, START).wallet
    now = months_after(START, late + 1)
    rolled = booking.roll(wallet, CATALOGUE.free, now).wallet
    assert (rolled.period_start, rolled.anchored_at) == (now, START)
