"""The rules by which credits move: each function gives the wallet after and the transfer that explains it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.credits.errors import InsufficientCredits
from domain.credits.model import (
    FREE_PLAN,
    Account,
    Booking,
    Plan,
    Transfer,
    TransferKind,
    Wallet,
    postings_of,
)
from domain.credits.periods import month_around, months_after


@dataclass(frozen=True)
class Cause:
    """What a transfer is made for, and when. `reference` is unique among the owner's transfers."""

    reference: str
    at: datetime
    job_id: str | None = None
    note: str = ""


def hold_reference(hold_id: str) -> str:
    return f"hold:{hold_id}"


def end_reference(hold_id: str) -> str:
    """Settling and releasing share it, so that a hold ends once."""
    return f"end:{hold_id}"


def open_wallet(owner_id: str, free: Plan, now: datetime) -> Booking:
    """A wallet on the free plan with its first grant."""
    end = months_after(now, 1)
    empty = Wallet(owner_id, free.id, 0, 0, 0, now, end, now, 0)
    return start_period(empty, free, now, end, Cause(_free_reference(now), now))


def roll(wallet: Wallet, free: Plan, now: datetime) -> Booking:
    """The free plan's month around `now`, after a period that is over."""
    anchor = wallet.anchored_at if wallet.plan_id == FREE_PLAN else wallet.period_end
    start, end = month_around(anchor, now)
    booking = start_period(wallet, free, start, end, Cause(_free_reference(start), now))
    return Booking(replace(booking.wallet, anchored_at=anchor), booking.transfers)


def start_period(wallet: Wallet, plan: Plan, start: datetime, end: datetime, cause: Cause) -> Booking:
    """What is left of the old period expires, and the plan's credits are granted."""
    current = replace(wallet, plan_id=plan.id, period_start=start, period_end=end, anchored_at=start)
    transfers: tuple[Transfer, ...] = ()
    if (left := wallet.plan_credits) > 0:
        expiry = replace(cause, reference=f"expire:{cause.reference}")
        current, expired = _post(current, TransferKind.EXPIRE, {Account.PLAN: -left, Account.EXPIRED: left}, expiry)
        transfers = (expired,)
    credits = plan.monthly_credits
    current, granted = _post(current, TransferKind.GRANT, {Account.GRANTED: -credits, Account.PLAN: credits}, cause)
    return Booking(current, (*transfers, granted))


def is_stale(wallet: Wallet, plan_id: str, end: datetime) -> bool:
    """Whether a period that ends at `end` comes too late to replace the wallet's own.

    A paid period replaces a free one that is running, because its invoice may be paid after the grace time.
    """
    upgrades = wallet.plan_id == FREE_PLAN and plan_id != FREE_PLAN
    return end <= (wallet.period_start if upgrades else wallet.period_end)


def hold(wallet: Wallet, amount: int, cause: Cause) -> Booking:
    """Plan credits go first, because they expire. Raises `InsufficientCredits`, and `ValueError` below 1."""
    _check_positive(amount)
    if amount > wallet.available:
        raise InsufficientCredits(amount, wallet.available)
    from_plan = min(amount, wallet.plan_credits)
    changes = {Account.PLAN: -from_plan, Account.PACKS: from_plan - amount, Account.HELD: amount}
    return _booked(wallet, TransferKind.HOLD, changes, cause)


def end_hold(wallet: Wallet, held: Transfer, charged: int, cause: Cause) -> Booking:
    """Charges a part of what `held` holds and gives the rest back, to the packs first.

    Plan credits come back into the current period, whichever it is. Raises `ValueError` when `charged` is not
    between 0 and what is held.
    """
    amount = held.held_change
    if not 0 <= charged <= amount:
        raise ValueError(f"{held.reference} holds {amount} credits, so {charged} cannot be charged")
    back = amount - charged
    to_packs = min(back, -held.amount(Account.PACKS))
    changes = {
        Account.HELD: -amount,
        Account.REVENUE: charged,
        Account.PACKS: to_packs,
        Account.PLAN: back - to_packs,
    }
    kind = TransferKind.SETTLE if charged else TransferKind.RELEASE
    return _booked(wallet, kind, changes, replace(cause, job_id=held.job_id))


def purchase(wallet: Wallet, credits: int, cause: Cause) -> Booking:
    """Raises `ValueError` below 1."""
    _check_positive(credits)
    return _booked(wallet, TransferKind.PURCHASE, {Account.SOLD: -credits, Account.PACKS: credits}, cause)


def take_back(wallet: Wallet, credits: int, cause: Cause) -> Booking:
    """Undoes a purchase that was refunded; what was spent already is written off. Raises `ValueError` below 1."""
    _check_positive(credits)
    there = min(credits, wallet.pack_credits)
    changes = {Account.PACKS: -there, Account.WRITTEN_OFF: there - credits, Account.SOLD: credits}
    return _booked(wallet, TransferKind.TAKE_BACK, changes, cause)


def _free_reference(start: datetime) -> str:
    return f"{FREE_PLAN}:{start.isoformat()}"


def _check_positive(credits: int) -> None:
    if credits < 1:
        raise ValueError(f"{credits} credits cannot be moved")


def _booked(wallet: Wallet, kind: TransferKind, changes: Mapping[Account, int], cause: Cause) -> Booking:
    after, transfer = _post(wallet, kind, changes, cause)
    return Booking(after, (transfer,))


def _post(wallet: Wallet, kind: TransferKind, changes: Mapping[Account, int], cause: Cause) -> tuple[Wallet, Transfer]:
    after = replace(
        wallet,
        plan_credits=wallet.plan_credits + changes.get(Account.PLAN, 0),
        pack_credits=wallet.pack_credits + changes.get(Account.PACKS, 0),
        held=wallet.held + changes.get(Account.HELD, 0),
        revision=wallet.revision + 1,
    )
    transfer = Transfer(
        owner_id=wallet.owner_id,
        sequence=after.revision,
        kind=kind,
        reference=cause.reference,
        postings=postings_of(changes),
        balances=after.balances,
        created_at=cause.at,
        job_id=cause.job_id,
        note=cause.note,
    )
    return after, transfer
