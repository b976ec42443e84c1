"""Endpoints and deliveries of the caller, many ids in one query."""

from domain.webhooks.model import Delivery, Endpoint
from domain.webhooks.services.look_back import WebhookHistory
from domain.webhooks.services.manage import WebhookEndpoints
from graphql_api.core.context import AreaLoader


class EndpointLoader(AreaLoader[str, Endpoint | None]):
    async def load_batch(self, keys: list[str]) -> list[Endpoint | None]:
        found = await self.context.service(WebhookEndpoints).by_ids(self.context.caller, keys)
        return [found.get(key) for key in keys]


class DeliveryLoader(AreaLoader[str, Delivery | None]):
    async def load_batch(self, keys: list[str]) -> list[Delivery | None]:
        found = await self.context.service(WebhookHistory).by_ids(self.context.caller, keys)
        return [found.get(key) for key in keys]
