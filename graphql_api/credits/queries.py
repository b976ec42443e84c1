"""Reading one's credits, and what can be bought."""

from typing import Annotated

import strawberry

from domain.credits.model import Transfer
from domain.credits.services.wallets import CreditWallets
from graphql_api.core.connections import DEFAULT_PAGE, Connection, connection, page_request
from graphql_api.core.context import Info
from graphql_api.credits.types import CreditPack, CreditPlan, Credits, CreditTransfer


@strawberry.type
class CreditQuery:
    @strawberry.field(description="Your credits as they are now.")
    async def credits(self, info: Info) -> Credits:
        return Credits.of(await info.context.service(CreditWallets).balance(info.context.caller))

    @strawberry.field(description="Every movement of your credits, newest first.")
    async def credit_history(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = DEFAULT_PAGE,
        after: Annotated[str | None, strawberry.argument(description="A cursor to go on behind.")] = None,
    ) -> Connection[CreditTransfer]:
        request = page_request(first, after)
        page = await info.context.service(CreditWallets).history(info.context.caller, request)
        return connection(page, request, CreditTransfer.of, _position)

    @strawberry.field(description="The plans, from the smallest to the largest.")
    async def credit_plans(self, info: Info) -> list[CreditPlan]:
        return [CreditPlan.of(plan) for plan in info.context.service(CreditWallets).plans()]

    @strawberry.field(description="The packs that can be bought.")
    async def credit_packs(self, info: Info) -> list[CreditPack]:
        return [CreditPack.of(pack) for pack in info.context.service(CreditWallets).packs()]


def _position(transfer: Transfer) -> str:
    return transfer.id
