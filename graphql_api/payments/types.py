"""Orders and the problems of buying, as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.payments import errors
from domain.payments.model import Order as OrderModel
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.core.scalars import URL
from graphql_api.payments.loaders import OrderLoader


@strawberry.enum(description="What was ordered.")
class OrderKind(Enum):
    PACK = strawberry.enum_value("PACK", description="A pack of credits, bought once.")
    PLAN = strawberry.enum_value("PLAN", description="The start of a subscription to a plan.")


@strawberry.enum(description="How far an order is.")
class OrderStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Its checkout waits for the person.")
    PROCESSING = strawberry.enum_value("PROCESSING", description="The money is on its way, which can take days.")
    PAID = strawberry.enum_value("PAID", description="Paid; the credits of a pack are in the wallet.")
    FAILED = strawberry.enum_value("FAILED", description="The payment did not succeed.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Nobody paid in time.")
    PARTLY_REFUNDED = strawberry.enum_value(
        "PARTLY_REFUNDED", description="A part of the money went back, and with it a part of the credits."
    )
    REFUNDED = strawberry.enum_value("REFUNDED", description="All the money went back, and with it the credits.")


@strawberry.enum(description="A page of the billing portal.")
class BillingPortalPage(Enum):
    OVERVIEW = strawberry.enum_value("OVERVIEW", description="Everything there is.")
    PAYMENT_METHOD = strawberry.enum_value("PAYMENT_METHOD", description="Changing the card or account that pays.")
    CANCELATION = strawberry.enum_value("CANCELATION", description="Ending the subscription.")


@strawberry.type(description="One purchase. Card data is never part of it; people type them into the gateway's pages.")
class Order(relay.Node):
    id: relay.NodeID[str]
    kind: OrderKind = strawberry.field(description="What was ordered.")
    item_id: str = strawberry.field(description="The id of the pack or plan.")
    item_name: str = strawberry.field(description="Its name when the order was made.")
    status: OrderStatus = strawberry.field(description="How far the order is.")
    credits: int = strawberry.field(description="Credits of the pack, or of each month of the plan.")
    amount_cents: int = strawberry.field(description="Its price in hundredths of the currency.")
    refunded_cents: int = strawberry.field(description="What went back so far, disputed payments included.")
    currency: str = strawberry.field(description="The currency, ISO 4217 in lower case.")
    created_at: datetime = strawberry.field(description="When it was ordered.")

    @classmethod
    def of(cls, order: OrderModel) -> Self:
        item = order.item
        return cls(
            id=order.id,
            kind=OrderKind(item.kind.value),
            item_id=item.id,
            item_name=item.name,
            status=OrderStatus(order.status.value),
            credits=item.credits,
            amount_cents=item.amount_cents,
            refunded_cents=order.returned_cents,
            currency=item.currency,
            created_at=order.created_at,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(OrderLoader).load_many(list(node_ids))
        return [None if order is None else cls.of(order) for order in found]


def checkout_url(order: OrderModel) -> URL:
    """Where the person pays."""
    return URL(str(order.checkout_url))


@strawberry.type(description="You pay for a plan already. Change or end it in the billing portal.")
class AlreadySubscribed(Problem):
    plan_key: str = strawberry.field(description="The plan's `key`.")

    @classmethod
    def of(cls, error: errors.AlreadySubscribed) -> "AlreadySubscribed":
        return cls(code=ProblemCode.ALREADY_SUBSCRIBED, message=error.message, plan_key=error.plan_id)


@strawberry.type(description="This server sells nothing.")
class PaymentsNotSetUp(Problem):
    pass


@strawberry.type(description="Nothing was bought with this account yet, so there is no billing to manage.")
class NoBillingAccount(Problem):
    pass


HANDLERS = (
    ProblemHandler(errors.AlreadySubscribed, AlreadySubscribed),
    ProblemHandler(errors.PaymentsNotSetUp, PaymentsNotSetUp),
    ProblemHandler(errors.NoBillingAccount, NoBillingAccount),
)
