"""Buying packs, subscribing to plans, and opening the billing portal."""

from typing import Annotated

import strawberry

from domain.payments.gateway import PortalPage
from domain.payments.services.sell import PaymentSales
from graphql_api.core.context import Info
from graphql_api.core.idempotency import IdempotencyConflict
from graphql_api.core.problems import Forbidden, Unauthenticated, ValidationFailed
from graphql_api.core.scalars import URL
from graphql_api.payments.inputs import BuyCreditsInput, OpenBillingPortalInput, SubscribeToPlanInput
from graphql_api.payments.types import AlreadySubscribed, NoBillingAccount, Order, PaymentsNotSetUp, checkout_url

CHECKOUT = "Send the person there to pay. The credits come when the gateway has said that the money is there."


@strawberry.type(description="The pack is ordered; it is still to be paid.")
class BuyCreditsSuccess:
    order: Order = strawberry.field(description="The order.")
    checkout_url: URL = strawberry.field(description=CHECKOUT)


@strawberry.type(description="The plan is ordered; it is still to be paid.")
class SubscribeToPlanSuccess:
    order: Order = strawberry.field(description="The order.")
    checkout_url: URL = strawberry.field(description=CHECKOUT)


@strawberry.type(description="The billing portal is open for this person.")
class OpenBillingPortalSuccess:
    portal_url: URL = strawberry.field(description="Send the person there; the address works for a short while.")


BuyCreditsResult = Annotated[
    BuyCreditsSuccess | ValidationFailed | IdempotencyConflict | PaymentsNotSetUp | Forbidden | Unauthenticated,
    strawberry.union("BuyCreditsResult", description="How the order of a pack ended."),
]
SubscribeToPlanResult = Annotated[
    SubscribeToPlanSuccess
    | ValidationFailed
    | AlreadySubscribed
    | IdempotencyConflict
    | PaymentsNotSetUp
    | Forbidden
    | Unauthenticated,
    strawberry.union("SubscribeToPlanResult", description="How the order of a plan ended."),
]
OpenBillingPortalResult = Annotated[
    OpenBillingPortalSuccess | NoBillingAccount | PaymentsNotSetUp | Forbidden | Unauthenticated,
    strawberry.union("OpenBillingPortalResult", description="How opening the portal ended."),
]


@strawberry.type
class PaymentMutation:
    @strawberry.mutation(description="Orders a pack of credits and opens a checkout for it.")
    async def buy_credits(
        self, info: Info, input: Annotated[BuyCreditsInput, strawberry.argument(description="Which pack.")]
    ) -> BuyCreditsResult:
        sales = info.context.service(PaymentSales)
        order = await sales.buy_credits(info.context.caller, input.pack_key, input.idempotency_key)
        return BuyCreditsSuccess(order=Order.of(order), checkout_url=checkout_url(order))

    @strawberry.mutation(description="Orders a plan and opens a checkout for it.")
    async def subscribe_to_plan(
        self, info: Info, input: Annotated[SubscribeToPlanInput, strawberry.argument(description="Which plan.")]
    ) -> SubscribeToPlanResult:
        sales = info.context.service(PaymentSales)
        order = await sales.subscribe(info.context.caller, input.plan_key, input.idempotency_key)
        return SubscribeToPlanSuccess(order=Order.of(order), checkout_url=checkout_url(order))

    @strawberry.mutation(description="Opens the gateway's page for subscriptions, payment methods and invoices.")
    async def open_billing_portal(
        self, info: Info, input: Annotated[OpenBillingPortalInput, strawberry.argument(description="Which page.")]
    ) -> OpenBillingPortalResult:
        page = PortalPage.OVERVIEW if input.page is None else PortalPage(input.page.name)
        url = await info.context.service(PaymentSales).portal_url(info.context.caller, page)
        return OpenBillingPortalSuccess(portal_url=URL(url))
