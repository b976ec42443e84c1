"""What an owner does with endpoints: register, change, remove, rotate the secret, look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from domain.idempotency.model import key_issues, keyed_call
from domain.idempotency.service import Idempotency
from domain.kit.caller import Caller, Scope
from domain.kit.clock import Clock
from domain.kit.errors import NotFound, ValidationFailed
from domain.kit.ids import new_id
from domain.kit.paging import Page, PageRequest
from domain.kit.transactions import DuplicateKey, Session
from domain.webhooks.destinations import Destinations
from domain.webhooks.errors import TooManyWebhookEndpoints
from domain.webhooks.model import (
    MAX_ENDPOINTS,
    OLD_SECRET_LIVES,
    Endpoint,
    EndpointStatus,
    Secret,
    WebhookEvent,
    endpoint_issues,
)
from domain.webhooks.sealing import EndpointSealer
from domain.webhooks.signing import new_secret
from domain.webhooks.stores.deliveries import DeliveryStore
from domain.webhooks.stores.endpoints import EndpointStore

log = structlog.get_logger()


@dataclass(frozen=True)
class EndpointChanges:
    """What is None stays as it is."""

    url: str | None = None
    events: Sequence[WebhookEvent] | None = None
    description: str | None = None
    is_enabled: bool | None = None


@dataclass(frozen=True)
class WithSecret:
    """An endpoint and its current secret, which is shown when it is made and never again."""

    endpoint: Endpoint
    secret: str


class WebhookEndpoints:
    """The caller's own endpoints. All calls raise `Unauthenticated`."""

    def __init__(
        self,
        endpoints: EndpointStore,
        deliveries: DeliveryStore,
        sealer: EndpointSealer,
        destinations: Destinations,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._deliveries = deliveries
        self._sealer = sealer
        self._destinations = destinations
        self._idempotency = idempotency
        self._clock = clock

    async def create(
        self, caller: Caller, url: str, events: Sequence[WebhookEvent], description: str, key: str | None
    ) -> WithSecret:
        """Raises `ValidationFailed`, `TooManyWebhookEndpoints` and `IdempotencyConflict`.

        A repeated call gets the same endpoint with its current secret; `NotFound` when it was removed since.
        """
        owner_id = caller.require(Scope.WEBHOOKS)
        chosen = tuple(dict.fromkeys(events))
        self._check(url, chosen, description, key)
        secret = new_secret()
        endpoint = Endpoint(
            id=new_id(),
            owner_id=owner_id,
            url=url,
            events=chosen,
            description=description,
            status=EndpointStatus.ENABLED,
            secrets=(Secret(self._sealer.seal(secret), None),),
            created_at=self._clock.now(),
        )
        given = {"url": url, "events": [event.value for event in chosen], "description": description}
        call = keyed_call(owner_id, key, "createWebhookEndpoint", given)

        async def work(session: Session) -> Sequence[str]:
            slot = await self._endpoints.free_slot(owner_id, session)
            if slot is None:
                raise TooManyWebhookEndpoints(MAX_ENDPOINTS)
            await self._endpoints.insert(endpoint, slot, session)
            return [endpoint.id]

        for _ in range(MAX_ENDPOINTS):
            try:
                (endpoint_id,), made = await self._idempotency.once(call, work)
            except DuplicateKey:
                # somebody else took the slot at the same moment
                continue
            return WithSecret(endpoint, secret) if made else await self._with_secret(owner_id, endpoint_id)
        raise TooManyWebhookEndpoints(MAX_ENDPOINTS)

    async def update(self, caller: Caller, endpoint_id: str, changes: EndpointChanges) -> Endpoint:
        """Raises `ValidationFailed` and `NotFound`. Enabling it gives it a fresh start."""
        owner_id = caller.require(Scope.WEBHOOKS)
        issues = endpoint_issues(changes.events, changes.description)
        if changes.url is not None:
            issues = [*self._destinations.issues(changes.url), *issues]
        if issues:
            raise ValidationFailed(issues)
        changed = await self._endpoints.update_owned(owner_id, endpoint_id, self._fields(changes))
        endpoint = _found(changed, endpoint_id)
        if changes.is_enabled is False:
            await self._deliveries.give_up_all(endpoint_id)
        return endpoint

    async def delete(self, caller: Caller, endpoint_id: str) -> None:
        """Removes it with its deliveries; raises `NotFound`."""
        owner_id = caller.require(Scope.WEBHOOKS)
        if not await self._endpoints.delete_owned(owner_id, endpoint_id):
            raise NotFound("webhook endpoint", endpoint_id)
        await self._deliveries.remove_all(owner_id, endpoint_id)

    async def rotate(self, caller: Caller, endpoint_id: str) -> WithSecret:
        """A new secret; the one before signs beside it for another day. Raises `NotFound`."""
        owner_id = caller.require(Scope.WEBHOOKS)
        secret = new_secret()
        expires_at = self._clock.now() + OLD_SECRET_LIVES
        rotated = await self._endpoints.rotate_owned(owner_id, endpoint_id, self._sealer.seal(secret), expires_at)
        return WithSecret(_found(rotated, endpoint_id), secret)

    async def page(self, caller: Caller, page: PageRequest) -> Page[Endpoint]:
        return await self._endpoints.page_owned(caller.require(Scope.WEBHOOKS), page)

    async def by_ids(self, caller: Caller, ids: Sequence[str]) -> dict[str, Endpoint]:
        """The caller's own among these, in one query."""
        return await self._endpoints.find_many_owned(caller.require(Scope.WEBHOOKS), ids)

    def _check(self, url: str, events: Sequence[WebhookEvent], description: str, key: str | None) -> None:
        issues = [*self._destinations.issues(url), *endpoint_issues(events, description), *key_issues(key)]
        if issues:
            raise ValidationFailed(issues)

    def _fields(self, changes: EndpointChanges) -> Mapping[str, Any]:
        fields: dict[str, Any] = {}
        if changes.url is not None:
            fields["url"] = changes.url
        if changes.events is not None:
            fields["events"] = [event.value for event in dict.fromkeys(changes.events)]
        if changes.description is not None:
            fields["description"] = changes.description
        if changes.is_enabled is not None:
            fields["status"] = EndpointStatus.ENABLED if changes.is_enabled else EndpointStatus.DISABLED_BY_OWNER
            fields["disabled_at"] = None if changes.is_enabled else self._clock.now()
        return fields

    async def _with_secret(self, owner_id: str, endpoint_id: str) -> WithSecret:
        endpoint = _found(await self._endpoints.find_owned(owner_id, endpoint_id), endpoint_id)
        return WithSecret(endpoint, self._sealer.open(endpoint.secrets[0].sealed))


def _found(endpoint: Endpoint | None, endpoint_id: str) -> Endpoint:
    if endpoint is None:
        raise NotFound("webhook endpoint", endpoint_id)
    return endpoint
