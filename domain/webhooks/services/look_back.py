"""What an owner does with deliveries: look at them, send a test, send one or all missed ones again."""

from collections.abc import Sequence
from datetime import datetime

from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.webhooks.errors import WebhookEndpointDisabled
from domain.webhooks.model import TEST_TYPE, Delivery, DeliveryStatus, Endpoint
from domain.webhooks.payload import sample_body
from domain.webhooks.services.bell import WebhookBell
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore


class WebhookHistory:
    """The deliveries of the caller's own endpoints. All calls raise `Unauthenticated`."""

    def __init__(self, endpoints: EndpointStore, deliveries: DeliveryStore, bell: WebhookBell, clock: Clock) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._bell = bell
        self._clock = clock

    async def page(
        self, caller: Caller, endpoint_id: str, status: DeliveryStatus | None, page: PageRequest
    ) -> Page[Delivery]:
        return await self._deliveries.page_owned(caller.require(Scope.WEBHOOKS), endpoint_id, status, page)

    async def by_ids(self, caller: Caller, ids: Sequence[str]) -> dict[str, Delivery]:
        """The caller's own among these, in one query."""
        return await self._deliveries.find_many_owned(caller.require(Scope.WEBHOOKS), ids)

    async def send_test(self, caller: Caller, endpoint_id: str) -> Delivery:
        """Lines a test up, also for an endpoint that is disabled; one that still waits is not doubled.

        Raises `NotFound`.
        """
        endpoint = await self._endpoint(caller, endpoint_id)
        test = await self._deliveries.waiting_test(endpoint.owner_id, endpoint.id)
        if test is None:
            test = _test_delivery(endpoint, self._clock.now())
            await self._deliveries.insert([test])
        await self._bell.ring()
        return test

    async def redeliver(self, caller: Caller, delivery_id: str) -> Delivery:
        """Sends a message again, under the id it had. Raises `NotFound` and `WebhookEndpointDisabled`."""
        owner_id = caller.require(Scope.WEBHOOKS)
        found = await self._deliveries.find_owned(owner_id, delivery_id)
        if found is None:
            raise NotFound("webhook delivery", delivery_id)
        if not found.is_test:
            await self._enabled_endpoint(caller, found.endpoint_id)
        again = await self._deliveries.line_up_again(owner_id, delivery_id, self._clock.now())
        await self._bell.ring()
        return again or found

    async def replay(self, caller: Caller, endpoint_id: str, since: datetime) -> int:
        """Sends again what was given up since then, and missed while the endpoint was disabled; returns how much.

        Raises `NotFound` and `WebhookEndpointDisabled`.
        """
        endpoint = await self._enabled_endpoint(caller, endpoint_id)
        count = await self._deliveries.line_up_failed(endpoint.owner_id, endpoint.id, since, self._clock.now())
        await self._bell.ring()
        return count

    async def _enabled_endpoint(self, caller: Caller, endpoint_id: str) -> Endpoint:
        endpoint = await self._endpoint(caller, endpoint_id)
        if not endpoint.is_enabled:
            raise WebhookEndpointDisabled(endpoint_id)
        return endpoint

    async def _endpoint(self, caller: Caller, endpoint_id: str) -> Endpoint:
        endpoint = await self._endpoints.find_owned(caller.require(Scope.WEBHOOKS), endpoint_id)
        if endpoint is None:
            raise NotFound("webhook endpoint", endpoint_id)
        return endpoint


def _test_delivery(endpoint: Endpoint, now: datetime) -> Delivery:
    return Delivery(
        id=new_id(),
        endpoint_id=endpoint.id,
        owner_id=endpoint.owner_id,
        type=TEST_TYPE,
        job_id=None,
        body=sample_body(now),
        status=DeliveryStatus.PENDING,
        due_at=now,
        created_at=now,
    )
