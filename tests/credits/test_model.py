"""The rules of credits without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.credits import booking
from domain.credits.booking import Cause
from domain.credits.errors import InsufficientCredits
from domain.credits.model import Account, Balances, Posting, Transfer, TransferKind, Wallet
from domain.credits.periods import month_around, months_after
from tests.credits.books import shipped

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
FREE = shipped().free


def a_wallet(plan: int = 500, packs: int = 100) -> Wallet:
    return Wallet("ada", "free", plan, packs, 0, NOW, months_after(NOW, 1), NOW, 1)


def changes(transfer: Transfer) -> dict[str, int]:
    return {posting.account.value: posting.amount for posting in transfer.postings}


def test_a_transfer_that_does_not_sum_to_zero_cannot_be() -> None:
    with pytest.raises(ValueError, match="the postings of x do not sum to zero"):
        Transfer("ada", 1, TransferKind.GRANT, "x", (Posting(Account.PLAN, 1),), Balances(1, 0, 0), NOW)


def test_a_wallet_below_zero_cannot_be() -> None:
    with pytest.raises(ValueError, match="the wallet of ada would be below zero"):
        a_wallet(plan=-1)


def test_available_and_held_make_the_total() -> None:
    wallet = booking.hold(a_wallet(), 10, Cause("hold:1", NOW)).wallet
    assert (wallet.available, wallet.held, wallet.total) == (590, 10, 600)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (500, {"PLAN": -500, "HELD": 500}),
        (501, {"PLAN": -500, "PACKS": -1, "HELD": 501}),
        (600, {"PLAN": -500, "PACKS": -100, "HELD": 600}),
    ],
)
def test_a_hold_takes_what_expires_first(amount: int, expected: dict[str, int]) -> None:
    booked = booking.hold(a_wallet(), amount, Cause("hold:1", NOW))
    assert changes(booked.transfers[0]) == expected


def test_a_hold_above_what_is_there_is_refused() -> None:
    with pytest.raises(InsufficientCredits) as refused:
        booking.hold(a_wallet(), 1700, Cause("hold:1", NOW))
    assert refused.value.message == "This costs 1,700 credits and you have 600: 1,100 are missing."


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_cannot_be_moved(amount: int) -> None:
    for move in (booking.hold, booking.purchase, booking.take_back):
        with pytest.raises(ValueError, match=f"{amount} credits cannot be moved"):
            move(a_wallet(), amount, Cause("x", NOW))


@pytest.mark.parametrize(
    ("charged", "expected"),
    [
        (550, {"HELD": -550, "REVENUE": 550}),
        (520, {"HELD": -550, "REVENUE": 520, "PACKS": 30}),
        (499, {"HELD": -550, "REVENUE": 499, "PACKS": 50, "PLAN": 1}),
        (0, {"HELD": -550, "PACKS": 50, "PLAN": 500}),
    ],
)
def test_what_is_not_charged_goes_back_to_the_packs_first(charged: int, expected: dict[str, int]) -> None:
    held = booking.hold(a_wallet(), 550, Cause("hold:1", NOW, "job-1"))
    ended = booking.end_hold(held.wallet, held.transfers[0], charged, Cause("end:1", NOW))
    assert changes(ended.transfers[0]) == expected
    assert ended.transfers[0].job_id == "job-1"
    assert ended.wallet.total == 600 - charged


@pytest.mark.parametrize(
    ("packs", "expected"),
    [
        (100, {"PACKS": -60, "SOLD": 60}),
        (40, {"PACKS": -40, "WRITTEN_OFF": -20, "SOLD": 60}),
        (0, {"WRITTEN_OFF": -60, "SOLD": 60}),
    ],
)
def test_a_refund_takes_what_is_there(packs: int, expected: dict[str, int]) -> None:
    taken = booking.take_back(a_wallet(packs=packs), 60, Cause("refund:1", NOW))
    assert changes(taken.transfers[0]) == expected


def test_a_period_without_leftovers_has_nothing_to_expire() -> None:
    started = booking.start_period(a_wallet(plan=0), FREE, NOW, months_after(NOW, 1), Cause("x", NOW))
    assert [transfer.kind for transfer in started.transfers] == [TransferKind.GRANT]
    started = booking.start_period(a_wallet(plan=7), FREE, NOW, months_after(NOW, 1), Cause("x", NOW))
    assert [(transfer.kind, transfer.sequence, transfer.reference) for transfer in started.transfers] == [
        (TransferKind.EXPIRE, 2, "expire:x"),
        (TransferKind.GRANT, 3, "x"),
    ]
    assert started.wallet.revision == 3


def test_months_keep_the_day_where_there_is_one() -> None:
    assert [months_after(NOW, number).date().isoformat() for number in (0, 1, 2, 3, 12, 13)] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2027-01-31",
        "2027-02-28",
    ]


@pytest.mark.parametrize("days", range(0, 800, 7))
def test_a_month_around_a_moment_holds_it(days: int) -> None:
    moment = NOW + timedelta(days=days)
    start, end = month_around(NOW, moment)
    assert start <= moment < end
    assert timedelta(days=28) <= end - start <= timedelta(days=31)


def test_a_month_begins_at_its_very_start() -> None:
    assert month_around(NOW, months_after(NOW, 1)) == (months_after(NOW, 1), months_after(NOW, 2))
