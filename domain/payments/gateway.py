"""The ports to whoever takes the money. No card data comes past them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from domain.payments.events import CheckoutChanged, PaymentEvent
from domain.payments.model import Order, Subscription, SubscriptionState

REPLAY_WINDOW = timedelta(seconds=300)
# Stripe ends a checkout after 24 hours at the latest, and keeps idempotency keys as long.
CHECKOUT_LIFETIME = timedelta(hours=23)


class InvalidSignature(Exception):
    """The message is not from the gateway, was changed on the way, or is older than the replay window."""


@dataclass(frozen=True)
class OpenedCheckout:
    """Where a person pays."""

    id: str
    url: str


class PortalPage(StrEnum):
    """Where in the billing portal a person arrives."""

    OVERVIEW = "OVERVIEW"
    PAYMENT_METHOD = "PAYMENT_METHOD"
    CANCELATION = "CANCELATION"


class PaymentGateway(Protocol):
    """Calls over the network raise `DependencyUnavailable`, and `PaymentsNotSetUp` for a key that is refused."""

    async def open_checkout(self, order: Order, email: str) -> OpenedCheckout:
        """The same order gives the same checkout. Raises `PaymentsNotSetUp` for a plan that has no price there."""
        ...

    async def close_checkout(self, checkout_id: str) -> CheckoutChanged:
        """Ends a checkout that nobody has paid yet; returns what has become of it."""
        ...

    async def open_portal(self, customer_id: str, page: PortalPage, subscription_id: str | None) -> str:
        """The URL of a page where the customer manages subscriptions and payment methods."""
        ...

    def read_event(self, payload: bytes, signature: str) -> PaymentEvent:
        """Raises `InvalidSignature`, and `ValueError` for a genuine message in a form that is not known."""
        ...

    async def subscription(self, subscription_id: str) -> SubscriptionState | None:
        """The state now, or None when the gateway has nothing to say of it."""
        ...

    async def order_of_payment(self, payment_id: str) -> str | None:
        """The order that a payment was made for, or None when it is none of ours."""
        ...


@dataclass(frozen=True)
class Delivery:
    """A webhook as it is sent."""

    payload: bytes
    signature: str


class Sandbox(Protocol):
    """The other side of a gateway that moves no money: what a person does there, as the webhooks that follow."""

    def order_behind(self, token: str) -> str | None:
        """The order of a checkout's address, or None for an address that was not given out or is too old."""
        ...

    def customer_behind(self, token: str) -> str | None:
        """The customer of a portal's address."""
        ...

    def pay(self, order: Order) -> Sequence[Delivery]: ...

    def decline(self, order: Order) -> Sequence[Delivery]: ...

    def refund(self, order: Order) -> Sequence[Delivery]: ...

    def renew(self, subscription: Subscription) -> Sequence[Delivery]:
        """The next period is paid."""
        ...

    def cancel(self, subscription: Subscription) -> Sequence[Delivery]: ...
