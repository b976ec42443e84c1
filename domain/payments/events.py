"""What a gateway tells, in our own words. Nothing of a gateway's own formats crosses the port."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.payments.model import PaidPeriod, SubscriptionState


class CheckoutOutcome(StrEnum):
    """`SUBMITTED` means that the money is still on its way."""

    OPEN = "OPEN"
    SUBMITTED = "SUBMITTED"
    PAID = "PAID"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class CheckoutChanged:
    """How a checkout stands. `order_id` is None when it is none of ours."""

    order_id: str | None
    checkout_id: str
    outcome: CheckoutOutcome
    payment_id: str | None = None
    customer_id: str | None = None
    subscription_id: str | None = None


@dataclass(frozen=True)
class PaymentRefunded:
    """`refunded_cents` is all that was refunded so far of the `charged_cents`."""

    order_id: str | None
    payment_id: str | None
    charged_cents: int
    refunded_cents: int


@dataclass(frozen=True)
class PaymentDisputed:
    """The bank has taken the money back for now; it names the payment and not the order."""

    dispute_id: str
    payment_id: str | None
    disputed_cents: int


@dataclass(frozen=True)
class InvoicePaid:
    """A period of a subscription is paid."""

    subscription_id: str
    order_id: str | None
    plan_id: str | None
    customer_id: str | None
    period: PaidPeriod


@dataclass(frozen=True)
class InvoiceFailed:
    """A payment did not succeed; what that does to the subscription has to be asked."""

    subscription_id: str


@dataclass(frozen=True)
class SubscriptionChanged:
    state: SubscriptionState


@dataclass(frozen=True)
class Unhandled:
    """Something that does not concern us."""

    kind: str


Change = (
    CheckoutChanged | PaymentRefunded | PaymentDisputed | InvoicePaid | InvoiceFailed | SubscriptionChanged | Unhandled
)


@dataclass(frozen=True)
class PaymentEvent:
    """One message of a gateway; `id` is the same when it is sent again. `created_at` is in whole seconds."""

    id: str
    created_at: datetime
    change: Change
