"""The test gateway: a shop without money. It keeps nothing, so that a restarted API forgets nothing either.

Addresses carry a signed token, and what happens there comes back as Stripe-shaped webhooks under a real signature.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stripe import WebhookSignature

from adapters.payments.stripe_events import ORDER_ID, StripeEventReader
from domain.kit.clock import Clock
from domain.kit.trust.credentials import TokenSigner
from domain.payments.events import CheckoutChanged, CheckoutOutcome, PaymentEvent
from domain.payments.gateway import CHECKOUT_LIFETIME, Delivery, OpenedCheckout, PortalPage
from domain.payments.model import Order, OrderKind, Subscription, SubscriptionState

CHECKOUT_AUDIENCE = "cadenza:test-checkout"
PORTAL_AUDIENCE = "cadenza:test-portal"
CHECKOUT_PATH = "/payments/test/checkout"
PORTAL_PATH = "/payments/test/portal"
PORTAL_LIFETIME = timedelta(hours=1)
PERIOD = timedelta(days=30)
PRICE_PREFIX = "price_test_"

Json = dict[str, Any]


@dataclass(frozen=True)
class SandboxIds:
    """All ids follow from the order, so that the same click gives the same events."""

    order: Order

    @property
    def checkout(self) -> str:
        return f"cs_test_{self.order.id}"

    @property
    def payment(self) -> str:
        return f"pi_test_{self.order.id}"

    @property
    def customer(self) -> str:
        return f"cus_test_{self.order.owner_id}"

    @property
    def subscription(self) -> str:
        return f"sub_test_{self.order.id}"


class SandboxGateway:
    """Both sides of a gateway: the port that sells, and what a person does on the test pages."""

    def __init__(self, signer: TokenSigner, clock: Clock, secret: str, public_url: str) -> None:
        self._signer = signer
        self._clock = clock
        self._secret = secret
        self._public_url = public_url
        self._reader = StripeEventReader(secret, _plan_of, clock)

    async def open_checkout(self, order: Order, email: str) -> OpenedCheckout:
        token = self._signer.sign(CHECKOUT_AUDIENCE, order.id, order.created_at + CHECKOUT_LIFETIME)
        return OpenedCheckout(SandboxIds(order).checkout, f"{self._public_url}{CHECKOUT_PATH}/{token}")

    async def close_checkout(self, checkout_id: str) -> CheckoutChanged:
        order_id = checkout_id.removeprefix("cs_test_")
        return CheckoutChanged(order_id, checkout_id, CheckoutOutcome.EXPIRED)

    async def open_portal(self, customer_id: str, page: PortalPage, subscription_id: str | None) -> str:
        """One page serves all purposes."""
        token = self._signer.sign(PORTAL_AUDIENCE, customer_id, self._clock.now() + PORTAL_LIFETIME)
        return f"{self._public_url}{PORTAL_PATH}/{token}"

    def read_event(self, payload: bytes, signature: str) -> PaymentEvent:
        return self._reader.read(payload, signature)

    async def subscription(self, subscription_id: str) -> SubscriptionState | None:
        """Nothing is kept here: of two events of the same second the one that comes last is taken."""
        return None

    async def order_of_payment(self, payment_id: str) -> str | None:
        return payment_id.removeprefix("pi_test_") if payment_id.startswith("pi_test_") else None

    def order_behind(self, token: str) -> str | None:
        return self._signer.read(CHECKOUT_AUDIENCE, token)

    def customer_behind(self, token: str) -> str | None:
        return self._signer.read(PORTAL_AUDIENCE, token)

    def pay(self, order: Order) -> Sequence[Delivery]:
        ids = SandboxIds(order)
        paid = _checkout_session(order, "complete", "paid")
        completed = self._delivery(f"{order.id}_completed", "checkout.session.completed", paid)
        if order.item.kind is OrderKind.PACK:
            return [completed]
        now = self._clock.now()
        begun = _subscription(ids.subscription, ids.customer, order.id, order.item.id, "active", now + PERIOD)
        return [
            self._delivery(f"{order.id}_created", "customer.subscription.created", begun),
            completed,
            self._invoice(ids.subscription, ids.customer, order.id, order.item.id, now),
        ]

    def decline(self, order: Order) -> Sequence[Delivery]:
        """Like a bank that does not pay after all."""
        unpaid = _checkout_session(order, "complete", "unpaid")
        kind = "checkout.session.async_payment_failed"
        return [
            self._delivery(f"{order.id}_submitted", "checkout.session.completed", unpaid),
            self._delivery(f"{order.id}_failed", kind, unpaid),
        ]

    def refund(self, order: Order) -> Sequence[Delivery]:
        amount = order.item.amount_cents
        charge = {
            "id": f"ch_test_{order.id}",
            "object": "charge",
            "amount": amount,
            "amount_refunded": amount,
            "payment_intent": SandboxIds(order).payment,
            "metadata": {ORDER_ID: order.id},
        }
        return [self._delivery(f"{order.id}_refunded", "charge.refunded", charge)]

    def renew(self, subscription: Subscription) -> Sequence[Delivery]:
        start = self._clock.now() if subscription.period_end is None else subscription.period_end
        changed = _stored(subscription, "active", start + PERIOD)
        id, customer = subscription.id, str(subscription.customer_id)
        return [
            self._invoice(id, customer, subscription.order_id, subscription.plan_id, start),
            self._delivery(f"{id}_renewed_{_seconds(start)}", "customer.subscription.updated", changed),
        ]

    def cancel(self, subscription: Subscription) -> Sequence[Delivery]:
        end = self._clock.now() if subscription.period_end is None else subscription.period_end
        changed = _stored(subscription, "canceled", end)
        return [self._delivery(f"{subscription.id}_deleted", "customer.subscription.deleted", changed)]

    def _invoice(self, subscription_id: str, customer: str, order_id: str, plan_id: str, start: datetime) -> Delivery:
        number = f"{subscription_id}_{_seconds(start)}"
        line = {
            "id": f"il_{number}",
            "object": "line_item",
            "period": {"start": _seconds(start), "end": _seconds(start + PERIOD)},
            "parent": {"subscription_item_details": {"subscription": subscription_id, "proration": False}},
            "pricing": {"price_details": {"price": f"{PRICE_PREFIX}{plan_id}"}},
        }
        invoice = {
            "id": f"in_{number}",
            "object": "invoice",
            "customer": customer,
            "parent": {
                "subscription_details": {"subscription": subscription_id, "metadata": {ORDER_ID: order_id}},
            },
            "lines": {"object": "list", "data": [line]},
        }
        return self._delivery(f"{number}_paid", "invoice.paid", invoice)

    def _delivery(self, name: str, kind: str, changed: Mapping[str, Any]) -> Delivery:
        now = _seconds(self._clock.now())
        event = {
            "id": f"evt_test_{name}",
            "object": "event",
            "type": kind,
            "created": now,
            "livemode": False,
            "data": {"object": changed},
        }
        payload = json.dumps(event)
        signature = WebhookSignature.generate_signature_header(payload, self._secret, now)
        return Delivery(payload.encode(), signature)


def _plan_of(price_id: str) -> str | None:
    return price_id.removeprefix(PRICE_PREFIX) if price_id.startswith(PRICE_PREFIX) else None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _checkout_session(order: Order, status: str, payment_status: str) -> Json:
    ids = SandboxIds(order)
    is_plan = order.item.kind is OrderKind.PLAN
    return {
        "id": ids.checkout,
        "object": "checkout.session",
        "mode": "subscription" if is_plan else "payment",
        "status": status,
        "payment_status": payment_status,
        "client_reference_id": order.id,
        "metadata": {ORDER_ID: order.id},
        "payment_intent": None if is_plan else ids.payment,
        "customer": ids.customer,
        "subscription": ids.subscription if is_plan and payment_status == "paid" else None,
        "amount_total": order.item.amount_cents,
        "currency": order.item.currency,
    }


def _subscription(id: str, customer: str, order_id: str, plan_id: str, status: str, period_end: datetime) -> Json:
    item = {
        "id": f"si_{id}",
        "object": "subscription_item",
        "current_period_end": _seconds(period_end),
        "price": {"id": f"{PRICE_PREFIX}{plan_id}", "object": "price"},
    }
    return {
        "id": id,
        "object": "subscription",
        "status": status,
        "customer": customer,
        "metadata": {ORDER_ID: order_id},
        "cancel_at_period_end": False,
        "items": {"object": "list", "data": [item]},
    }


def _stored(subscription: Subscription, status: str, period_end: datetime) -> Json:
    customer = str(subscription.customer_id)
    return _subscription(subscription.id, customer, subscription.order_id, subscription.plan_id, status, period_end)
