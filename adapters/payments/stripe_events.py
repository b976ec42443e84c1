"""Stripe's objects and signed webhooks, read into the domain's own events. Both gateways share this module.

Shapes are those of API version 2026-10-28; only the fields that are used are named.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from stripe import SignatureVerificationError, Webhook

from domain.kit.clock import Clock
from domain.payments.events import (
    Change,
    CheckoutChanged,
    CheckoutOutcome,
    InvoiceFailed,
    InvoicePaid,
    PaymentDisputed,
    PaymentEvent,
    PaymentRefunded,
    SubscriptionChanged,
    Unhandled,
)
from domain.payments.gateway import REPLAY_WINDOW, InvalidSignature
from domain.payments.model import PaidPeriod, SubscriptionState, SubscriptionStatus

ORDER_ID = "order_id"

PlanOfPrice = Callable[[str], str | None]

STATUSES = {
    "incomplete": SubscriptionStatus.INCOMPLETE,
    "trialing": SubscriptionStatus.ACTIVE,
    "active": SubscriptionStatus.ACTIVE,
    "paused": SubscriptionStatus.PAST_DUE,
    "past_due": SubscriptionStatus.PAST_DUE,
    "unpaid": SubscriptionStatus.PAST_DUE,
    "incomplete_expired": SubscriptionStatus.CANCELED,
    "canceled": SubscriptionStatus.CANCELED,
}


def _unexpanded(value: object) -> object:
    """Stripe gives an id, or the object with it where somebody asked for that."""
    return value.get("id") if isinstance(value, Mapping) else value


Ref = Annotated[str | None, BeforeValidator(_unexpanded)]
Metadata = dict[str, str] | None


class _Session(BaseModel):
    id: str
    status: str | None = None
    payment_status: str
    client_reference_id: str | None = None
    metadata: Metadata = None
    payment_intent: Ref = None
    customer: Ref = None
    subscription: Ref = None


class _Charge(BaseModel):
    amount: int
    amount_refunded: int
    payment_intent: Ref = None
    metadata: Metadata = None


class _Dispute(BaseModel):
    id: str
    amount: int
    payment_intent: Ref = None


class _Price(BaseModel):
    id: str


class _Item(BaseModel):
    current_period_end: int
    price: _Price


class _Items(BaseModel):
    data: Annotated[list[_Item], Field(min_length=1)]


def _status(given: object) -> object:
    return STATUSES.get(str(given), given)


class _Subscription(BaseModel):
    id: str
    status: Annotated[SubscriptionStatus, BeforeValidator(_status)]
    customer: Ref = None
    metadata: Metadata = None
    cancel_at_period_end: bool = False
    items: _Items


class _SubscriptionDetails(BaseModel):
    subscription: Ref
    metadata: Metadata = None


class _InvoiceParent(BaseModel):
    subscription_details: _SubscriptionDetails | None = None


class _Period(BaseModel):
    start: int
    end: int


class _LineItemDetails(BaseModel):
    proration: bool = False


class _LineParent(BaseModel):
    subscription_item_details: _LineItemDetails | None = None


class _PriceDetails(BaseModel):
    price: Ref = None


class _Pricing(BaseModel):
    price_details: _PriceDetails | None = None


class _Line(BaseModel):
    period: _Period
    parent: _LineParent | None = None
    pricing: _Pricing | None = None

    @property
    def is_whole_period(self) -> bool:
        """Not a part of a period after a change, which grants nothing."""
        details = None if self.parent is None else self.parent.subscription_item_details
        return details is not None and not details.proration

    @property
    def price_id(self) -> str | None:
        details = None if self.pricing is None else self.pricing.price_details
        return None if details is None else details.price


class _Lines(BaseModel):
    data: list[_Line]


class _Invoice(BaseModel):
    id: str
    customer: Ref = None
    parent: _InvoiceParent | None = None
    lines: _Lines

    @property
    def details(self) -> _SubscriptionDetails | None:
        return None if self.parent is None else self.parent.subscription_details


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _order_id(metadata: Metadata) -> str | None:
    return (metadata or {}).get(ORDER_ID)


def checkout_of(session: Mapping[str, Any]) -> CheckoutChanged:
    """A checkout session as it stands. Raises `ValueError` for another shape, as all of these do."""
    read = _Session.model_validate(session)
    return _checkout(read, _outcome(read))


def _outcome(session: _Session) -> CheckoutOutcome:
    if session.payment_status in ("paid", "no_payment_required"):
        return CheckoutOutcome.PAID
    if session.status == "complete":
        return CheckoutOutcome.SUBMITTED
    return CheckoutOutcome.EXPIRED if session.status == "expired" else CheckoutOutcome.OPEN


def _checkout(session: _Session, outcome: CheckoutOutcome) -> CheckoutChanged:
    return CheckoutChanged(
        order_id=session.client_reference_id or _order_id(session.metadata),
        checkout_id=session.id,
        outcome=outcome,
        payment_id=session.payment_intent,
        customer_id=session.customer,
        subscription_id=session.subscription,
    )


def subscription_of(subscription: Mapping[str, Any], plan_of: PlanOfPrice) -> SubscriptionState:
    read = _Subscription.model_validate(subscription)
    item = read.items.data[0]
    return SubscriptionState(
        subscription_id=read.id,
        order_id=_order_id(read.metadata),
        customer_id=read.customer,
        plan_id=plan_of(item.price.id),
        status=read.status,
        period_end=_moment(item.current_period_end),
        ends_with_period=read.cancel_at_period_end,
    )


def _invoice_paid(invoice: _Invoice, plan_of: PlanOfPrice) -> Change:
    details = invoice.details
    line = next((line for line in invoice.lines.data if line.is_whole_period), None)
    if details is None or details.subscription is None or line is None:
        return Unhandled("invoice.paid without a period of a subscription")
    return InvoicePaid(
        subscription_id=details.subscription,
        order_id=_order_id(details.metadata),
        plan_id=None if line.price_id is None else plan_of(line.price_id),
        customer_id=invoice.customer,
        period=PaidPeriod(_moment(line.period.start), _moment(line.period.end), invoice.id),
    )


def _invoice_failed(invoice: _Invoice) -> Change:
    details = invoice.details
    if details is None or details.subscription is None:
        return Unhandled("invoice.payment_failed without a subscription")
    return InvoiceFailed(details.subscription)


def _refunded(charge: _Charge) -> PaymentRefunded:
    return PaymentRefunded(_order_id(charge.metadata), charge.payment_intent, charge.amount, charge.amount_refunded)


def _disputed(dispute: _Dispute) -> PaymentDisputed:
    return PaymentDisputed(dispute.id, dispute.payment_intent, dispute.amount)


def change_of(kind: str, given: Mapping[str, Any], plan_of: PlanOfPrice) -> Change:
    """What an event's type and object say."""
    match kind:
        case "checkout.session.completed":
            return checkout_of(given)
        case "checkout.session.async_payment_succeeded":
            return _checkout(_Session.model_validate(given), CheckoutOutcome.PAID)
        case "checkout.session.async_payment_failed":
            return _checkout(_Session.model_validate(given), CheckoutOutcome.FAILED)
        case "checkout.session.expired":
            return _checkout(_Session.model_validate(given), CheckoutOutcome.EXPIRED)
        case "charge.refunded":
            return _refunded(_Charge.model_validate(given))
        case "charge.dispute.created":
            return _disputed(_Dispute.model_validate(given))
        case "invoice.paid":
            return _invoice_paid(_Invoice.model_validate(given), plan_of)
        case "invoice.payment_failed":
            return _invoice_failed(_Invoice.model_validate(given))
        case "customer.subscription.created" | "customer.subscription.updated" | "customer.subscription.deleted":
            return SubscriptionChanged(subscription_of(given, plan_of))
        case _:
            return Unhandled(kind)


class StripeEventReader:
    """Checks signatures (`t=…,v1=…`, HMAC-SHA-256 over `t.payload`) with Stripe's SDK and the age with our clock."""

    def __init__(self, secret: str, plan_of: PlanOfPrice, clock: Clock) -> None:
        self._secret = secret
        self._plan_of = plan_of
        self._clock = clock

    def read(self, payload: bytes, signature: str) -> PaymentEvent:
        """Raises `InvalidSignature`, and `ValueError` for a genuine message of another shape."""
        try:
            # Without a tolerance, which the SDK would measure on the machine's clock and only into the past.
            event = Webhook.construct_event(payload, signature, self._secret, tolerance=0)
            signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
        except (SignatureVerificationError, ValueError, TypeError) as error:
            raise InvalidSignature("the signature does not fit the message") from error
        if abs(self._clock.now().timestamp() - signed_at) > REPLAY_WINDOW.total_seconds():
            raise InvalidSignature("the message is outside the replay window")
        given = event.to_dict()
        change = change_of(given["type"], given["data"]["object"], self._plan_of)
        return PaymentEvent(given["id"], _moment(given["created"]), change)
