"""Orders of the caller, many ids in one query."""

from domain.payments.model import Order
from domain.payments.services.sell import PaymentSales
from graphql_api.core.context import AreaLoader


class OrderLoader(AreaLoader[str, Order | None]):
    async def load_batch(self, keys: list[str]) -> list[Order | None]:
        found = await self.context.service(PaymentSales).orders_by_id(self.context.caller, keys)
        return [found.get(key) for key in keys]
