"""A person at the till of a test's world, with a gateway whose answers a test can set."""

from dataclasses import dataclass, field
from typing import Any

from bootstrap.payments import sandbox_secret
from domain.accounts.service import AccountService
from domain.credits.model import Wallet
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller
from domain.payments.events import CheckoutChanged, PaymentEvent
from domain.payments.gateway import OpenedCheckout, PaymentGateway, PortalPage
from domain.payments.model import Order, Subscription, SubscriptionState
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.sell import PaymentSales
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SubscriptionStore
from tests.payments import stripe_shapes
from tests.world import World


@dataclass
class ScriptedGateway:
    """The test gateway, except for how subscriptions stand now, and for being down."""

    inner: PaymentGateway
    current: dict[str, SubscriptionState] = field(default_factory=dict)
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def open_checkout(self, order: Order, email: str) -> OpenedCheckout:
        self._ask(f"open {order.id}")
        return await self.inner.open_checkout(order, email)

    async def close_checkout(self, checkout_id: str) -> CheckoutChanged:
        self._ask(f"close {checkout_id}")
        return await self.inner.close_checkout(checkout_id)

    async def open_portal(self, customer_id: str, page: PortalPage, subscription_id: str | None) -> str:
        self._ask(f"portal {customer_id}")
        return await self.inner.open_portal(customer_id, page, subscription_id)

    def read_event(self, payload: bytes, signature: str) -> PaymentEvent:
        return self.inner.read_event(payload, signature)

    async def subscription(self, subscription_id: str) -> SubscriptionState | None:
        self._ask(f"subscription {subscription_id}")
        return self.current.get(subscription_id)

    async def order_of_payment(self, payment_id: str) -> str | None:
        self._ask(f"payment {payment_id}")
        return await self.inner.order_of_payment(payment_id)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure


@dataclass(frozen=True)
class Shop:
    """The services of a world behind one gateway."""

    world: World
    gateway: ScriptedGateway
    events: PaymentEvents
    sales: PaymentSales

    @property
    def secret(self) -> str:
        return sandbox_secret(self.world.kit.settings)

    @property
    def now(self) -> int:
        return stripe_shapes.seconds(self.world.clock.now())

    async def send(self, kind: str, about: dict[str, Any], id: str = "evt_1", created: int | None = None) -> None:
        """Delivers an event, signed now."""
        payload = stripe_shapes.event(kind, about, self.now if created is None else created, id)
        await self.events.receive(payload, stripe_shapes.signed(payload, self.secret, self.now))

    async def order(self, order_id: str) -> Order:
        found = await OrderStore().find(order_id)
        assert found is not None
        return found

    async def subscription(self, subscription_id: str) -> Subscription:
        found = await SubscriptionStore().find(subscription_id)
        assert found is not None
        return found

    async def wallet(self, caller: Caller) -> Wallet:
        return await self.world.get(CreditWallets).wallet(caller.require())

    async def transfers(self, caller: Caller) -> list[tuple[str, str]]:
        """Kind and reference of all transfers but the grants of the free plan, in order."""
        found = await self.world.documents("credit_transfers")
        mine = sorted((each for each in found if each["owner_id"] == caller.account_id), key=lambda e: e["sequence"])
        return [(each["kind"], each["reference"]) for each in mine if "free:" not in each["reference"]]


def open_shop(world: World) -> Shop:
    inner = world.kit.till.gateway
    assert inner is not None
    gateway = ScriptedGateway(inner)
    orders, subscriptions, settlement = OrderStore(), SubscriptionStore(), world.get(OrderSettlement)
    events = PaymentEvents(orders, subscriptions, settlement, gateway)
    return Shop(world, gateway, events, sales_with(world, gateway))


def sales_with(world: World, gateway: PaymentGateway | None) -> PaymentSales:
    """Sales as the world has them, behind another gateway."""
    return PaymentSales(
        orders=OrderStore(),
        subscriptions=SubscriptionStore(),
        settlement=world.get(OrderSettlement),
        gateway=gateway,
        wallets=world.get(CreditWallets),
        accounts=world.get(AccountService),
        idempotency=world.get(Idempotency),
        clock=world.kit.clock,
    )
