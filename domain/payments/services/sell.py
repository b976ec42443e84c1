"""What a person does: buying packs, subscribing to plans, opening the billing portal, looking at orders."""

from collections.abc import Sequence

import structlog

from domain.accounts.service import AccountService
from domain.credits.model import Pack, Plan
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import Issue, NotFound, Unauthenticated, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import Session
from domain.payments.errors import AlreadySubscribed, NoBillingAccount, PaymentsNotSetUp
from domain.payments.events import CheckoutOutcome
from domain.payments.gateway import PaymentGateway, PortalPage
from domain.payments.model import Item, Order, OrderFacts, OrderKind
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SubscriptionStore

log = structlog.get_logger()


class PaymentSales:
    """An order is written before the gateway is asked, so that a payment always finds the order it is for."""

    def __init__(
        self,
        orders: OrderStore,
        subscriptions: SubscriptionStore,
        settlement: OrderSettlement,
        gateway: PaymentGateway | None,
        wallets: CreditWallets,
        accounts: AccountService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._subscriptions = subscriptions
        self._settlement = settlement
        self._gateway = gateway
        self._wallets = wallets
        self._accounts = accounts
        self._idempotency = idempotency
        self._clock = clock

    async def buy_credits(self, caller: Caller, pack_id: str, key: str | None) -> Order:
        """An order with the address of its checkout.

        Raises `Unauthenticated`, `ValidationFailed`, `IdempotencyConflict`, `PaymentsNotSetUp` and
        `DependencyUnavailable`; after the last one the same key goes on where it ended.
        """
        caller.require_person()
        gateway = self._chosen_gateway()
        return await self._ordered(caller, _pack_item(self._pack(pack_id, key)), key, gateway)

    async def subscribe(self, caller: Caller, plan_id: str, key: str | None) -> Order:
        """Like `buy_credits`; raises `AlreadySubscribed` as well."""
        owner_id = caller.require_person()
        gateway = self._chosen_gateway()
        item = _plan_item(self._plan(plan_id, key))
        if await self._idempotency.results_of(keyed_call(owner_id, key, *_operation(item))) is None:
            await self._close_open_checkouts(owner_id, gateway)
            await self._refuse_second_subscription(owner_id)
        return await self._ordered(caller, item, key, gateway)

    async def portal_url(self, caller: Caller, page: PortalPage) -> str:
        """Raises `Unauthenticated`, `NoBillingAccount`, `PaymentsNotSetUp` and `DependencyUnavailable`."""
        owner_id = caller.require_person()
        gateway = self._chosen_gateway()
        customer_id = await self._orders.customer_of(owner_id)
        if customer_id is None:
            raise NoBillingAccount()
        subscription = await self._subscriptions.live_of(owner_id)
        return await gateway.open_portal(customer_id, page, None if subscription is None else subscription.id)

    async def orders(self, caller: Caller, page: PageRequest) -> Page[Order]:
        return await self._orders.page_owned(caller.require(Scope.CREDITS), page)

    async def orders_by_id(self, caller: Caller, ids: Sequence[str]) -> dict[str, Order]:
        """The caller's own among these ids, in one query."""
        return await self._orders.find_many_owned(caller.require(Scope.CREDITS), ids)

    def _chosen_gateway(self) -> PaymentGateway:
        if self._gateway is None:
            raise PaymentsNotSetUp("no gateway is chosen: CADENZA_PAYMENTS_GATEWAY")
        return self._gateway

    def _pack(self, pack_id: str, key: str | None) -> Pack:
        found = next((pack for pack in self._wallets.packs() if pack.id == pack_id), None)
        issues = key_issues(key)
        if found is None:
            issues.append(Issue("packKey", f"There is no pack {pack_id[:80]!r}."))
        if found is None or issues:
            raise ValidationFailed(issues)
        return found

    def _plan(self, plan_id: str, key: str | None) -> Plan:
        found = next((plan for plan in self._wallets.plans() if plan.id == plan_id), None)
        issues = key_issues(key)
        if found is None:
            issues.append(Issue("planKey", f"There is no plan {plan_id[:80]!r}."))
        elif found.price_cents == 0:
            issues.append(Issue("planKey", f"The plan {plan_id!r} costs nothing and needs no subscription."))
        if found is None or issues:
            raise ValidationFailed(issues)
        return found

    async def _ordered(self, caller: Caller, item: Item, key: str | None, gateway: PaymentGateway) -> Order:
        account = await self._accounts.viewer(caller)
        if account is None:
            raise Unauthenticated()
        facts = OrderFacts(customer_id=await self._orders.customer_of(account.id))
        order = Order(new_id(), account.id, item, self._clock.now(), facts)

        async def work(session: Session) -> Sequence[str]:
            await self._orders.insert(order, session)
            return [order.id]

        call = keyed_call(account.id, key, *_operation(item))
        (order_id,), _ = await self._idempotency.once(call, work)
        return await self._with_checkout(order_id, account.email, gateway)

    async def _with_checkout(self, order_id: str, email: str, gateway: PaymentGateway) -> Order:
        """Opens the checkout unless an earlier call has; the gateway takes the order's id as its own key."""
        order = await self._order(order_id)
        if order.checkout_url is not None:
            return order
        checkout = await gateway.open_checkout(order, email)
        await self._orders.set_checkout(order_id, checkout.id, checkout.url)
        log.info("checkout_opened", order_id=order_id, kind=order.item.kind, item=order.item.id)
        return await self._order(order_id)

    async def _order(self, order_id: str) -> Order:
        order = await self._orders.find(order_id)
        if order is None:
            raise NotFound("order", order_id)
        return order

    async def _close_open_checkouts(self, owner_id: str, gateway: PaymentGateway) -> None:
        """So that one person cannot pay two checkouts and end with two subscriptions."""
        for order in await self._orders.open_plan_orders(owner_id):
            if (checkout_id := order.facts.checkout_id) is None:
                continue
            change = await gateway.close_checkout(checkout_id)
            await self._settlement.checkout_looked_up(order.id, change)
            if change.outcome in (CheckoutOutcome.PAID, CheckoutOutcome.SUBMITTED):
                raise AlreadySubscribed(order.item.id)

    async def _refuse_second_subscription(self, owner_id: str) -> None:
        if (subscription := await self._subscriptions.live_of(owner_id)) is not None:
            raise AlreadySubscribed(subscription.plan_id)
        paid = await self._orders.last_paid_plan_order(owner_id)
        if paid is not None and not await self._is_known(paid.facts.subscription_id):
            raise AlreadySubscribed(paid.item.id)

    async def _is_known(self, subscription_id: str | None) -> bool:
        """Between the payment and the first word of the subscription some seconds pass."""
        return subscription_id is not None and await self._subscriptions.find(subscription_id) is not None


def _pack_item(pack: Pack) -> Item:
    return Item(OrderKind.PACK, pack.id, pack.name, pack.credits, pack.price_cents, pack.currency)


def _plan_item(plan: Plan) -> Item:
    return Item(OrderKind.PLAN, plan.id, plan.name, plan.monthly_credits, plan.price_cents, plan.currency)


def _operation(item: Item) -> tuple[str, dict[str, str]]:
    """What makes two calls under one key the same call."""
    if item.kind is OrderKind.PACK:
        return "buyCredits", {"packKey": item.id}
    return "subscribeToPlan", {"planKey": item.id}
