"""Orders and subscriptions, and the rules by which what a gateway tells of them is merged. Pure.

Events come twice, late and in any order, so facts only grow: any order of the same events ends in the same state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class OrderKind(StrEnum):
    PACK = "PACK"
    PLAN = "PLAN"


class OrderStatus(StrEnum):
    OPEN = "OPEN"
    PROCESSING = "PROCESSING"
    PAID = "PAID"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True)
class Item:
    """What is bought, at the price it had when the order was made. `amount_cents` is in hundredths of `currency`."""

    kind: OrderKind
    id: str
    name: str
    credits: int
    amount_cents: int
    currency: str


@dataclass(frozen=True)
class OrderFacts:
    """What is known of an order. A flag once true stays true, sums only grow, and the first id stays."""

    checkout_id: str | None = None
    payment_id: str | None = None
    customer_id: str | None = None
    subscription_id: str | None = None
    submitted: bool = False
    paid: bool = False
    failed: bool = False
    expired: bool = False
    refunded_cents: int = 0
    disputed_cents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """One purchase. `credited` and `taken_back_cents` say how far the ledger has followed the facts."""

    id: str
    owner_id: str
    item: Item
    created_at: datetime
    facts: OrderFacts = OrderFacts()
    checkout_url: str | None = None
    credited: bool = False
    taken_back_cents: int = 0

    @property
    def is_paid(self) -> bool:
        """Money that came back must have been paid, whatever was heard of that."""
        return self.facts.paid or self.returned_cents > 0

    @property
    def returned_cents(self) -> int:
        """Refunded or disputed, at most the price: a dispute may be about money that was refunded before."""
        facts = self.facts
        return min(self.item.amount_cents, facts.refunded_cents + sum(facts.disputed_cents.values()))

    @property
    def status(self) -> OrderStatus:
        if self.is_paid:
            if self.returned_cents == 0:
                return OrderStatus.PAID
            is_all = self.returned_cents >= self.item.amount_cents
            return OrderStatus.REFUNDED if is_all else OrderStatus.PARTLY_REFUNDED
        if self.facts.failed:
            return OrderStatus.FAILED
        if self.facts.expired:
            return OrderStatus.EXPIRED
        return OrderStatus.PROCESSING if self.facts.submitted else OrderStatus.OPEN

    def credits_for(self, returned_cents: int) -> int:
        """Credits that a refund of this much undoes, pro rata and rounded down until all is refunded."""
        return self.item.credits * returned_cents // self.item.amount_cents


def joined(one: OrderFacts, other: OrderFacts) -> OrderFacts:
    """The facts of both. Where ids contradict each other the smaller one stays, so that the order does not matter."""
    disputes = one.disputed_cents.keys() | other.disputed_cents.keys()
    return OrderFacts(
        checkout_id=_one_id(one.checkout_id, other.checkout_id),
        payment_id=_one_id(one.payment_id, other.payment_id),
        customer_id=_one_id(one.customer_id, other.customer_id),
        subscription_id=_one_id(one.subscription_id, other.subscription_id),
        submitted=one.submitted or other.submitted,
        paid=one.paid or other.paid,
        failed=one.failed or other.failed,
        expired=one.expired or other.expired,
        refunded_cents=max(one.refunded_cents, other.refunded_cents),
        disputed_cents={
            id: max(one.disputed_cents.get(id, 0), other.disputed_cents.get(id, 0)) for id in sorted(disputes)
        },
    )


def _one_id(*ids: str | None) -> str | None:
    return min((id for id in ids if id is not None), default=None)


class SubscriptionStatus(StrEnum):
    """`PENDING` was not heard of yet, `INCOMPLETE` waits for its first payment."""

    PENDING = "PENDING"
    INCOMPLETE = "INCOMPLETE"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    CANCELED = "CANCELED"


LIVE = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE})


@dataclass(frozen=True)
class SubscriptionState:
    """How a gateway has a subscription at one moment. `order_id` and `plan_id` are None when they are not ours."""

    subscription_id: str
    order_id: str | None
    customer_id: str | None
    plan_id: str | None
    status: SubscriptionStatus
    period_end: datetime | None
    ends_with_period: bool


@dataclass(frozen=True)
class PaidPeriod:
    """A period that an invoice paid for."""

    start: datetime
    end: datetime
    invoice_id: str


@dataclass(frozen=True)
class Subscription:
    """What is known of one subscription. `as_of` is the moment that the state is of."""

    id: str
    owner_id: str
    order_id: str
    plan_id: str
    customer_id: str | None
    status: SubscriptionStatus
    period_end: datetime | None
    ends_with_period: bool
    as_of: datetime
    paid_period: PaidPeriod | None = None


class StateUnsure(Exception):
    """Two different states are of the same second: the gateway has to be asked which is the later one."""


def is_later(stored: Subscription, seen: SubscriptionState, as_of: datetime, *, is_current: bool = False) -> bool:
    """Whether `seen` replaces what is stored. Canceled is final.

    `is_current` says that the gateway was asked. Raises `StateUnsure`.
    """
    ended, ends = stored.status is SubscriptionStatus.CANCELED, seen.status is SubscriptionStatus.CANCELED
    if (ended, stored.as_of) != (ends, as_of):
        return (ends, as_of) > (ended, stored.as_of)
    if _is_same(stored, seen):
        return False
    if not is_current:
        raise StateUnsure()
    return True


def _is_same(stored: Subscription, seen: SubscriptionState) -> bool:
    return (
        stored.status is seen.status
        and stored.period_end == seen.period_end
        and stored.ends_with_period == seen.ends_with_period
        and seen.plan_id in (None, stored.plan_id)
        and seen.customer_id in (None, stored.customer_id)
    )


def later_period(one: PaidPeriod | None, other: PaidPeriod) -> PaidPeriod:
    """Of two paid periods the one that ends later."""
    if one is None:
        return other
    return max(one, other, key=lambda period: (period.end, period.start, period.invoice_id))
