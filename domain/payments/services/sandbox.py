"""The test checkout: what a person clicks on its pages goes through the same door as a gateway's webhooks."""

from collections.abc import Sequence

from domain.kit.errors import NotFound
from domain.payments.gateway import Delivery, Sandbox
from domain.payments.model import Order, Subscription
from domain.payments.services.receive import PaymentEvents
from domain.payments.store import OrderStore, SubscriptionStore


class SandboxDesk:
    """Answers `NotFound` to everything unless the test gateway was chosen."""

    def __init__(
        self,
        orders: OrderStore,
        subscriptions: SubscriptionStore,
        events: PaymentEvents,
        sandbox: Sandbox | None,
    ) -> None:
        self._orders = orders
        self._subscriptions = subscriptions
        self._events = events
        self._sandbox = sandbox

    async def order(self, token: str) -> Order:
        """The order behind a checkout's address; raises `NotFound`."""
        order_id = self._chosen().order_behind(token)
        order = None if order_id is None else await self._orders.find(order_id)
        if order is None:
            raise NotFound("checkout", token[:8])
        return order

    async def subscription(self, token: str) -> Subscription:
        """The newest subscription behind a portal's address; raises `NotFound`."""
        customer_id = self._chosen().customer_behind(token)
        found = None if customer_id is None else await self._subscriptions.newest_of_customer(customer_id)
        if found is None:
            raise NotFound("portal", token[:8])
        return found

    async def pay(self, token: str) -> None:
        """Once paid, and after a refusal, nothing can be paid any more."""
        order = await self.order(token)
        if not (order.is_paid or order.facts.failed or order.facts.expired):
            await self._deliver(self._chosen().pay(order))

    async def decline(self, token: str) -> None:
        order = await self.order(token)
        if not (order.is_paid or order.facts.failed or order.facts.expired):
            await self._deliver(self._chosen().decline(order))

    async def refund(self, token: str) -> None:
        order = await self.order(token)
        if order.is_paid and order.facts.subscription_id is None:
            await self._deliver(self._chosen().refund(order))

    async def renew(self, token: str) -> None:
        await self._deliver(self._chosen().renew(await self.subscription(token)))

    async def cancel(self, token: str) -> None:
        await self._deliver(self._chosen().cancel(await self.subscription(token)))

    def _chosen(self) -> Sandbox:
        if self._sandbox is None:
            raise NotFound("page", "test")
        return self._sandbox

    async def _deliver(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self._events.receive(delivery.payload, delivery.signature)
