"""A person's webhook endpoints and what was sent to them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.kit.personal_data import Erasure, PersonalData
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore


class WebhookPersonalData(PersonalData):
    """Secrets are not given out: they were shown once."""

    def __init__(self, endpoints: EndpointStore, deliveries: DeliveryStore) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries

    async def export(self, account_id: str, links_live: timedelta) -> Mapping[str, Any]:
        return {
            "endpoints": await self._endpoints.dump(account_id),
            "deliveries": await self._deliveries.dump(account_id),
        }

    async def erase(self, erasure: Erasure) -> None:
        await self._endpoints.erase(erasure.account_id)
        await self._deliveries.erase(erasure.account_id)
