"""Taking a gateway's webhooks. Whatever fails is raised, so that the gateway sends the event again."""

from datetime import datetime

import structlog

from domain.kit.transactions import DuplicateKey
from domain.payments.errors import PaymentsNotSetUp
from domain.payments.events import (
    CheckoutChanged,
    InvoiceFailed,
    InvoicePaid,
    PaymentDisputed,
    PaymentEvent,
    PaymentRefunded,
    SubscriptionChanged,
    Unhandled,
)
from domain.payments.gateway import PaymentGateway
from domain.payments.model import Order, OrderFacts, StateUnsure, SubscriptionState
from domain.payments.services.settle import OrderSettlement, facts_of
from domain.payments.store import OrderStore, SubscriptionStore

log = structlog.get_logger()


class PaymentEvents:
    """Each event has its effects once; the ids of those that had are kept for a month."""

    def __init__(
        self,
        orders: OrderStore,
        subscriptions: SubscriptionStore,
        settlement: OrderSettlement,
        gateway: PaymentGateway | None,
    ) -> None:
        self._orders = orders
        self._subscriptions = subscriptions
        self._settlement = settlement
        self._gateway = gateway

    async def receive(self, payload: bytes, signature: str) -> None:
        """Raises `PaymentsNotSetUp`, `InvalidSignature`, `ValueError` for an unknown form, `DependencyUnavailable`."""
        if self._gateway is None:
            raise PaymentsNotSetUp()
        event = self._gateway.read_event(payload, signature)
        if isinstance(event.change, Unhandled) or await self._settlement.was_seen(event.id):
            return
        await self._apply_once(event, self._gateway)
        log.info("payment_event", event_id=event.id, change=type(event.change).__name__)

    async def _apply_once(self, event: PaymentEvent, gateway: PaymentGateway) -> None:
        """Deliveries of one event at the same time meet on a unique index, and so do two that begin a subscription."""
        for is_last in (False, False, True):
            try:
                await self._apply(event, gateway)
                return
            except DuplicateKey:
                if await self._settlement.was_seen(event.id):
                    return
                if is_last:
                    raise

    async def _apply(self, event: PaymentEvent, gateway: PaymentGateway) -> None:
        match event.change:
            case CheckoutChanged() as change:
                await self._merge(event, await self._ordered(change.order_id), facts_of(change))
            case PaymentRefunded() as change:
                order = await self._paid_with(change.order_id, change.payment_id, gateway)
                await self._merge(event, order, _refund_facts(order, change))
            case PaymentDisputed() as change:
                order = await self._paid_with(None, change.payment_id, gateway)
                facts = OrderFacts(
                    payment_id=change.payment_id, disputed_cents={change.dispute_id: change.disputed_cents}
                )
                await self._merge(event, order, facts)
            case InvoicePaid() as change:
                await self._invoice_paid(event, change, gateway)
            case InvoiceFailed(subscription_id):
                await self._look_up(event, subscription_id, gateway)
            case SubscriptionChanged(state):
                await self._subscription_changed(event, state, gateway)

    async def _merge(self, event: PaymentEvent, order: Order | None, facts: OrderFacts) -> None:
        if order is None:
            await self._not_ours(event)
        else:
            await self._settlement.merge_order(event.id, order, facts)

    async def _invoice_paid(self, event: PaymentEvent, invoice: InvoicePaid, gateway: PaymentGateway) -> None:
        order = await self._subscribed_by(invoice.order_id, invoice.subscription_id)
        if order is None and (state := await gateway.subscription(invoice.subscription_id)) is not None:
            order = await self._ordered(state.order_id)
        if order is None:
            await self._not_ours(event)
        else:
            await self._settlement.grant_period(event.id, order, invoice)

    async def _subscription_changed(
        self, event: PaymentEvent, state: SubscriptionState, gateway: PaymentGateway
    ) -> None:
        order = await self._subscribed_by(state.order_id, state.subscription_id)
        if order is None:
            await self._not_ours(event)
            return
        try:
            await self._settlement.merge_subscription(event.id, order, state, event.created_at)
        except StateUnsure:
            current = await gateway.subscription(state.subscription_id) or state
            await self._merge_current(event, order, current, event.created_at)

    async def _look_up(self, event: PaymentEvent, subscription_id: str, gateway: PaymentGateway) -> None:
        """A failed payment tells too little: what became of the subscription is asked."""
        current = await gateway.subscription(subscription_id)
        order = None if current is None else await self._subscribed_by(current.order_id, subscription_id)
        if order is None or current is None:
            await self._not_ours(event)
        else:
            await self._merge_current(event, order, current, event.created_at)

    async def _merge_current(
        self, event: PaymentEvent, order: Order, current: SubscriptionState, as_of: datetime
    ) -> None:
        await self._settlement.merge_subscription(event.id, order, current, as_of, is_current=True)

    async def _ordered(self, order_id: str | None) -> Order | None:
        return None if order_id is None else await self._orders.find(order_id)

    async def _subscribed_by(self, order_id: str | None, subscription_id: str) -> Order | None:
        """The order that began a subscription; events of other applications in the same account have none."""
        if (order := await self._ordered(order_id)) is not None:
            return order
        known = await self._subscriptions.find(subscription_id)
        return None if known is None else await self._ordered(known.order_id)

    async def _paid_with(self, order_id: str | None, payment_id: str | None, gateway: PaymentGateway) -> Order | None:
        """The gateway is asked when the event comes before the order knows its payment."""
        if (order := await self._ordered(order_id)) is not None or payment_id is None:
            return order
        known = await self._orders.find_by_payment(payment_id)
        return known or await self._ordered(await gateway.order_of_payment(payment_id))

    async def _not_ours(self, event: PaymentEvent) -> None:
        log.info("payment_event_of_another", event_id=event.id, change=type(event.change).__name__)
        await self._settlement.remember(event.id)


def _refund_facts(order: Order | None, change: PaymentRefunded) -> OrderFacts:
    """In the order's own currency, whatever tax was added or currency was charged."""
    refunded = change.refunded_cents
    if order is not None and change.charged_cents not in (0, order.item.amount_cents):
        refunded = refunded * order.item.amount_cents // change.charged_cents
    return OrderFacts(payment_id=change.payment_id, refunded_cents=refunded)
