"""Reading one's own orders."""

from typing import Annotated

import strawberry

from domain.payments.model import Order as OrderModel
from domain.payments.services.sell import PaymentSales
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.payments.types import Order


@strawberry.type
class PaymentQuery:
    @strawberry.field(description="Your orders, newest first.")
    async def orders(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[Order]:
        request = page_request(first, after)
        page = await info.context.service(PaymentSales).orders(info.context.caller, request)
        return connection(page, request, Order.of, _order_position)


def _order_position(order: OrderModel) -> str:
    return order.id
