"""Builds the services of payments."""

from collections.abc import Sequence

from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.service import Idempotency
from domain.payments.services.personal_data import PaymentPersonalData
from domain.payments.services.receive import PaymentEvents
from domain.payments.services.sandbox import SandboxDesk
from domain.payments.services.sell import PaymentSales
from domain.payments.services.settle import OrderSettlement
from domain.payments.store import OrderStore, SeenEventStore, SubscriptionStore


def build_payments(kit: Kit) -> Sequence[object]:
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
