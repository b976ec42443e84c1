"""Payments put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.service import Idempotency
from domain.payments.documents import EventDocument, OrderDocument, SubscriptionDocument
from domain.payments.services.personal_data import PaymentPersonalData
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.sandbox import SandboxDesk
from domain.payments.services.sell import PaymentSales
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SeenEventStore, SubscriptionStore
from graphql_api.payments.http import ROUTES as PAYMENT_ROUTES
from graphql_api.payments.mutations import PaymentMutation
from graphql_api.payments.prices import PRICES as PAYMENT_PRICES
from graphql_api.payments.queries import PaymentQuery
from graphql_api.payments.types import HANDLERS as PAYMENT_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    orders, subscriptions, services = OrderStore(), SubscriptionStore(), kit.services
    wallets = services.get(CreditWallets)
    settlement = OrderSettlement(
        orders, subscriptions, SeenEventStore(), services.get(CreditLedger), wallets, kit.transactions, kit.clock
    )
    events = PaymentEvents(orders, subscriptions, settlement, kit.till.gateway)
    sales = PaymentSales(
        orders=orders,
        subscriptions=subscriptions,
        settlement=settlement,
        gateway=kit.till.gateway,
        wallets=wallets,
        accounts=services.get(AccountService),
        idempotency=services.get(Idempotency),
        clock=kit.clock,
    )
    desk = SandboxDesk(orders, subscriptions, events, kit.till.sandbox)
    return [settlement, events, sales, desk, PaymentPersonalData(orders, subscriptions)]


AREA = Area(
    name="payments",
    documents=[OrderDocument, SubscriptionDocument, EventDocument],
    build=build,
    personal=PaymentPersonalData,
    queries=[PaymentQuery],
    mutations=[PaymentMutation],
    handlers=PAYMENT_HANDLERS,
    routes=PAYMENT_ROUTES,
    prices=PAYMENT_PRICES,
)
