"""Moving credits inside the caller's transaction, each effect once by its reference."""

from datetime import datetime

from domain.credits import booking
from domain.credits.booking import Cause
from domain.credits.catalogue import Catalogue
from domain.credits.errors import ReferenceReused
from domain.credits.model import Account, Transfer, Wallet
from domain.credits.store import CreditStore
from domain.kit.clock import Clock
from domain.kit.transactions import Session


class CreditLedger:
    """Two transactions on one wallet meet on its record: one of them is run again by the driver.

    Call it early in a transaction, so that little has to be done again. A wallet that was never opened is opened.
    """

    def __init__(self, store: CreditStore, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue

    async def hold(self, owner_id: str, amount: int, hold_id: str, job_id: str, session: Session) -> None:
        """Sets credits aside for a job. Nothing to pay is nothing to hold.

        Raises `InsufficientCredits`, and `ReferenceReused` when the hold is there with another amount or job.
        """
        if amount == 0:
            return
        reference = booking.hold_reference(hold_id)
        earlier = await self._store.find_transfer(owner_id, reference, session)
        if earlier is None:
            wallet = await self._wallet(owner_id, session)
            cause = Cause(reference, self._clock.now(), job_id)
            await self._store.apply(wallet, booking.hold(wallet, amount, cause), session)
        elif (earlier.held_change, earlier.job_id) != (amount, job_id):
            raise ReferenceReused(reference)

    async def settle(self, owner_id: str, hold_id: str, charged: int, session: Session) -> None:
        """Ends a hold: `charged` of it is spent, the rest comes back, all of it when nothing is charged.

        A hold of nothing was never written and needs no end. Raises `ReferenceReused` when the hold ended with
        another charge, `ValueError` for a charge above what is held.
        """
        held = await self._store.find_transfer(owner_id, booking.hold_reference(hold_id), session)
        if held is None:
            if charged != 0:
                raise ValueError(f"nothing is held under {hold_id}, so {charged} credits cannot be charged")
            return
        reference = booking.end_reference(hold_id)
        earlier = await self._store.find_transfer(owner_id, reference, session)
        if earlier is None:
            wallet = await self._wallet(owner_id, session)
            ended = booking.end_hold(wallet, held, charged, Cause(reference, self._clock.now()))
            await self._store.apply(wallet, ended, session)
        elif earlier.amount(Account.REVENUE) != charged:
            raise ReferenceReused(reference)

    async def purchase(self, owner_id: str, credits: int, reference: str, note: str, session: Session) -> bool:
        """Adds bought credits; False when this reference did so before. Raises `ReferenceReused`."""
        if await self._is_done(owner_id, reference, -credits, session):
            return False
        wallet = await self._wallet(owner_id, session)
        cause = Cause(reference, self._clock.now(), note=note)
        await self._store.apply(wallet, booking.purchase(wallet, credits, cause), session)
        return True

    async def take_back(self, owner_id: str, credits: int, reference: str, note: str, session: Session) -> bool:
        """Takes bought credits back, as far as they are there; False when this reference did so before.

        Raises `ReferenceReused`.
        """
        if await self._is_done(owner_id, reference, credits, session):
            return False
        wallet = await self._wallet(owner_id, session)
        cause = Cause(reference, self._clock.now(), note=note)
        await self._store.apply(wallet, booking.take_back(wallet, credits, cause), session)
        return True

    async def start_period(
        self, owner_id: str, plan_id: str, start: datetime, end: datetime, reference: str, session: Session
    ) -> bool:
        """Lets what is left of the old period expire and grants the plan's credits.

        False, and nothing changes, when the reference was seen or a later period is there already. Raises
        `NotFound` for a plan that the catalogue does not have.
        """
        plan = self._catalogue.plan(plan_id)
        if await self._store.find_transfer(owner_id, reference, session) is not None:
            return False
        wallet = await self._wallet(owner_id, session)
        if booking.is_stale(wallet, plan_id, end):
            return False
        started = booking.start_period(wallet, plan, start, end, Cause(reference, self._clock.now()))
        await self._store.apply(wallet, started, session)
        return True

    async def _wallet(self, owner_id: str, session: Session) -> Wallet:
        wallet = await self._store.find(owner_id, session)
        if wallet is None:
            opened = booking.open_wallet(owner_id, self._catalogue.free, self._clock.now())
            await self._store.apply(None, opened, session)
            wallet = opened.wallet
        return wallet

    async def _is_done(self, owner_id: str, reference: str, sold: int, session: Session) -> bool:
        """Whether this sale, or its undoing, was written."""
        earlier: Transfer | None = await self._store.find_transfer(owner_id, reference, session)
        if earlier is None:
            return False
        if earlier.amount(Account.SOLD) != sold:
            raise ReferenceReused(reference)
        return True
