"""Merging what a gateway tells into orders and subscriptions, and bringing the ledger to what they say.

Merge, ledger and the note that an event was seen are one transaction: a crash leaves all of it or nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.kit.clock import Clock
from domain.kit.transactions import Session, Transactions
from domain.payments.events import CheckoutChanged, CheckoutOutcome, InvoicePaid
from domain.payments.model import (
    Order,
    OrderFacts,
    OrderKind,
    Subscription,
    SubscriptionState,
    is_later,
    joined,
    later_period,
)
from domain.payments.store import OrderStore, SeenEventStore, SubscriptionStore

log = structlog.get_logger()

# Gateways send an event again for some days; Stripe for three.
REMEMBERED = timedelta(days=30)


def facts_of(change: CheckoutChanged) -> OrderFacts:
    """What a checkout says of its order."""
    return OrderFacts(
        checkout_id=change.checkout_id,
        payment_id=change.payment_id,
        customer_id=change.customer_id,
        subscription_id=change.subscription_id,
        submitted=change.outcome in (CheckoutOutcome.SUBMITTED, CheckoutOutcome.PAID, CheckoutOutcome.FAILED),
        paid=change.outcome is CheckoutOutcome.PAID,
        failed=change.outcome is CheckoutOutcome.FAILED,
        expired=change.outcome is CheckoutOutcome.EXPIRED,
    )


class OrderSettlement:
    """Everything here may be done twice and in any order."""

    def __init__(
        self,
        orders: OrderStore,
        subscriptions: SubscriptionStore,
        seen: SeenEventStore,
        ledger: CreditLedger,
        wallets: CreditWallets,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._subscriptions = subscriptions
        self._seen = seen
        self._ledger = ledger
        self._wallets = wallets
        self._transactions = transactions
        self._clock = clock

    async def was_seen(self, event_id: str) -> bool:
        return await self._seen.has(event_id)

    async def remember(self, event_id: str) -> None:
        """An event without effects."""

        async def nothing(session: Session) -> None: ...

        await self._once(event_id, nothing)

    async def merge_order(self, event_id: str | None, order: Order, facts: OrderFacts) -> None:
        """Raises `DuplicateKey` when the event's effects were written meanwhile by somebody else."""
        await self._wallets.wallet(order.owner_id)

        async def work(session: Session) -> None:
            locked = await self._orders.lock(order.id, session)
            if locked is not None:
                merged = replace(locked, facts=joined(locked.facts, facts))
                await self._orders.save(await self._reconciled(merged, session), session)

        await self._once(event_id, work)

    async def checkout_looked_up(self, order_id: str, change: CheckoutChanged) -> None:
        """Merges what was asked for and not sent."""
        order = await self._orders.find(order_id)
        if order is not None:
            await self.merge_order(None, order, facts_of(change))

    async def merge_subscription(
        self, event_id: str, order: Order, state: SubscriptionState, as_of: datetime, *, is_current: bool = False
    ) -> None:
        """Raises `StateUnsure` when the gateway has to be asked first, and `DuplicateKey`."""

        async def work(session: Session) -> None:
            stored = await self._subscriptions.lock(state.subscription_id, order, session)
            if is_later(stored, state, as_of, is_current=is_current):
                await self._subscriptions.save(_moved(stored, state, as_of), session)

        await self._once(event_id, work)

    async def grant_period(self, event_id: str, order: Order, invoice: InvoicePaid) -> None:
        """Raises `DuplicateKey`, and `NotFound` for a plan that the catalogue does not have."""
        await self._wallets.wallet(order.owner_id)
        plan_id, period = invoice.plan_id or order.item.id, invoice.period

        async def work(session: Session) -> None:
            stored = await self._subscriptions.lock(invoice.subscription_id, order, session)
            reference = f"invoice:{period.invoice_id}"
            await self._ledger.start_period(order.owner_id, plan_id, period.start, period.end, reference, session)
            merged = replace(stored, paid_period=later_period(stored.paid_period, period))
            await self._subscriptions.save(merged, session)

        await self._once(event_id, work)

    async def _reconciled(self, order: Order, session: Session) -> Order:
        """Brings the ledger to what the order says. Plans are granted by their invoices instead."""
        if order.item.kind is OrderKind.PLAN or not order.is_paid:
            return order
        if not order.credited:
            reference = f"purchase:{order.id}"
            await self._ledger.purchase(order.owner_id, order.item.credits, reference, order.item.name, session)
        returned = order.returned_cents
        credits = order.credits_for(returned) - order.credits_for(order.taken_back_cents)
        if credits > 0:
            reference, note = f"refund:{order.id}:{returned}", f"Refund of {order.item.name}"
            await self._ledger.take_back(order.owner_id, credits, reference, note, session)
        return replace(order, credited=True, taken_back_cents=max(returned, order.taken_back_cents))

    async def _once(self, event_id: str | None, work: Callable[[Session], Awaitable[None]]) -> None:
        async def noted(session: Session) -> None:
            await work(session)
            if event_id is not None:
                await self._seen.add(event_id, self._clock.now() + REMEMBERED, session)

        await self._transactions.run(noted)


def _moved(stored: Subscription, state: SubscriptionState, as_of: datetime) -> Subscription:
    return replace(
        stored,
        plan_id=state.plan_id or stored.plan_id,
        customer_id=state.customer_id or stored.customer_id,
        status=state.status,
        period_end=state.period_end,
        ends_with_period=state.ends_with_period,
        as_of=as_of,
    )
